// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { ClosureRequest, LinkGap, ReachedRecord, RecordStore } from "@rmtc/contract";
import { collect } from "../support/collect.ts";

/** Walks a closure to its end and joins its pages, which must all say the same `asOf`. */
export async function walk(
  store: RecordStore,
  request: ClosureRequest,
): Promise<{ readonly ids: string[]; readonly records: ReachedRecord[]; readonly gaps: LinkGap[] }> {
  const pages = await collect(store.closure(request));
  const positions = new Set(pages.map(({ asOf }) => asOf));
  assert.ok(positions.size <= 1, "pages of one closure answer as of different changes");
  const records = pages.flatMap((page) => page.records);
  return { ids: records.map(({ id }) => id), records, gaps: pages.flatMap(({ gaps }) => gaps) };
}
