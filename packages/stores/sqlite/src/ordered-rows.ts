// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { QueryOrder } from "@rmtc/contract";
import { comparePlaces, compareUtf8, type OrderPlace } from "@rmtc/query";
import type { Catalog } from "./catalog.ts";
import { columnOf, type FilterPlan, type ValueRange } from "./filter-plan.ts";
import type { FindLimits } from "./find-limits.ts";
import { OrderStream, type StreamRow, type StreamShape } from "./order-stream.ts";
import { conditionOf, type QueryPlan } from "./query-plan.ts";
import { bodyFields } from "./schema.ts";

/** Streams that are merged; the rows of one phase all come before those of the next. */
interface Phase {
  readonly shapes: readonly StreamShape[];
  readonly after?: OrderPlace | undefined;
}

/** Yields the rows that pass a plan's conditions in the order of results, a few at a time. */
export function* orderedRows(
  catalog: Catalog,
  plan: QueryPlan,
  order: QueryOrder | undefined,
  after: OrderPlace | undefined,
  limits: FindLimits,
): Generator<readonly StreamRow[]> {
  const hexAfter = after && { ...after, id: after.id.slice(9).replaceAll("-", "") };
  const bounding = boundingFilter(plan.filters, order);
  // Kinds choose the streams, so that a filter on them is answered already.
  const open = plan.filters.filter((filter) => filter !== bounding && filter.filter.field !== "kind");
  const condition = conditionOf(open);
  const { keys } = plan;
  // Where the keys lie together, so do ids and times.
  const spans = keys && catalog.keyBlocks.spansOf(keys);
  const range = bounding?.range ?? (order?.field === "created" ? spans?.created : undefined);
  for (const phase of phasesOf(catalog, plan, order, hexAfter, range)) {
    const streams = phase.shapes.map(
      (shape) => new OrderStream(catalog, { ...shape, keys, ids: spans?.id }, condition, phase.after, limits),
    );
    yield* mergeStreams(streams, order);
  }
}

/** The filter whose bounds every stream of an order keeps to; further ones on its column stay conditions. */
function boundingFilter(
  filters: readonly FilterPlan[],
  order: QueryOrder | undefined,
): FilterPlan | undefined {
  if (order === undefined || order.field === "kind") return undefined;
  const column = columnOf(order.field);
  return filters.find((filter) => filter.column === column && filter.range !== undefined);
}

function phasesOf(
  catalog: Catalog,
  plan: QueryPlan,
  order: QueryOrder | undefined,
  after: OrderPlace | undefined,
  range: ValueRange | undefined,
): readonly Phase[] {
  const held = catalog.kinds.entries().filter(([code]) => plan.kinds?.has(code) ?? true);
  if (order === undefined) {
    const shapes =
      plan.kinds === undefined
        ? [{ index: "record_id" }]
        : held.map(([kind]) => ({ index: "record_kind", kind }));
    return [{ shapes, after }];
  }
  const descending = order.descending === true;
  if (order.field === "kind") {
    const sorted = [...held].sort((a, b) => compareUtf8(a[1], b[1]) * (descending ? -1 : 1));
    const first = sorted.findIndex(([, name]) => name === after?.key);
    return sorted.slice(Math.max(first, 0)).map(([kind, constant]) => ({
      shapes: [{ index: "record_kind", kind, constant }],
      after: constant === after?.key ? after : undefined,
    }));
  }
  const column = columnOf(order.field);
  const own = plan.filters.filter((filter) => filter.column === column).map(({ filter }) => filter);
  const wantsMissing = own.every(({ op, value }) => op === "exists" && value === false);
  const wantsPresent = !own.some(({ op, value }) => op === "exists" && value === false);
  const bodyField = bodyFields.get(order.field);
  const hasHeld = bodyField === undefined || held.some(([kind]) => kind === bodyField.kindCode);
  const phases: Phase[] = [];
  if (wantsPresent && hasHeld && (after === undefined || after.key !== undefined)) {
    const base = { column, descending, range };
    const shapes =
      bodyField === undefined
        ? held.map(([kind]) => ({ ...base, index: `record_${column}`, kind }))
        : [{ ...base, index: bodyField.index, kind: bodyField.kindCode }];
    phases.push({ shapes, after });
  }
  if (wantsMissing) {
    const shapes = held.map(([kind]): StreamShape => {
      if (bodyField !== undefined && kind !== bodyField.kindCode) return { index: "record_kind", kind };
      const index = bodyField?.index ?? `record_${column}`;
      return { index, kind, extra: `${column} IS NULL` };
    });
    phases.push({ shapes, after: after?.key === undefined ? after : undefined });
  }
  return phases;
}

/** Merges streams; whenever the first row could still come from an unread window, that window is read. */
function* mergeStreams(
  streams: readonly OrderStream[],
  order: QueryOrder | undefined,
): Generator<readonly StreamRow[]> {
  let rows: StreamRow[] = [];
  for (;;) {
    let first: OrderStream | undefined;
    for (const stream of streams) {
      if (stream.ended) continue;
      if (first === undefined || isBefore(stream, first, order)) first = stream;
    }
    if (first === undefined) break;
    if (first.ready) {
      rows.push(first.take() as StreamRow);
      continue;
    }
    first.advance();
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

function isBefore(a: OrderStream, b: OrderStream, order: QueryOrder | undefined): boolean {
  if (a.place === undefined || b.place === undefined) return a.place === undefined && b.place !== undefined;
  const difference = comparePlaces(a.place, b.place, order);
  // Between equal places an unread window comes first: its rows may be the lower ones.
  return difference < 0 || (difference === 0 && !a.ready && b.ready);
}
