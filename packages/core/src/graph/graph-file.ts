// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { IdTable } from "./id-table.ts";
import { type GraphArrays, type GraphState, lengthOf, ResidentGraph } from "./resident-graph.ts";

const format = "rmtc-resident-graph";
const version = 1;
const longestHeaderBytes = 64 * 1024 * 1024;
/** Bytes that are hashed before the event loop gets a turn. */
const bytesPerTurn = 8 * 1024 * 1024;

/** The arrays in the order in which they stand in the file. */
const layout = [
  ["kind", Uint8Array],
  ["digest", Uint8Array],
  ["start", Uint32Array],
  ["target", Int32Array],
  ["relation", Uint8Array],
  ["owner", Uint32Array],
  ["lastIn", Int32Array],
  ["nextIn", Int32Array],
] as const;

interface Header extends Omit<GraphState, "arrays" | "ids"> {
  readonly format: typeof format;
  readonly version: typeof version;
  readonly recordCount: number;
  readonly seed: number;
  /** The slots of each section of the table of ids. */
  readonly slotCounts: readonly number[];
  readonly crc32: number;
}

/** Writes a graph beside the old file and puts it in its place, so that a crash leaves one of the two. */
export async function saveGraph(graph: ResidentGraph, path: string): Promise<void> {
  const { arrays, ids, linkCount, ...rest } = graph.state;
  const recordCount = ids.count;
  const parts = [
    ...layout.map(([name]) => cut(arrays[name], lengthOf(name, recordCount, linkCount))),
    cut(ids.words, 4 * recordCount),
    ...ids.sections,
  ].map((part) => Buffer.copyBytesFrom(part));
  const header: Header = {
    format,
    version,
    recordCount,
    linkCount,
    seed: ids.seed,
    slotCounts: ids.sections.map((section) => section.length),
    crc32: await checksum(parts),
    ...rest,
  };
  const head = Buffer.from(`${JSON.stringify(header)}\n`);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(head.byteLength));
  const temporary = join(dirname(path), `.graph-${randomUUID()}`);
  try {
    const file = await open(temporary, "wx");
    try {
      for (const part of [size, head, ...parts]) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Reads a graph, or returns `undefined` where there is none that is whole and of this version. */
export async function loadGraph(path: string): Promise<ResidentGraph | undefined> {
  try {
    const file = await open(path, "r");
    try {
      const size = Buffer.alloc(8);
      await readFully(file, size);
      const headBytes = Number(size.readBigUInt64LE());
      if (headBytes > longestHeaderBytes) return undefined;
      const head = Buffer.alloc(headBytes);
      await readFully(file, head);
      const header = JSON.parse(head.toString()) as Header;
      if (header.format !== format || header.version !== version) return undefined;
      const { recordCount, linkCount } = header;
      const lengths = layout.map(
        ([name, Type]) => lengthOf(name, recordCount, linkCount) * Type.BYTES_PER_ELEMENT,
      );
      lengths.push(16 * recordCount, ...header.slotCounts.map((count) => 4 * count));
      const { size: fileBytes } = await file.stat();
      if (fileBytes !== lengths.reduce((sum, length) => sum + length, 8 + headBytes)) return undefined;
      const parts: Buffer<ArrayBuffer>[] = [];
      for (const length of lengths) {
        const part = Buffer.from(new ArrayBuffer(length));
        await readFully(file, part);
        parts.push(part);
      }
      if ((await checksum(parts)) !== header.crc32) return undefined;
      const arrays = Object.fromEntries(
        layout.map(([name, Type], index) => [name, new Type((parts[index] as Buffer<ArrayBuffer>).buffer)]),
      ) as unknown as GraphArrays;
      const [words, ...sections] = parts.slice(layout.length).map((part) => new Uint32Array(part.buffer));
      if (words === undefined) return undefined;
      const ids = new IdTable({ words, sections, seed: header.seed, count: recordCount });
      return new ResidentGraph({ ...header, arrays, ids });
    } finally {
      await file.close();
    }
  } catch {
    // What cannot be read is made again from the store, which is what counts.
    return undefined;
  }
}

function cut<T extends Uint8Array | Uint32Array | Int32Array>(array: T, length: number): T {
  return array.subarray(0, length) as T;
}

async function checksum(parts: readonly Uint8Array[]): Promise<number> {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.byteLength; at += bytesPerTurn) {
      sum = crc32(part.subarray(at, at + bytesPerTurn), sum);
      await setImmediate();
    }
  }
  return sum;
}

async function readFully(file: Awaited<ReturnType<typeof open>>, buffer: Buffer): Promise<void> {
  let at = 0;
  while (at < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, at);
    if (bytesRead === 0) throw new RangeError("The file ends early.");
    at += bytesRead;
  }
}
