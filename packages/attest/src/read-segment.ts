// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isUtf8 } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import { type CallOptions, RmtcError } from "@rmtc/contract";
import type { SegmentReference } from "@rmtc/spec";
import { MerkleRoot } from "./merkle-tree.ts";
import { parseSegmentLine, type ReadSegmentLine } from "./segment-line.ts";
import { digestFromBytes, digestToBytes } from "./sha256.ts";

const maxLineBytes = 1024 * 1024;
const batchLines = 256;

/**
 * Reads a segment's bytes in batches of lines, and checks them against its reference.
 *
 * A segment whose erased items are bare leaves has the same root as the one it took the place of. Nothing that
 * was read may be trusted before the generator has ended without an error: the root is known only then.
 *
 * @throws RMTC_DOCUMENT_INVALID when a line is not a line of a segment.
 * @throws RMTC_DIGEST_MISMATCH when the lines do not have the reference's count and root.
 * @throws RMTC_LIMIT_EXCEEDED when a line is longer than 1 MiB.
 */
export async function* readSegment(
  chunks: AsyncIterable<Uint8Array>,
  reference: Pick<SegmentReference, "count" | "root">,
  options: CallOptions = {},
): AsyncGenerator<readonly ReadSegmentLine[]> {
  const tree = new MerkleRoot();
  let batch: ReadSegmentLine[] = [];
  for await (const line of splitLines(chunks)) {
    const read = parseSegmentLine(line);
    tree.append(digestToBytes(read.leaf));
    if (tree.size > reference.count) throw mismatch(reference, `it has more than ${reference.count} lines`);
    batch.push(read);
    if (batch.length === batchLines) {
      yield batch;
      batch = [];
      await setImmediate(undefined, options);
    }
  }
  if (batch.length > 0) yield batch;
  if (tree.size !== reference.count)
    throw mismatch(reference, `it has ${tree.size} of ${reference.count} lines`);
  const root = digestFromBytes(tree.root());
  if (root !== reference.root) throw mismatch(reference, `its lines have the root ${root}`);
}

async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10, start); end >= 0; end = bytes.indexOf(10, start)) {
      yield decode(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > maxLineBytes) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `A line of a dataset segment is longer than ${maxLineBytes} bytes.`,
      );
    }
  }
  if (rest.length > 0) throw new RmtcError("RMTC_DOCUMENT_INVALID", "A dataset segment ends within a line.");
}

function decode(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new RmtcError("RMTC_DOCUMENT_INVALID", "A line of a dataset segment is not UTF-8.");
}

function mismatch(reference: Pick<SegmentReference, "root">, reason: string): RmtcError {
  return new RmtcError(
    "RMTC_DIGEST_MISMATCH",
    `The dataset segment ${reference.root} is not whole: ${reason}.`,
    {
      subject: reference.root,
    },
  );
}
