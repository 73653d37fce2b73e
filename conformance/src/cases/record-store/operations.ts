// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RecordStore } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import type { Operation, TraitSubject } from "../../traits/operation.ts";
import { collect } from "../support/collect.ts";
import { bare, fan, linkTo, putAll, sample } from "./sample-records.ts";

const mostCalls = 5;

/** Every method of a record store, for the traits. */
export const recordStoreTraits: TraitSubject<RecordStore> = {
  prefix: "record-store",
  spec: {
    closed: "record-store.md#rmtc-rst-180",
    closedTwice: "record-store.md#rmtc-rst-181",
    aborted: "record-store.md#rmtc-rst-183",
    blocking: "record-store.md#rmtc-rst-185",
  },
  operations: ["put", "get", "find", "count", "edges", "closure", "changes", "head", "erase", "verify"],
  needs: {},
  async prepare({ store }) {
    const record = sample({ body: { at: 1 } });
    await store.put({ records: [record] });
    return operationsOn(record, [[sample()]], [record.id]);
  },
  async observe(store) {
    const { records } = await store.find({ where: [], limit: 1_000 });
    const { changes } = await store.changes({ limit: 10_000 });
    return { records, changes };
  },
  async prepareHeavy({ store, size }) {
    const root = sample();
    const records = fan(size(4_000, 120), root).map((record, index) =>
      sample({ id: record.id, name: `record ${index}`, body: { frameNumber: index }, links: record.links }),
    );
    await putAll(store, [root, ...records]);
    const most = Math.min(size(2_000, 120), store.capabilities.maxPutRecords);
    const link = linkTo(root);
    const fresh = Array.from({ length: mostCalls }, () => Array.from({ length: most }, () => bare([link])));
    return operationsOn(
      root,
      fresh,
      records.map(({ id }) => id),
    );
  },
};

function operationsOn(
  root: RmtcRecord,
  /** What each call of `put` puts, so that none repeats another. */
  fresh: readonly (readonly RmtcRecord[])[],
  ids: readonly string[],
): readonly Operation<RecordStore>[] {
  const { id } = root;
  const where = [{ field: "name", op: "text", value: "r" }] as const;
  let puts = 0;
  return [
    {
      name: "put",
      call: (store, options) => store.put({ records: fresh[puts++ % fresh.length] ?? [] }, options),
    },
    { name: "get", call: (store, options) => store.get({ ids }, options) },
    {
      name: "find",
      call: (store, options) => store.find({ where, order: { field: "name" }, limit: 1_000 }, options),
    },
    { name: "count", call: (store, options) => store.count({ where }, options) },
    {
      name: "edges",
      call: (store, options) => store.edges({ ids: [id], direction: "downstream", limit: 10_000 }, options),
    },
    {
      name: "closure",
      call: (store, options) => collect(store.closure({ roots: [id], direction: "downstream" }, options)),
    },
    { name: "changes", call: (store, options) => store.changes({ limit: 10_000 }, options) },
    { name: "head", call: (store, options) => store.head(options) },
    { name: "erase", call: (store, options) => store.erase({ id, parts: ["name"] }, options) },
    { name: "verify", call: (store, options) => collect(store.verify({}, options)) },
  ];
}
