// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter, FindRequest, RecordStore } from "@rmtc/contract";
import { collectPages } from "../support/collect.ts";

/** Finds everything that passes the filters, page by page, and returns the ids in order. */
export async function findIds(
  store: RecordStore,
  where: readonly Filter[],
  rest: Partial<Pick<FindRequest, "order" | "limit">> = {},
): Promise<string[]> {
  const { order, limit = 100 } = rest;
  const pages = await collectPages((cursor) => store.find({ where, order, limit, cursor }));
  return pages.flatMap(({ records }) => records.map(({ record }) => record.id));
}
