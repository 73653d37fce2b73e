// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type RecordStore } from "@rmtc/contract";
import type { Double } from "../double.ts";

/** Doubles that tell of changes wrongly. */
export const changesDoubles: readonly Double<RecordStore>[] = [
  {
    id: "tells-puts-only",
    breaks: "record-store.changes.order",
    alsoCaughtBy: [],
    alter: (good) => ({
      async changes(request, options) {
        const result = await good.changes(request, options);
        return { ...result, changes: result.changes.filter(({ type }) => type !== "disclosure") };
      },
    }),
  },
  {
    id: "tells-changes-in-order-of-id",
    breaks: "record-store.changes.order",
    alsoCaughtBy: ["record-store.changes.resume"],
    alter: (good) => ({
      async changes(request, options) {
        const result = await good.changes(request, options);
        const sorted = result.changes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
        const changes = sorted.map((one, index) => ({ ...one, cursor: result.changes[index]?.cursor ?? "" }));
        return { ...result, changes };
      },
    }),
  },
  {
    id: "tells-no-partition",
    breaks: "record-store.changes.content",
    alsoCaughtBy: [],
    alter: (good) => ({
      async changes(request, options) {
        const result = await good.changes(request, options);
        return { ...result, changes: result.changes.map((change) => ({ ...change, partition: "" })) };
      },
    }),
  },
  {
    id: "goes-on-one-too-far",
    breaks: "record-store.changes.resume",
    alsoCaughtBy: ["record-store.changes.head", "record-store.changes.parallel"],
    alter: (good) => ({
      async changes(request, options) {
        const result = await good.changes(request, options);
        const skipped = request.cursor !== undefined && request.cursor !== "0" && result.changes.length > 1;
        return skipped ? { ...result, changes: result.changes.slice(1) } : result;
      },
    }),
  },
  {
    id: "begins-anew-at-the-end",
    breaks: "record-store.changes.end",
    alsoCaughtBy: [],
    alter: (good) => ({
      async changes(request, options) {
        const result = await good.changes(request, options);
        return result.changes.length === 0 ? { changes: [], cursor: "0" } : result;
      },
    }),
  },
  {
    id: "has-its-head-one-back",
    breaks: "record-store.changes.head",
    alsoCaughtBy: ["record-store.as-of.steady"],
    alter: (good) => ({
      async head(options) {
        const { cursor } = await good.head(options);
        return { cursor: String(Math.max(0, Number(cursor) - 1)) };
      },
    }),
  },
  {
    id: "clamps-change-limits",
    breaks: "record-store.changes.limit",
    alsoCaughtBy: [],
    alter: (good) => ({
      changes(request, options) {
        const limit = Math.min(10_000, Math.max(1, Math.floor(request.limit) || 1));
        return good.changes({ ...request, limit }, options);
      },
    }),
  },
  {
    id: "takes-any-change-cursor",
    breaks: "record-store.changes.cursor-foreign",
    alsoCaughtBy: [],
    alter: (good) => ({
      changes: (request, options) =>
        good.changes(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_CURSOR_INVALID")) throw error;
          return good.changes({ limit: request.limit }, options);
        }),
    }),
  },
  {
    id: "numbers-changes-before-they-are-there",
    breaks: "record-store.changes.parallel",
    alsoCaughtBy: [],
    alter(good) {
      let writing = 0;
      return {
        async put(request, options) {
          writing += 1;
          try {
            const result = await good.put(request, options);
            // The numbers are taken, but the rows are not there for readers yet.
            await new Promise((resolve) => setImmediate(resolve));
            return result;
          } finally {
            writing -= 1;
          }
        },
        async changes(request, options) {
          const result = await good.changes(request, options);
          return writing === 0 ? result : { ...result, changes: result.changes.slice(1) };
        },
      };
    },
  },
];
