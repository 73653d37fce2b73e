// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CheckedRecord, checkRecord, findStoredDamage } from "@rmtc/attest";
import {
  type CallOptions,
  type Change,
  type ChangeCursor,
  type ChangesRequest,
  type ChangesResult,
  type ClosurePage,
  type ClosureRequest,
  type CountRequest,
  type CountResult,
  type Edge,
  type EdgesRequest,
  type EdgesResult,
  type EraseRequest,
  type EraseResult,
  type Filter,
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
import {
  checkCount,
  checkQuery,
  comparePlaces,
  decodeCursor,
  encodeCursor,
  matches,
  orderPlace,
} from "@rmtc/query";
import type { RecordId } from "@rmtc/spec";
import { CallGuard } from "./call-guard.ts";
import { edgePage } from "./edge-page.ts";
import { discloseParts, eraseParts, type RecordRow, rowFromChecked, storedFromRow } from "./record-row.ts";
import { type WalkedGraph, walkClosure } from "./walk-closure.ts";

const countedAtMost = 10_000;
const verifiedPerPage = 500;

/**
 * Holds records in memory: the plain reference of what the contract means.
 *
 * Nothing is clever here. A query looks at every record, a page is cut out of the whole answer, and a change
 * cursor is the number of the change. Use it in tests, and to see what another store should have answered.
 */
export class MemoryRecordStore implements RecordStore {
  readonly name: string = "memory";
  readonly capabilities: RecordStoreCapabilities = {
    durable: false,
    concurrentWriters: false,
    maxPutRecords: 10_000,
  };
  /** In order of position. */
  protected readonly rows: Map<RecordId, RecordRow> = new Map();
  readonly #dependents: Map<RecordId, Edge[]> = new Map();
  readonly #changes: Change[] = [];
  readonly #guard: CallGuard = new CallGuard("memory record store");

  async put({ records, partition = "" }: PutRequest, options?: CallOptions): Promise<PutResult> {
    this.#guard.check(options);
    if (records.length > this.capabilities.maxPutRecords) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `A put takes ${this.capabilities.maxPutRecords} records, not ${records.length}; split it.`,
        { pointer: "/records" },
      );
    }
    const incoming: CheckedRecord[] = [];
    for (const record of records) {
      incoming.push(checkRecord(record));
      await this.#guard.step(options);
    }
    // From here on nothing waits, so that nobody sees half of a put.
    const receivedAt = new Date().toISOString();
    const staged = new Map<RecordId, RecordRow>();
    const changes: Change[] = [];
    const results: PutResult["results"][number][] = [];
    for (const checked of incoming) {
      const position = this.#changes.length + changes.length + 1;
      const fresh = rowFromChecked(checked, { position, receivedAt, partition });
      const { id } = fresh.record;
      const known = staged.get(id) ?? this.rows.get(id);
      if (known !== undefined && known.digest !== fresh.digest) throw conflict(known, fresh);
      const row = known === undefined ? fresh : discloseParts(known, checked.disclosed);
      const status = known === undefined ? "created" : row === known ? "known" : "disclosed";
      results.push({ id, digest: row.digest, status });
      if (status === "known") continue;
      staged.set(id, row);
      changes.push(changeOf(row, status === "created" ? "put" : "disclosure", position, receivedAt));
    }
    for (const [id, row] of staged) this.#keep(id, row);
    this.#changes.push(...changes);
    return { results, cursor: this.#head };
  }

  async get({ ids, parts }: GetRequest, options?: CallOptions): Promise<GetResult> {
    this.#guard.check(options);
    const rows = ids.map((id) => this.rows.get(id));
    const records: GetResult["records"][number][] = [];
    for (const row of rows) {
      records.push(row === undefined ? null : storedFromRow(row, parts));
      await this.#guard.step(options);
    }
    return { records };
  }

  async find(request: FindRequest, options?: CallOptions): Promise<FindResult> {
    this.#guard.check(options);
    checkQuery(request);
    const { where, order, limit, parts } = request;
    const after = decodeCursor(request);
    const asOf = this.#head;
    const found = (await this.#matching(where, options))
      .map((row) => ({ row, place: orderPlace(row, order) }))
      .filter(({ place }) => after === undefined || comparePlaces(place, after, order) > 0)
      .sort((a, b) => comparePlaces(a.place, b.place, order));
    const page = found.slice(0, limit);
    const records = page.map(({ row }) => storedFromRow(row, parts));
    const last = page.at(-1);
    if (last === undefined || found.length === page.length) return { records, asOf };
    return { records, asOf, next: encodeCursor(request, last.place) };
  }

  async count(request: CountRequest, options?: CallOptions): Promise<CountResult> {
    this.#guard.check(options);
    checkCount(request);
    const asOf = this.#head;
    const { length } = await this.#matching(request.where, options);
    return { count: Math.min(length, countedAtMost), more: length > countedAtMost, asOf };
  }

  async edges(request: EdgesRequest, options?: CallOptions): Promise<EdgesResult> {
    this.#guard.check(options);
    checkLimit(request.limit, "/limit");
    const asOf = request.asOf ?? this.#head;
    const lastPosition = this.#numberOf(asOf, "/asOf");
    const ids = [...new Set(request.ids)];
    const edges = ids.flatMap((id) => this.#edgesOf(id, request.direction));
    const placed = edges
      .filter(({ rel }) => request.relations?.includes(rel) ?? true)
      .map((edge) => ({ edge, position: this.rows.get(edge.from)?.position ?? 0 }))
      .filter(({ position }) => position <= lastPosition);
    return { ...edgePage(placed, request), asOf };
  }

  async *closure(request: ClosureRequest, options?: CallOptions): AsyncGenerator<ClosurePage> {
    this.#guard.check(options);
    if (request.pageSize !== undefined) checkLimit(request.pageSize, "/pageSize");
    const asOf = request.asOf ?? this.#head;
    const lastPosition = this.#numberOf(asOf, "/asOf");
    const visible = (id: RecordId): RecordRow | undefined => {
      const row = this.rows.get(id);
      return row === undefined || row.position > lastPosition ? undefined : row;
    };
    const graph: WalkedGraph = {
      find: (id) => {
        const row = visible(id);
        return row === undefined ? undefined : { kind: row.record.kind, digest: row.digest };
      },
      edgesOf: (id) => this.#edgesOf(id, request.direction).filter(({ from }) => visible(from) !== undefined),
    };
    for (const page of walkClosure(graph, request, asOf)) {
      yield page;
      await this.#guard.turn(options);
    }
  }

  async changes({ cursor, limit }: ChangesRequest, options?: CallOptions): Promise<ChangesResult> {
    this.#guard.check(options);
    checkLimit(limit, "/limit");
    const start = cursor === undefined ? 0 : this.#numberOf(cursor, "/cursor");
    const changes = this.#changes.slice(start, start + limit);
    return { changes, cursor: changes.at(-1)?.cursor ?? cursor ?? "0" };
  }

  async head(options?: CallOptions): Promise<{ readonly cursor: ChangeCursor }> {
    this.#guard.check(options);
    return { cursor: this.#head };
  }

  async erase({ id, parts }: EraseRequest, options?: CallOptions): Promise<EraseResult> {
    this.#guard.check(options);
    const row = this.rows.get(id);
    if (row === undefined) {
      throw new RmtcError("RMTC_NOT_FOUND", `Record ${id} is not held; nothing was erased.`, { subject: id });
    }
    const erased = eraseParts(row, parts);
    if (erased !== row) {
      this.rows.set(id, erased);
      const number = this.#changes.length + 1;
      this.#changes.push(changeOf(erased, "erasure", number, new Date().toISOString()));
    }
    return { stored: storedFromRow(erased), cursor: this.#head };
  }

  async *verify({ ids }: VerifyRequest, options?: CallOptions): AsyncGenerator<VerifyPage> {
    this.#guard.check(options);
    const rows = ids === undefined ? [...this.rows.values()] : ids.map((id) => this.rows.get(id));
    const held = rows.filter((row) => row !== undefined);
    for (let start = 0; start < held.length; start += verifiedPerPage) {
      const page = held.slice(start, start + verifiedPerPage);
      yield { checked: page.length, damages: page.flatMap(damagesOf) };
      await this.#guard.turn(options);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#guard.close();
  }

  get #head(): ChangeCursor {
    return String(this.#changes.length);
  }

  #keep(id: RecordId, row: RecordRow): void {
    if (!this.rows.has(id)) {
      for (const edge of linksOf(row)) {
        const edges = this.#dependents.get(edge.to);
        if (edges === undefined) this.#dependents.set(edge.to, [edge]);
        else edges.push(edge);
      }
    }
    this.rows.set(id, row);
  }

  #edgesOf(id: RecordId, direction: EdgesRequest["direction"]): readonly Edge[] {
    if (direction === "downstream") return this.#dependents.get(id) ?? [];
    const row = this.rows.get(id);
    return row === undefined ? [] : linksOf(row);
  }

  async #matching(where: readonly Filter[], options: CallOptions | undefined): Promise<readonly RecordRow[]> {
    const found: RecordRow[] = [];
    for (const row of [...this.rows.values()]) {
      if (matches(row, where)) found.push(row);
      await this.#guard.step(options);
    }
    return found;
  }

  #numberOf(cursor: ChangeCursor, pointer: string): number {
    const number = /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.NaN;
    if (number <= this.#changes.length) return number;
    throw new RmtcError(
      "RMTC_CURSOR_INVALID",
      "The change cursor is not from this store; start without one.",
      {
        pointer,
      },
    );
  }
}

function linksOf(row: RecordRow): readonly Edge[] {
  const from = row.record.id;
  return row.record.links.map(({ rel, to, digest }, index) => ({ from, rel, to, digest, index }));
}

function changeOf(row: RecordRow, type: Change["type"], number: number, receivedAt: string): Change {
  const { id, kind } = row.record;
  return { cursor: String(number), type, id, kind, digest: row.digest, partition: row.partition, receivedAt };
}

function damagesOf(row: RecordRow): VerifyPage["damages"] {
  const message = findStoredDamage(row.digest, row.envelope, row.disclosed.values());
  return message === undefined ? [] : [{ id: row.record.id, digest: row.digest, message }];
}

function checkLimit(limit: number, pointer: string): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 10_000) return;
  throw new RmtcError("RMTC_QUERY_INVALID", `"${pointer}" must be an integer from 1 to 10000.`, { pointer });
}

function conflict(known: RecordRow, fresh: RecordRow): RmtcError {
  const { id } = known.record;
  return new RmtcError(
    "RMTC_RECORD_CONFLICT",
    `Record ${id} is held under ${known.digest}, not ${fresh.digest}; give the new record a new id, or import it apart.`,
    { subject: id },
  );
}
