// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Edge, type EdgesRequest, isRmtcError, type RecordStore } from "@rmtc/contract";
import type { Double } from "../double.ts";

/** Doubles that list links wrongly. */
export const edgesDoubles: readonly Double<RecordStore>[] = [
  {
    id: "orders-links-by-target",
    breaks: "record-store.edges.upstream",
    alsoCaughtBy: ["record-store.edges.several-ids", "record-store.closure.via"],
    alter: changing((edges, { direction }) =>
      direction === "upstream" ? edges.toSorted((a, b) => (a.to < b.to ? -1 : 1)) : edges,
    ),
  },
  {
    id: "orders-links-by-id",
    breaks: "record-store.edges.downstream",
    alsoCaughtBy: [],
    alter: changing((edges, { direction }) =>
      direction === "downstream"
        ? edges.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
        : edges,
    ),
  },
  {
    id: "lists-links-to-what-it-holds",
    breaks: "record-store.edges.target-not-held",
    alsoCaughtBy: [],
    alter: (good) => ({
      async edges(request, options) {
        const result = await good.edges(request, options);
        const { records } = await good.get({ ids: result.edges.map(({ to }) => to), parts: [] });
        return { ...result, edges: result.edges.filter((_, index) => records[index] !== null) };
      },
    }),
  },
  {
    id: "lists-links-id-by-id",
    breaks: "record-store.edges.several-ids",
    alsoCaughtBy: [],
    alter: changing((edges, { ids, direction }) => {
      const end = direction === "upstream" ? "from" : "to";
      return ids.flatMap((id) => edges.filter((edge) => edge[end] === id));
    }),
  },
  {
    id: "lists-every-relation",
    breaks: "record-store.edges.relations",
    alsoCaughtBy: ["record-store.edges.cursor-foreign"],
    alter: (good) => ({
      edges: (request, options) => good.edges({ ...request, relations: undefined }, options),
    }),
  },
  {
    id: "goes-on-after-the-last-record",
    breaks: "record-store.edges.pages",
    alsoCaughtBy: [],
    alter(good) {
      const lastOf = new Map<string, string>();
      return {
        async edges(request, options) {
          const result = await good.edges(request, options);
          const before = lastOf.get(request.cursor ?? "");
          const last = result.edges.at(-1);
          if (result.next !== undefined && last !== undefined) lastOf.set(result.next, last.from);
          return { ...result, edges: result.edges.filter(({ from }) => from !== before) };
        },
      };
    },
  },
  {
    id: "lists-links-as-of-now",
    breaks: "record-store.edges.as-of",
    alsoCaughtBy: [],
    alter: (good) => ({
      async edges(request, options) {
        const known = request.asOf === undefined || /^\d+$/.test(request.asOf);
        return await good.edges(known ? { ...request, asOf: undefined } : request, options);
      },
    }),
  },
  {
    id: "takes-any-edge-cursor",
    breaks: "record-store.edges.cursor-foreign",
    alsoCaughtBy: [],
    alter: (good) => ({
      edges: (request, options) =>
        good.edges(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_CURSOR_INVALID")) throw error;
          return good.edges({ ...request, cursor: undefined, asOf: undefined }, options);
        }),
    }),
  },
  {
    id: "clamps-edge-limits",
    breaks: "record-store.edges.limit",
    alsoCaughtBy: [],
    alter: (good) => ({
      edges(request, options) {
        const limit = Math.min(10_000, Math.max(1, Math.floor(request.limit) || 1));
        return good.edges({ ...request, limit }, options);
      },
    }),
  },
  {
    id: "ends-after-three-pages",
    breaks: "record-store.edges.wide",
    alsoCaughtBy: ["record-store.edges.pages"],
    alter(good) {
      const pages = new Map<string, number>();
      return {
        async edges(request, options) {
          const { next, ...result } = await good.edges(request, options);
          const page = (pages.get(request.cursor ?? "") ?? 0) + 1;
          if (next === undefined || page === 3) return result;
          pages.set(next, page);
          return { ...result, next };
        },
      };
    },
  },
];

function changing(
  change: (edges: readonly Edge[], request: EdgesRequest) => readonly Edge[],
): Double<RecordStore>["alter"] {
  return (good) => ({
    async edges(request, options) {
      const result = await good.edges(request, options);
      return { ...result, edges: change(result.edges, request) };
    },
  });
}
