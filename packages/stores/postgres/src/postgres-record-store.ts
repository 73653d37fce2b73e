// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { checkRecord } from "@rmtc/attest";
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
  type VerifyPage,
  type VerifyRequest,
} from "@rmtc/contract";
import { checkCount, checkQuery } from "@rmtc/query";
import { Catalog } from "./catalog.ts";
import { Database } from "./database.ts";
import { eraseParts } from "./erase-parts.ts";
import { countRecords, findRecords } from "./find-records.ts";
import { listChanges } from "./list-changes.ts";
import { listEdges } from "./list-edges.ts";
import { migrate } from "./migrate.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import { type IncomingRecord, putRecords } from "./put-records.ts";
import { readRecords } from "./read-records.ts";
import { verifyRecords } from "./verify-records.ts";
import { walkClosure } from "./walk-closure.ts";
import { watchChanges } from "./watch-changes.ts";

/** Records that are checked before the event loop gets a turn. */
const recordsPerTurn = 100;

/**
 * Holds records in a PostgreSQL database, 13 or later, which many processes may use at once.
 *
 * @example
 * await using store = await PostgresRecordStore.open({ address: "postgres://localhost/pipeline" });
 * await store.put({ records: [makeRecord({ kind: "asset", name: "plate" })] });
 */
export class PostgresRecordStore implements RecordStore {
  readonly name: string = "postgres";
  readonly capabilities: RecordStoreCapabilities = {
    durable: true,
    concurrentWriters: true,
    maxPutRecords: 10_000,
  };
  readonly #catalog: Catalog;

  private constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /**
   * Opens a store, making its tables if need be.
   *
   * @throws RMTC_NOT_FOUND when there is no such database; RMTC_ACCESS_DENIED when this user may not use it.
   * @throws RMTC_STORE_BUSY when the server does not answer.
   * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version made the tables.
   * @throws RMTC_FORMAT_INVALID when the database's texts are not UTF-8.
   */
  static async open(options: PostgresOptions, callOptions?: CallOptions): Promise<PostgresRecordStore> {
    const database = new Database(options);
    try {
      await migrate(database, callOptions);
      return new PostgresRecordStore(await Catalog.open(database, callOptions));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async put({ records, partition = "" }: PutRequest, options?: CallOptions): Promise<PutResult> {
    this.#catalog.database.check(options);
    if (records.length > this.capabilities.maxPutRecords) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `A put takes ${this.capabilities.maxPutRecords} records, not ${records.length}; split it.`,
        { pointer: "/records" },
      );
    }
    // Callers may change a record while this waits: what was checked must be what is stored.
    const own = structuredClone(records);
    const incoming: IncomingRecord[] = [];
    for (const record of own) {
      incoming.push({ record, checked: checkRecord(record) });
      if (incoming.length % recordsPerTurn > 0) continue;
      await setImmediate();
      this.#catalog.database.check(options);
    }
    return await putRecords(this.#catalog, incoming, partition, options);
  }

  async get({ ids, parts }: GetRequest, options?: CallOptions): Promise<GetResult> {
    const found = await this.#catalog.database.read(options, (query) => readRecords(query, ids, parts));
    const given = new Set<string>();
    const records = ids.map((id) => {
      const stored = found.get(id) ?? null;
      // Whoever asks twice may change one answer and keep the other.
      if (!given.has(id)) given.add(id);
      else return structuredClone(stored);
      return stored;
    });
    return { records };
  }

  async find(request: FindRequest, options?: CallOptions): Promise<FindResult> {
    this.#catalog.database.check(options);
    checkQuery(request);
    return await findRecords(this.#catalog, request, options);
  }

  async count(request: CountRequest, options?: CallOptions): Promise<CountResult> {
    this.#catalog.database.check(options);
    checkCount(request);
    return await countRecords(this.#catalog, request, options);
  }

  async edges(request: EdgesRequest, options?: CallOptions): Promise<EdgesResult> {
    this.#catalog.database.check(options);
    checkLimit(request.limit, "/limit");
    return await listEdges(this.#catalog, request, options);
  }

  async *closure(request: ClosureRequest, options?: CallOptions): AsyncGenerator<ClosurePage, void> {
    this.#catalog.database.check(options);
    if (request.pageSize !== undefined) checkLimit(request.pageSize, "/pageSize");
    yield* walkClosure(this.#catalog, request, options);
  }

  async changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResult> {
    this.#catalog.database.check(options);
    checkLimit(request.limit, "/limit");
    return await listChanges(this.#catalog, request, options);
  }

  async head(options?: CallOptions): Promise<{ readonly cursor: ChangeCursor }> {
    const position = await this.#catalog.database.read(options, (query) => this.#catalog.head(query));
    return { cursor: this.#catalog.cursor(position) };
  }

  /** Yields the feed's head at once and then after every change, also of other processes, until aborted or left. */
  watch(options?: CallOptions): AsyncGenerator<ChangeCursor, void> {
    return watchChanges(this.#catalog, options);
  }

  async erase(request: EraseRequest, options?: CallOptions): Promise<EraseResult> {
    return await eraseParts(this.#catalog, request, options);
  }

  async *verify(request: VerifyRequest, options?: CallOptions): AsyncGenerator<VerifyPage, void> {
    yield* verifyRecords(this.#catalog, request, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#catalog.database.close();
  }
}

function checkLimit(limit: number, pointer: string): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 10_000) return;
  throw new RmtcError("RMTC_QUERY_INVALID", `"${pointer}" must be an integer from 1 to 10000.`, { pointer });
}
