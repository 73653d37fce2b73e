// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { type FileStamp, sameStamp } from "./file-stamp.ts";
import { isSystemError } from "./fs-error.ts";

/** A file that is registered in place. */
export interface Reference {
  readonly path: string;
  readonly stamp: FileStamp;
}

/** One line of a reference file; the numbers that JSON cannot hold are decimal texts. */
interface ReferenceLine {
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly sizeBytes: number;
  readonly modifiedNs: string;
  readonly changedNs: string;
}

/**
 * Reads the places where one blob is registered, the newest first. A line that a killed process left half
 * written is skipped.
 */
export function readReferences(file: string): readonly Reference[] {
  try {
    return parseReferences(readFileSync(file, "utf8"));
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}

/**
 * Adds a place to a reference file, unless it says so already. Appending leaves the other places alone when
 * several processes do it at once. Returns whether it wrote anything.
 */
export function addReference(file: string, reference: Reference): boolean {
  const descriptor = openSync(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o644);
  try {
    const { path, stamp } = reference;
    const references = parseReferences(readFileSync(descriptor, "utf8"));
    const known = references.find((other) => other.path === path);
    if (known !== undefined && sameStamp(known.stamp, stamp)) return false;
    const line: ReferenceLine = {
      path,
      device: String(stamp.device),
      inode: String(stamp.inode),
      sizeBytes: stamp.sizeBytes,
      modifiedNs: String(stamp.modifiedNs),
      changedNs: String(stamp.changedNs),
    };
    // The line break comes first too, so that the line stands alone after one that was cut off.
    writeSync(descriptor, `\n${JSON.stringify(line)}\n`);
    return true;
  } finally {
    closeSync(descriptor);
  }
}

function parseReferences(text: string): readonly Reference[] {
  const byPath = new Map<string, Reference>();
  for (const line of text.split("\n").reverse()) {
    const reference = parseLine(line);
    if (reference !== undefined && !byPath.has(reference.path)) byPath.set(reference.path, reference);
  }
  return [...byPath.values()];
}

function parseLine(text: string): Reference | undefined {
  if (text === "") return undefined;
  try {
    const line = JSON.parse(text) as ReferenceLine;
    if (typeof line.path !== "string" || typeof line.sizeBytes !== "number") return undefined;
    return {
      path: line.path,
      stamp: {
        device: BigInt(line.device),
        inode: BigInt(line.inode),
        sizeBytes: line.sizeBytes,
        modifiedNs: BigInt(line.modifiedNs),
        changedNs: BigInt(line.changedNs),
      },
    };
  } catch {
    return undefined;
  }
}
