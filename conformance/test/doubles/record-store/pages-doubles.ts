// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type FindResult, isRmtcError, type RecordStore } from "@rmtc/contract";
import { comparePlaces, encodeCursor, orderPlace } from "@rmtc/query";
import type { Double } from "../double.ts";
import { type ScanningFind, scanningFind } from "./scanning-find.ts";

/** Doubles that order results otherwise, or cut them into pages wrongly. */
export const pagesDoubles: readonly Double<RecordStore>[] = [
  {
    id: "orders-by-arrival",
    breaks: "record-store.order.id",
    alsoCaughtBy: [],
    alter: (good) => ({
      async find(request, options) {
        const result = await good.find(request, options);
        if (request.order !== undefined || result.next !== undefined) return result;
        return { ...result, records: [...result.records].sort((a, b) => a.position - b.position) };
      },
    }),
  },
  {
    id: "orders-by-utf-16",
    breaks: "record-store.order.utf8",
    alsoCaughtBy: [],
    alter: ordering((a, b, order) => {
      if (
        order?.field !== "name" ||
        typeof a.key !== "string" ||
        typeof b.key !== "string" ||
        a.key === b.key
      ) {
        return comparePlaces(a, b, order);
      }
      return (a.key < b.key ? -1 : 1) * (order.descending === true ? -1 : 1);
    }),
  },
  {
    id: "orders-numbers-as-text",
    breaks: "record-store.order.integer",
    alsoCaughtBy: [],
    alter: ordering((a, b, order) => comparePlaces(asText(a), asText(b), order)),
  },
  {
    id: "puts-missing-values-first-when-descending",
    breaks: "record-store.order.missing-last",
    alsoCaughtBy: [],
    alter: ordering((a, b, order) => {
      const oneMissing = (a.key === undefined) !== (b.key === undefined);
      return comparePlaces(a, b, order) * (oneMissing && order?.descending === true ? -1 : 1);
    }),
  },
  {
    id: "turns-ties-round-when-descending",
    breaks: "record-store.order.ties",
    alsoCaughtBy: [],
    alter: ordering((a, b, order) => {
      const tie = a.key !== undefined && a.key === b.key;
      return comparePlaces(a, b, order) * (tie && order?.descending === true ? -1 : 1);
    }),
  },
  {
    id: "orders-by-when-it-received",
    breaks: "record-store.order.created",
    alsoCaughtBy: [],
    alter: (good) =>
      scanningFind(good, {
        place: (stored, order) =>
          order?.field === "created"
            ? { id: stored.record.id, key: String(stored.position).padStart(9, "0") }
            : orderPlace(stored, order),
      }),
  },
  {
    id: "ignores-orders-it-does-not-know",
    breaks: "record-store.order.refused",
    alsoCaughtBy: [],
    alter: (good) => ({
      find: (request, options) =>
        good.find(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_QUERY_INVALID") || error.pointer !== "/order/field") throw error;
          return good.find({ ...request, order: undefined }, options);
        }),
    }),
  },
  {
    id: "ends-with-an-empty-page",
    breaks: "record-store.pages.complete",
    alsoCaughtBy: [],
    alter: (good) => ({
      async find(request, options) {
        const result = await good.find(request, options);
        const last = result.records.at(-1);
        if (last === undefined || result.next !== undefined || result.records.length < request.limit)
          return result;
        const [whole] = (await good.get({ ids: [last.record.id] })).records;
        return { ...result, next: encodeCursor(request, orderPlace(whole ?? last, request.order)) };
      },
    }),
  },
  {
    id: "pages-by-offset",
    breaks: "record-store.pages.stable",
    alsoCaughtBy: [],
    alter(good) {
      const offsets = new Map<string, number>();
      return {
        async find(request, options): Promise<FindResult> {
          const offset = offsets.get(request.cursor ?? "");
          if (request.cursor !== undefined && offset === undefined) return await good.find(request, options);
          const { where, order, limit, parts } = request;
          const ahead = (offset ?? 0) + limit;
          if (ahead >= 1_000) return await good.find(request, options);
          // What the cursor says is checked, but not used.
          await good.find(request, options);
          const all = await good.find({ where, order, limit: ahead, parts }, options);
          if (all.next !== undefined) offsets.set(all.next, ahead);
          return { ...all, records: all.records.slice(offset ?? 0) };
        },
      };
    },
  },
  {
    id: "stops-at-missing-values",
    breaks: "record-store.pages.ends-on-any-order",
    alsoCaughtBy: ["record-store.order.missing-last", "record-store.pages.complete"],
    alter: (good) => ({
      async find(request, options) {
        const result = await good.find(request, options);
        if (request.cursor === undefined || request.order === undefined) return result;
        const rest = await good.get({ ids: result.records.map(({ record }) => record.id) });
        const missing = rest.records.some((one) => one && orderPlace(one, request.order).key === undefined);
        return missing ? { records: [], asOf: result.asOf } : result;
      },
    }),
  },
  {
    id: "takes-any-page-cursor",
    breaks: "record-store.pages.cursor-foreign",
    alsoCaughtBy: [],
    alter: (good) => ({
      find: (request, options) =>
        good.find(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_CURSOR_INVALID")) throw error;
          return good.find({ ...request, cursor: undefined }, options);
        }),
    }),
  },
  {
    id: "clamps-page-limits",
    breaks: "record-store.pages.limit",
    alsoCaughtBy: [],
    alter: (good) => ({
      find(request, options) {
        const limit = Math.min(1_000, Math.max(1, Math.floor(request.limit) || 1));
        return good.find({ ...request, limit }, options);
      },
    }),
  },
  {
    id: "counts-values",
    breaks: "record-store.count.exact",
    alsoCaughtBy: ["record-store.find.several-values"],
    alter: (good) => ({
      async count(request, options) {
        const result = await good.count(request, options);
        const [filter] = request.where;
        if (filter?.op !== "in" || !Array.isArray(filter.value)) return result;
        let count = 0;
        for (const value of filter.value as string[]) {
          count += (await good.count({ where: [{ ...filter, op: "eq", value }] })).count;
        }
        return { ...result, count };
      },
    }),
  },
  {
    id: "never-says-more",
    breaks: "record-store.count.more",
    alsoCaughtBy: [],
    alter: (good) => ({
      async count(request, options) {
        return { ...(await good.count(request, options)), more: false };
      },
    }),
  },
];

function ordering(compare: NonNullable<ScanningFind["compare"]>): Double<RecordStore>["alter"] {
  return (good) => scanningFind(good, { compare });
}

function asText(place: Parameters<typeof comparePlaces>[0]): Parameters<typeof comparePlaces>[0] {
  return place.key === undefined ? place : { ...place, key: String(place.key) };
}
