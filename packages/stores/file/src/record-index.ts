// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type CallOptions, isRmtcError } from "@rmtc/contract";
import { SqliteRecordStore } from "@rmtc/store-sqlite";
import { indexName } from "./index-position.ts";
import { plainFilesIn } from "./list-entries.ts";

/** One index: it is closed when a newer one has taken its place and nobody uses it any more. */
export class RecordIndex {
  readonly generation: number;
  /** The name in its cursors. */
  readonly name: string;
  readonly store: SqliteRecordStore;
  #users = 1;

  private constructor(generation: number, name: string, store: SqliteRecordStore) {
    this.generation = generation;
    this.name = name;
    this.store = store;
  }

  static async open(folder: string, generation: number, options?: CallOptions): Promise<RecordIndex> {
    const store = await SqliteRecordStore.open({ path: join(folder, fileName(generation)) }, options);
    try {
      return new RecordIndex(generation, indexName((await store.head(options)).cursor), store);
    } catch (error) {
      await store[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Makes an empty index in place of whatever is there. */
  static async create(folder: string, generation: number): Promise<RecordIndex> {
    for (const end of fileEnds) await rm(join(folder, fileName(generation) + end), { force: true });
    return RecordIndex.open(folder, generation);
  }

  /** Removes the files of every other index; one that somebody still has open goes with the last reader. */
  static async removeOthers(folder: string, generation: number): Promise<void> {
    const kept = fileEnds.map((end) => fileName(generation) + end);
    for (const name of await plainFilesIn(folder)) {
      if (!/^records(-\d+)?\.db/.test(name) || kept.includes(name)) continue;
      await rm(join(folder, name), { force: true }).catch(() => undefined);
    }
  }

  /** Keeps the index open until `action` has ended. */
  async use<Result>(action: (store: SqliteRecordStore) => Promise<Result>): Promise<Result> {
    this.#users += 1;
    try {
      return await action(this.store);
    } finally {
      await this.release();
    }
  }

  retain(): void {
    this.#users += 1;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) await this.store[Symbol.asyncDispose]();
  }
}

/** Tells whether an index has to be made anew: it was never the truth. */
export function isIndexBroken(error: unknown): boolean {
  return isRmtcError(error, "RMTC_STORE_DAMAGED", "RMTC_STORE_VERSION_UNKNOWN", "RMTC_FORMAT_INVALID");
}

const fileEnds = ["", "-wal", "-shm", "-journal"];

function fileName(generation: number): string {
  return generation === 0 ? "records.db" : `records-${generation}.db`;
}
