// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord } from "@rmtc/attest";
import type { RecordStore } from "@rmtc/contract";
import { isRmtcError } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import type { Double } from "../double.ts";
import { changeGot } from "./change-stored.ts";

/** Doubles that find no damage, forget, or leave halves behind. */
export const durabilityDoubles: readonly Double<RecordStore>[] = [
  {
    id: "finds-damage-everywhere",
    breaks: "record-store.verify.clean",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *verify(request, options) {
        for await (const page of good.verify(request, options)) {
          const damages =
            page.checked > 10 ? [{ id: "", digest: "", message: "It looks odd." }] : page.damages;
          yield { ...page, damages };
        }
      },
    }),
  },
  {
    id: "always-checks-everything",
    breaks: "record-store.verify.ids",
    alsoCaughtBy: [],
    alter: (good) => ({ verify: (_request, options) => good.verify({}, options) }),
  },
  {
    id: "checks-without-hashing",
    breaks: "record-store.verify.damage",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *verify(request, options) {
        for await (const page of good.verify(request, options)) yield { ...page, damages: [] };
      },
    }),
  },
  {
    id: "loses-its-text-index-when-closed",
    breaks: "record-store.durable.reopen",
    alsoCaughtBy: [],
    alter: (good, instance) => ({
      async find(request, options) {
        const result = await good.find(request, options);
        const byText = request.where.some(({ op }) => op === "text");
        return instance > 0 && byText ? { ...result, records: [] } : result;
      },
    }),
  },
  {
    id: "forgets-digests-when-closed",
    breaks: "record-store.durable.goes-on",
    alsoCaughtBy: [],
    alter: (good, instance) => ({
      put: (request, options) =>
        good.put(request, options).catch(async (error: unknown) => {
          if (instance === 0 || !isRmtcError(error, "RMTC_RECORD_CONFLICT")) throw error;
          const results = request.records.map((record) => {
            const { digest } = checkRecord(record);
            return { id: record.id, digest, status: "created" as const };
          });
          return { results, cursor: (await good.head()).cursor };
        }),
    }),
  },
  {
    id: "forgets-erasures-when-closed",
    breaks: "record-store.durable.erasure",
    alsoCaughtBy: [],
    alter(good, instance) {
      const back = new Map<string, RmtcRecord>();
      return {
        async put(request, options) {
          const result = await good.put(request, options);
          for (const record of request.records) back.set(record.id, record);
          return result;
        },
        ...changeGot(good, (stored) =>
          instance === 0 || stored.erased.length === 0
            ? stored
            : { ...stored, record: back.get(stored.record.id) ?? stored.record, erased: [] },
        ),
      };
    },
  },
  {
    id: "keeps-half-of-an-aborted-put",
    breaks: "record-store.aborted.put-midway",
    alsoCaughtBy: [],
    alter: (good) => ({
      async put(request, options) {
        const half = Math.floor(request.records.length / 2);
        if (half < 50 || options?.signal === undefined) return await good.put(request, options);
        options.signal.throwIfAborted();
        const first = await good.put({ ...request, records: request.records.slice(0, half) });
        await new Promise((resolve) => setTimeout(resolve, 5));
        const rest = await good.put({ ...request, records: request.records.slice(half) }, options);
        return { results: [...first.results, ...rest.results], cursor: rest.cursor };
      },
    }),
  },
];
