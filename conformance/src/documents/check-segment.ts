// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isUtf8 } from "node:buffer";
import { maxSegmentItems, parseSegmentLine, segmentRoot } from "@rmtc/attest";
import type { CallOptions } from "@rmtc/contract";
import { type DatasetBody, type DatasetItem, type Digest, validateDocument } from "@rmtc/spec";
import type { PlacedRecord } from "./check-one-record.ts";
import type { FileFindings } from "./file-findings.ts";
import { readLines, tooLong } from "./read-lines.ts";

const maxLineBytes = 1024 * 1024;

/** What was read of a segment; without a root where a line was refused. */
export interface ReadSegment {
  readonly findings: FileFindings;
  readonly count: number;
  readonly root?: Digest;
  /** Every record that an item names. */
  readonly named: ReadonlySet<string>;
}

/** Reads and checks a segment by itself. */
export async function checkSegment(
  path: string,
  findings: FileFindings,
  options: CallOptions,
): Promise<ReadSegment> {
  findings.applies("segment.size", "segment.lines");
  const leaves: Digest[] = [];
  const named = new Set<string>();
  let count = 0;
  for await (const line of readLines(path, maxLineBytes, options)) {
    if (line === tooLong) {
      findings.stop(`Line ${count} is longer than ${maxLineBytes} bytes.`);
      return { findings, count, named };
    }
    if (count === maxSegmentItems) {
      const message = `A segment has at most ${maxSegmentItems} lines.`;
      findings.fail("segment.size", "RMTC_DOCUMENT_INVALID", `/${count}`, message);
      return { findings, count, named };
    }
    const read = readLine(line, findings, `/${count}`);
    count += 1;
    if (read === undefined) continue;
    leaves.push(read.leaf);
    for (const id of namedBy(read.item)) named.add(id);
  }
  return leaves.length === count
    ? { findings, count, root: segmentRoot(leaves), named }
    : { findings, count, named };
}

function readLine(
  line: Buffer,
  findings: FileFindings,
  pointer: string,
): ReturnType<typeof parseSegmentLine> | undefined {
  if (!isUtf8(line)) {
    findings.fail("json.i-json", "RMTC_JSON_INVALID", pointer, "The line is not UTF-8.");
    return undefined;
  }
  try {
    return parseSegmentLine(line.toString("utf8"));
  } catch (error) {
    findings.failBy("segment.lines", error, pointer);
    return undefined;
  }
}

function namedBy(item: DatasetItem | undefined): readonly string[] {
  if (item === undefined) return [];
  const files = Object.values(item.slots).map(({ record }) => record);
  const subjects = (item.subjects ?? []).map(({ subject }) => subject);
  return [...files, ...subjects, ...(item.licenses ?? []), ...(item.consents ?? [])];
}

/** Compares a dataset with those of its segments that are there. */
export function checkSegmentsOf(
  { record, findings, pointer }: PlacedRecord,
  segments: ReadonlyMap<Digest, ReadSegment>,
  byId: ReadonlyMap<string, PlacedRecord>,
): void {
  if (record.kind !== "dataset" || validateDocument("dataset", record.body) !== undefined) return;
  const body = record.body as unknown as DatasetBody;
  const linked = linkedFrom(record, byId);
  for (const [index, { digest, count, root }] of body.segments.entries()) {
    const place = `${pointer}/body/segments/${index}`;
    const segment = segments.get(digest);
    if (segment === undefined) {
      findings.gap(place, `The segment ${digest} is not there.`);
      continue;
    }
    findings.applies("segment.root", "segment.names");
    const wrong = (field: string, message: string): void =>
      findings.fail(
        "segment.root",
        "RMTC_DIGEST_MISMATCH",
        `${place}/${field}`,
        `${segment.findings.file} ${message}.`,
      );
    if (segment.root !== undefined && segment.count !== count) wrong("count", `has ${segment.count} lines`);
    else if (segment.root !== undefined && segment.root !== root)
      wrong("root", `has the root ${segment.root}`);
    const [stray] = linked === undefined ? [] : segment.named.difference(linked);
    if (stray !== undefined) {
      const message = `An item of ${segment.findings.file} names ${stray}, to which neither the dataset nor a part links.`;
      findings.fail("segment.names", "RMTC_DOCUMENT_INVALID", place, message);
    }
  }
}

/** Every record that a dataset and its parts link to; `undefined` where a part is not there. */
function linkedFrom(
  dataset: PlacedRecord["record"],
  byId: ReadonlyMap<string, PlacedRecord>,
): ReadonlySet<string> | undefined {
  const linked = new Set<string>();
  const open = [dataset];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    for (const { rel, to } of part.links) {
      const isNew = !linked.has(to);
      linked.add(to);
      if (rel !== "hasMember" || !isNew) continue;
      const member = byId.get(to)?.record;
      if (member === undefined) return undefined;
      if (member.kind === "dataset") open.push(member);
    }
  }
  return linked;
}
