// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord } from "@rmtc/attest";
import type { PutResult, RecordStore } from "@rmtc/contract";
import type { Double } from "../double.ts";
import { heldIds, pretend } from "./pretend-put.ts";

/** Doubles that go wrong when many callers put at the same time. */
export const parallelDoubles: readonly Double<RecordStore>[] = [
  {
    id: "looks-before-others-have-put",
    breaks: "record-store.put.parallel-identical",
    alsoCaughtBy: [],
    alter(good) {
      let running = 0;
      return {
        async put(request, options) {
          running += 1;
          try {
            const known = running > 1 ? await heldIds(good, request) : undefined;
            await new Promise((resolve) => setImmediate(resolve));
            const { results, cursor } = await good.put(request, options);
            const seen = (one: PutResult["results"][number]) =>
              known === undefined || known.has(one.id) ? one : { ...one, status: "created" as const };
            return { results: results.map(seen), cursor };
          } finally {
            running -= 1;
          }
        },
      };
    },
  },
  {
    id: "loses-puts-at-the-same-time",
    breaks: "record-store.put.parallel-different",
    alsoCaughtBy: [
      "record-store.put.parallel-conflict",
      "record-store.put.second-writer",
      "record-store.disclosure.parallel",
      "record-store.changes.parallel",
    ],
    alter(good) {
      let running = 0;
      return {
        async put(request, options) {
          running += 1;
          try {
            if (running <= 3) return await good.put(request, options);
            const { cursor } = await good.head(options);
            const results = request.records.map((record) => ({
              id: record.id,
              digest: checkRecord(record).digest,
              status: "known" as const,
            }));
            return { results, cursor };
          } finally {
            running -= 1;
          }
        },
      };
    },
  },
  {
    id: "forgives-conflicts-at-the-same-time",
    breaks: "record-store.put.parallel-conflict",
    alsoCaughtBy: [],
    alter(good) {
      let running = 0;
      return {
        async put(request, options) {
          running += 1;
          const alone = running === 1;
          try {
            return await good.put(request, options);
          } catch (error) {
            if (alone) throw error;
            return await pretend(error, good, request);
          } finally {
            running -= 1;
          }
        },
      };
    },
  },
  {
    id: "writes-by-one-instance-only",
    breaks: "record-store.put.second-writer",
    alsoCaughtBy: ["record-store.changes.parallel", "record-store.durable.goes-on"],
    alter: (good, instance) => ({
      async put(request, options) {
        if (instance === 0) return await good.put(request, options);
        const { cursor } = await good.head(options);
        const results = request.records.map((record) => {
          const { digest } = checkRecord(record);
          return { id: record.id, digest, status: "created" as const };
        });
        return { results, cursor };
      },
    }),
  },
];
