// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import {
  type CallOptions,
  type ChangeCursor,
  type ChangesRequest,
  type ChangesResult,
  type ClosurePage,
  type ClosureRequest,
  type CountRequest,
  type CountResult,
  type EdgesRequest,
  type EdgesResult,
  type EraseRequest,
  type EraseResult,
  type FindRequest,
  type FindResult,
  type GetRequest,
  type GetResult,
  type PutRequest,
  type PutResult,
  type RecordStore,
  type RecordStoreCapabilities,
  RmtcError,
  type StoredRecord,
  type VerifyPage,
  type VerifyRequest,
} from "@rmtc/contract";
import { checkCount, checkQuery } from "@rmtc/query";
import { siblingModule } from "@rmtc/wire";
import type { PackedErasure } from "./erase-parts.ts";
import type { PackedFind } from "./find-records.ts";
import { type PackedChanges, unpackChanges } from "./list-changes.ts";
import { ClosureUnpacker, type PackedClosurePage } from "./packed-closure.ts";
import { type PackedRecord, unpackRecord } from "./packed-record.ts";
import { readAhead } from "./read-ahead.ts";
import type { SqliteOptions } from "./sqlite-options.ts";
import { StoreThread } from "./store-thread.ts";

/** Records in one message to the thread: what can be cloned without anyone noticing a pause. */
const recordsPerMessage = 500;
/** After which the event loop gets a turn. */
const turnMilliseconds = 10;

/**
 * Holds records in one SQLite file, which several processes may use at once.
 *
 * Everything but the unpacking of answers happens in a thread of its own.
 *
 * @example
 * await using store = await SqliteRecordStore.open({ path: ".rmtc/catalog.db" });
 * await store.put({ records: [makeRecord({ kind: "asset", name: "plate" })] });
 */
export class SqliteRecordStore implements RecordStore {
  readonly name: string = "sqlite";
  readonly capabilities: RecordStoreCapabilities = {
    durable: true,
    concurrentWriters: true,
    maxPutRecords: 10_000,
  };
  readonly #thread: StoreThread;
  #puts = 0;

  private constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  /**
   * Opens a store, creating its file if need be.
   *
   * @throws RMTC_NOT_FOUND when the file's folder does not exist.
   * @throws RMTC_ACCESS_DENIED when this user may not write there.
   * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version wrote the file.
   * @throws RMTC_FORMAT_INVALID when the file is a database of something else.
   * @throws RMTC_STORE_DAMAGED when the file is no database.
   */
  static async open(options: SqliteOptions, callOptions: CallOptions = {}): Promise<SqliteRecordStore> {
    const module = siblingModule(import.meta.url, "record-thread");
    return new SqliteRecordStore(await StoreThread.open(module, options, callOptions));
  }

  async put({ records, partition = "" }: PutRequest, options?: CallOptions): Promise<PutResult> {
    this.#thread.check(options);
    if (records.length > this.capabilities.maxPutRecords) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `A put takes ${this.capabilities.maxPutRecords} records, not ${records.length}; split it.`,
        { pointer: "/records" },
      );
    }
    this.#puts += 1;
    const put = this.#puts;
    const staging: Promise<void>[] = [];
    let start = 0;
    try {
      for (; records.length - start > recordsPerMessage; start += recordsPerMessage) {
        const slice = records.slice(start, start + recordsPerMessage);
        const stage = this.#thread.call<void>("stage", { put, records: slice }, options);
        // It is awaited below; until then nobody listens.
        stage.catch(() => undefined);
        staging.push(stage);
        await setImmediate();
      }
      await Promise.all(staging);
      return await this.#thread.call("put", { put, records: records.slice(start), partition }, options);
    } catch (error) {
      if (staging.length > 0) await this.#thread.call("discard", { put }, undefined).catch(() => undefined);
      throw error;
    }
  }

  async get({ ids, parts }: GetRequest, options?: CallOptions): Promise<GetResult> {
    this.#thread.check(options);
    const records: (StoredRecord | null)[] = [];
    for (let start = 0; start < ids.length; start += recordsPerMessage) {
      const request = { ids: ids.slice(start, start + recordsPerMessage), parts };
      const packed = await this.#thread.call<readonly (PackedRecord | null)[]>("get", request, options);
      records.push(...packed.map((one) => one && unpackRecord(one)));
    }
    return { records };
  }

  async find(request: FindRequest, options?: CallOptions): Promise<FindResult> {
    this.#thread.check(options);
    checkQuery(request);
    const { asOf, next, ...found } = await this.#thread.call<PackedFind>("find", request, options);
    const records: StoredRecord[] = [];
    let turn = performance.now();
    for (const packed of found.records) {
      records.push(unpackRecord(packed));
      if (performance.now() - turn < turnMilliseconds) continue;
      await setImmediate();
      this.#thread.check(options);
      turn = performance.now();
    }
    return next === undefined ? { records, asOf } : { records, asOf, next };
  }

  async count(request: CountRequest, options?: CallOptions): Promise<CountResult> {
    this.#thread.check(options);
    checkCount(request);
    return this.#thread.call("count", request, options);
  }

  async edges(request: EdgesRequest, options?: CallOptions): Promise<EdgesResult> {
    this.#thread.check(options);
    checkLimit(request.limit, "/limit");
    return this.#thread.call("edges", request, options);
  }

  async *closure(request: ClosureRequest, options?: CallOptions): AsyncGenerator<ClosurePage, void> {
    this.#thread.check(options);
    if (request.pageSize !== undefined) checkLimit(request.pageSize, "/pageSize");
    const unpacker = new ClosureUnpacker(request.direction);
    const pages = this.#thread.stream<PackedClosurePage>("closure", request, options);
    for await (const page of readAhead(pages)) yield unpacker.unpack(page);
  }

  async changes({ cursor, limit }: ChangesRequest, options?: CallOptions): Promise<ChangesResult> {
    this.#thread.check(options);
    checkLimit(limit, "/limit");
    return unpackChanges(
      await this.#thread.call<PackedChanges>("changes", { cursor, limit }, options),
      cursor,
    );
  }

  async head(options?: CallOptions): Promise<{ readonly cursor: ChangeCursor }> {
    return { cursor: await this.#thread.call<string>("head", undefined, options) };
  }

  async erase(request: EraseRequest, options?: CallOptions): Promise<EraseResult> {
    const { stored, cursor } = await this.#thread.call<PackedErasure>("erase", request, options);
    return { stored: unpackRecord(stored), cursor };
  }

  async *verify(request: VerifyRequest, options?: CallOptions): AsyncGenerator<VerifyPage, void> {
    yield* this.#thread.stream<VerifyPage>("verify", request, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.close();
  }
}

function checkLimit(limit: number, pointer: string): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 10_000) return;
  throw new RmtcError("RMTC_QUERY_INVALID", `"${pointer}" must be an integer from 1 to 10000.`, { pointer });
}
