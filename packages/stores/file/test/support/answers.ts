// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RecordStore } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import { collect } from "./collect.ts";

/** What a store answers, without anything that depends on the order in which it learnt of it. */
export async function answersOf(store: RecordStore, records: readonly RmtcRecord[]): Promise<unknown> {
  const ids = [...new Set(records.map(({ id }) => id))].sort();
  const got = (await store.get({ ids })).records.map(
    (one) => one && { record: one.record, erased: [...one.erased].sort() },
  );
  const found = await store.find({ where: [{ field: "name", op: "text", value: "plate" }], limit: 1_000 });
  const { edges } = await store.edges({ ids, direction: "upstream", limit: 10_000 });
  const pages = await collect(store.closure({ roots: ids.slice(0, 3), direction: "upstream" }));
  const reached = pages.flatMap((page) =>
    page.records.map(({ id, depth, digest }) => `${id} ${depth} ${digest}`),
  );
  const gaps = pages.flatMap((page) =>
    page.gaps.map(({ type, id, via }) => `${type} ${id} ${via?.from} ${via?.index}`),
  );
  return {
    got,
    found: found.records.map(({ record }) => record.id),
    edges: edges.map((edge) => JSON.stringify(edge)).sort(),
    reached: reached.sort(),
    gaps: gaps.sort(),
  };
}
