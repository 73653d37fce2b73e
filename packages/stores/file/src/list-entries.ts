// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AppliedEntries } from "./applied-entries.ts";
import {
  type EntryFile,
  entryNumber,
  shardFiles,
  shardOf,
  shardPattern,
  writerPattern,
} from "./entry-name.ts";
import { isMissing } from "./file-error.ts";

/** How the files of a folder differ from those that are in the index. */
export interface EntryListing {
  readonly added: readonly EntryFile[];
  readonly gone: readonly EntryFile[];
  /** One more than the highest number of each writer in the folders that were looked at. */
  readonly ends: ReadonlyMap<string, number>;
}

/**
 * Compares the files under `records/` with those that are in the index. Full folders are passed over, unless
 * `thorough` asks for their files to be counted.
 */
export async function listEntries(
  records: string,
  applied: AppliedEntries,
  thorough: boolean,
): Promise<EntryListing> {
  const added: EntryFile[] = [];
  const gone: EntryFile[] = [];
  const ends = new Map<string, number>();
  const counts = new Map(applied.shards().map(({ writer, shard, files }) => [`${writer}/${shard}`, files]));
  const full = (key: string): boolean => (counts.get(key) ?? 0) >= shardFiles;
  for (const writer of await foldersIn(records, writerPattern)) {
    const shards = await foldersIn(join(records, writer), shardPattern);
    await Promise.all(
      shards.map(async (shard) => {
        const key = `${writer}/${shard}`;
        const count = counts.get(key) ?? 0;
        counts.delete(key);
        const end = (Number(shard) + 1) * shardFiles;
        if (count >= shardFiles && !thorough) {
          ends.set(writer, Math.max(ends.get(writer) ?? 0, end));
          return;
        }
        const files = await filesIn(join(records, writer, shard), writer, shard);
        for (const { number } of files) ends.set(writer, Math.max(ends.get(writer) ?? 0, number + 1));
        if (count >= shardFiles && files.length === count) return;
        const names = applied.names(writer, shard);
        const fresh = files.filter(({ name }) => !names.has(name));
        added.push(...fresh);
        if (files.length - fresh.length === names.size) return;
        const there = new Set(files.map(({ name }) => name));
        gone.push(...filesOf(writer, names).filter(({ name }) => !there.has(name)));
      }),
    );
  }
  for (const key of counts.keys()) {
    const [writer = "", shard = ""] = key.split("/");
    if (thorough || !full(key)) gone.push(...filesOf(writer, applied.names(writer, shard)));
  }
  return { added: added.sort(inOrder), gone, ends };
}

/** Every file under `records/`, folder by folder. */
export async function* allEntries(records: string): AsyncGenerator<readonly EntryFile[], void> {
  for (const writer of await foldersIn(records, writerPattern)) {
    for (const shard of await foldersIn(join(records, writer), shardPattern)) {
      yield (await filesIn(join(records, writer, shard), writer, shard)).sort(inOrder);
    }
  }
}

/** Names of the folders in a folder, in order; links are none. */
export async function foldersIn(path: string, pattern: RegExp): Promise<readonly string[]> {
  const found = await entriesIn(path);
  return found
    .filter((one) => one.isDirectory() && pattern.test(one.name))
    .map(({ name }) => name)
    .sort();
}

/** Names of the plain files in a folder, in order; links are none. */
export async function plainFilesIn(path: string): Promise<readonly string[]> {
  return (await entriesIn(path))
    .filter((one) => one.isFile())
    .map(({ name }) => name)
    .sort();
}

async function entriesIn(path: string): Promise<readonly Dirent[]> {
  return readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}

async function filesIn(path: string, writer: string, shard: string): Promise<EntryFile[]> {
  return filesOf(writer, await plainFilesIn(path)).filter(({ number }) => shardOf(number) === shard);
}

function filesOf(writer: string, names: Iterable<string>): EntryFile[] {
  const files: EntryFile[] = [];
  for (const name of names) {
    const number = entryNumber(name);
    if (number !== undefined) files.push({ writer, number, name });
  }
  return files;
}

function inOrder(a: EntryFile, b: EntryFile): number {
  if (a.writer !== b.writer) return a.writer < b.writer ? -1 : 1;
  return a.number - b.number || (a.name < b.name ? -1 : 1);
}
