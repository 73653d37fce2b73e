// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { workerData } from "node:worker_threads";
import { checkRecord } from "@rmtc/attest";
import {
  type ClosureRequest,
  type CountRequest,
  type EdgesRequest,
  type EraseRequest,
  type FindRequest,
  type GetRequest,
  RmtcError,
  type VerifyRequest,
} from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import { type ServedCall, serveThread } from "@rmtc/wire";
import { Catalog } from "./catalog.ts";
import { countRecords } from "./count-records.ts";
import type { DatabaseOptions } from "./database.ts";
import { eraseParts } from "./erase-parts.ts";
import { findRecords } from "./find-records.ts";
import { listChanges } from "./list-changes.ts";
import { listEdges } from "./list-edges.ts";
import { type IncomingRecord, putRecords } from "./put-records.ts";
import { readRecordsById } from "./read-records.ts";
import { RemainsFinder } from "./remains-finder.ts";
import { openDatabase } from "./schema.ts";
import { verifyRecords } from "./verify-records.ts";
import { walkClosure } from "./walk-closure.ts";

/** Puts whose records come in several messages, by a number that the host chose. */
const staged = new Map<number, IncomingRecord[]>();
const options = workerData as DatabaseOptions;
const finder = new RemainsFinder(options.path);
let opened: Catalog | undefined;

function catalog(): Catalog {
  if (opened !== undefined) return opened;
  throw new RmtcError("RMTC_STORE_CLOSED", "The store was closed; open it again.");
}

function check(records: readonly RmtcRecord[]): IncomingRecord[] {
  return records.map((record) => ({ record, checked: checkRecord(record) }));
}

serveThread({
  open(): void {
    opened = new Catalog(openDatabase(options));
  },
  async close(): Promise<void> {
    await finder[Symbol.asyncDispose]();
    opened?.database[Symbol.dispose]();
    opened = undefined;
  },
  stage({ put, records }: { put: number; records: readonly RmtcRecord[] }): void {
    staged.set(put, [...(staged.get(put) ?? []), ...check(records)]);
  },
  discard({ put }: { put: number }): void {
    staged.delete(put);
  },
  put({ put, records, partition }: { put: number; records: readonly RmtcRecord[]; partition: string }) {
    const incoming = [...(staged.get(put) ?? []), ...check(records)];
    staged.delete(put);
    return putRecords(catalog(), incoming, partition);
  },
  get({ ids, parts }: GetRequest) {
    const held = readRecordsById(catalog(), ids, parts);
    return ids.map((id) => held.get(id) ?? null);
  },
  find: (request: FindRequest, { signal }: ServedCall) => findRecords(catalog(), request, signal),
  count: ({ where }: CountRequest, { signal }: ServedCall) => countRecords(catalog(), where, signal),
  edges: (request: EdgesRequest) => listEdges(catalog(), request),
  closure: (request: ClosureRequest, { signal }: ServedCall) => walkClosure(catalog(), request, signal),
  changes({ cursor, limit }: { cursor: string | undefined; limit: number }) {
    return listChanges(catalog(), cursor === undefined ? 0 : catalog().position(cursor), limit);
  },
  head: () => catalog().cursor(catalog().head()),
  erase: (request: EraseRequest) => eraseParts(catalog(), finder, request),
  verify: (request: VerifyRequest, { signal }: ServedCall) => verifyRecords(catalog(), request, signal),
});
