// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BlobStatus } from "@rmtc/contract";
import { blobPath, erasedPath } from "./blob-path.ts";
import { isSystemError } from "./fs-error.ts";
import { readReferences } from "./reference-file.ts";

/** What a mark file, `.evicted` or `.erased`, says. */
export interface BlobMark {
  readonly sizeBytes?: number | undefined;
}

/** Tells the state of a blob by its files: what was erased stays so, whatever else lies there. */
export function readBlobStatus(folder: string, hex: string): BlobStatus {
  const digest = `sha256:${hex}`;
  const erased = readMark(erasedPath(folder, hex));
  if (erased !== undefined) return { digest, state: "erased", ...erased };
  const stored = statSync(blobPath(folder, hex), { throwIfNoEntry: false });
  if (stored !== undefined) return { digest, state: "stored", sizeBytes: stored.size };
  const [reference] = readReferences(blobPath(folder, hex, ".reference"));
  if (reference !== undefined) return { digest, state: "referenced", sizeBytes: reference.stamp.sizeBytes };
  const evicted = readMark(blobPath(folder, hex, ".evicted"));
  if (evicted !== undefined) return { digest, state: "evicted", ...evicted };
  return { digest, state: "neverHeld" };
}

/** Lists the digits of all digests of which anything is known, in order, those after `after` only. */
export function* listHexes(folder: string, after: string | undefined): Generator<string, void> {
  const first = after === undefined ? 0 : Number.parseInt(after.slice(0, 2), 16);
  for (let number = first; number < 256; number += 1) {
    const shard = number.toString(16).padStart(2, "0");
    const rests = new Set<string>();
    for (const name of [
      ...namesIn(join(folder, "sha256", shard)),
      ...namesIn(join(folder, "erased", shard)),
    ]) {
      const [, rest] = /^([0-9a-f]{62})(?:\.reference|\.evicted)?$/.exec(name) ?? [];
      if (rest !== undefined && (after === undefined || shard + rest > after)) rests.add(rest);
    }
    for (const rest of [...rests].sort()) yield shard + rest;
  }
}

function readMark(path: string): BlobMark | undefined {
  try {
    const mark = JSON.parse(readFileSync(path, "utf8")) as BlobMark;
    return typeof mark.sizeBytes === "number" ? { sizeBytes: mark.sizeBytes } : {};
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    // A mark counts by being there.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}
