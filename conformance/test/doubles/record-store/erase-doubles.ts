// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord } from "@rmtc/attest";
import { type EraseResult, isRmtcError, type RecordStore, RmtcError } from "@rmtc/contract";
import { matches } from "@rmtc/query";
import type { RmtcRecord } from "@rmtc/spec";
import type { Double } from "../double.ts";
import { changeGot } from "./change-stored.ts";

/** Doubles that are wrong in how they erase. */
export const eraseDoubles: readonly Double<RecordStore>[] = [
  {
    id: "keeps-what-it-erases",
    breaks: "record-store.erase.parts",
    alsoCaughtBy: [
      "record-store.erase.every-read",
      "record-store.erase.never-back",
      "record-store.erase.never-back-beside-disclosure",
      "record-store.erase.before-held",
    ],
    alter(good) {
      const before = new Map<string, RmtcRecord>();
      return {
        async erase(request, options) {
          const [stored] = (await good.get({ ids: [request.id] })).records;
          const result = await good.erase(request, options);
          if (stored) before.set(request.id, stored.record);
          return result;
        },
        ...changeGot(good, (stored) => ({
          ...stored,
          record: before.get(stored.record.id) ?? stored.record,
        })),
      };
    },
  },
  {
    id: "finds-what-it-erased",
    breaks: "record-store.erase.every-read",
    alsoCaughtBy: [],
    alter(good) {
      const before = new Map<string, RmtcRecord>();
      return {
        async erase(request, options) {
          const [stored] = (await good.get({ ids: [request.id] })).records;
          if (stored) before.set(request.id, stored.record);
          return await good.erase(request, options);
        },
        async find(request, options) {
          const result = await good.find(request, options);
          const records = result.records.map((one) => ({
            ...one,
            record: before.get(one.record.id) ?? one.record,
          }));
          return { ...result, records };
        },
      };
    },
  },
  {
    id: "counts-by-what-it-erased",
    breaks: "record-store.erase.not-found-by-value",
    alsoCaughtBy: [],
    alter(good) {
      const before: RmtcRecord[] = [];
      return {
        async erase(request, options) {
          const [stored] = (await good.get({ ids: [request.id] })).records;
          if (stored) before.push(stored.record);
          return await good.erase(request, options);
        },
        async count(request, options) {
          const result = await good.count(request, options);
          if (request.where.length === 0) return result;
          const old = before.filter((record) => matches({ record, digest: "" }, request.where)).length;
          return { ...result, count: result.count + old };
        },
      };
    },
  },
  {
    id: "takes-back-what-it-erased",
    breaks: "record-store.erase.never-back",
    alsoCaughtBy: ["record-store.erase.never-back-beside-disclosure", "record-store.erase.before-held"],
    alter(good) {
      const back = new Map<string, RmtcRecord>();
      const erased = new Set<string>();
      return {
        async erase(request, options) {
          const result = await good.erase(request, options);
          erased.add(request.id);
          return result;
        },
        async put(request, options) {
          const result = await good.put(request, options);
          for (const record of request.records) {
            if (erased.has(record.id) && record.redacted === undefined) back.set(record.id, record);
          }
          return result;
        },
        ...changeGot(good, (stored) => ({ ...stored, record: back.get(stored.record.id) ?? stored.record })),
      };
    },
  },
  {
    id: "refuses-copies-with-erased-parts",
    breaks: "record-store.erase.never-back-beside-disclosure",
    alsoCaughtBy: ["record-store.erase.before-held"],
    alter(good) {
      const erased = new Set<string>();
      return {
        async erase(request, options) {
          const result = await good.erase(request, options);
          erased.add(request.id);
          return result;
        },
        async put(request, options) {
          if (!request.records.some(({ id }) => erased.has(id))) return await good.put(request, options);
          const results = request.records.map((record) => ({
            id: record.id,
            digest: checkRecord(record).digest,
            status: "known" as const,
          }));
          return { results, cursor: (await good.head(options)).cursor };
        },
      };
    },
  },
  {
    id: "erases-only-what-it-holds",
    breaks: "record-store.erase.before-held",
    alsoCaughtBy: [],
    alter: (good) => ({
      async erase(request, options) {
        const [stored] = (await good.get({ ids: [request.id] })).records;
        const parts = request.parts.filter((name) => stored?.record[name] !== undefined);
        return await good.erase({ ...request, parts }, options);
      },
    }),
  },
  {
    id: "erases-what-is-not-there",
    breaks: "record-store.erase.absent-part",
    alsoCaughtBy: [],
    alter: (good) => ({
      async erase(request, options) {
        const { stored, cursor } = await good.erase(request, options);
        return { stored: { ...stored, erased: [...new Set([...stored.erased, ...request.parts])] }, cursor };
      },
    }),
  },
  {
    id: "erases-once",
    breaks: "record-store.erase.again",
    alsoCaughtBy: [],
    alter(good) {
      const done = new Set<string>();
      return {
        async erase(request, options) {
          const result = await good.erase(request, options);
          const key = request.id + request.parts.join();
          if (done.has(key)) throw new RmtcError("RMTC_STATE_INVALID", "That was erased already.");
          done.add(key);
          return result;
        },
      };
    },
  },
  {
    id: "erases-what-is-not-held",
    breaks: "record-store.erase.not-held",
    alsoCaughtBy: [],
    alter: (good) => ({
      erase: (request, options) =>
        good.erase(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_NOT_FOUND")) throw error;
          return {} as EraseResult;
        }),
    }),
  },
  {
    id: "erases-links-too",
    breaks: "record-store.erase.tombstone",
    alsoCaughtBy: [],
    alter(good) {
      const erased = new Set<string>();
      return {
        async erase(request, options) {
          const result = await good.erase(request, options);
          if (request.parts.length > 1) erased.add(request.id);
          return result;
        },
        async edges(request, options) {
          const result = await good.edges(request, options);
          return { ...result, edges: result.edges.filter(({ from }) => !erased.has(from)) };
        },
      };
    },
  },
  {
    id: "takes-erasure-for-damage",
    breaks: "record-store.erase.damage",
    alsoCaughtBy: [],
    alter(good) {
      const erased = new Set<string>();
      return {
        async erase(request, options) {
          const result = await good.erase(request, options);
          erased.add(request.id);
          return result;
        },
        async *verify(request, options) {
          for await (const page of good.verify(request, options)) {
            const damages = [...erased].map((id) => ({ id, digest: "", message: "A part is gone." }));
            yield { ...page, damages: [...page.damages, ...damages] };
          }
        },
      };
    },
  },
];
