// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type RecordStore, type StoredRecord } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import type { Double } from "../double.ts";

/** Doubles that keep values, or what belongs to them, otherwise. */
export const valuesDoubles: readonly Double<RecordStore>[] = [
  {
    id: "writes-what-json-stringify-writes",
    breaks: "record-store.put.not-i-json",
    alsoCaughtBy: [],
    alter: (good) => ({
      put: (request, options) =>
        good.put(request, options).catch(async (error: unknown) => {
          if (!isRmtcError(error, "RMTC_JSON_INVALID")) throw error;
          const records = request.records.map((record) => ({ ...record, body: { cleaned: true } }));
          return await good.put({ ...request, records }, options);
        }),
    }),
  },
  {
    id: "moves-to-the-newest-partition",
    breaks: "record-store.put.partition",
    alsoCaughtBy: ["record-store.disclosure.keeps-place"],
    alter(good) {
      const partitions = new Map<string, string>();
      return {
        async put(request, options) {
          const result = await good.put(request, options);
          for (const { id } of request.records) partitions.set(id, request.partition ?? "");
          return result;
        },
        async get(request, options) {
          const { records } = await good.get(request, options);
          const partition = (id: string, known: string): string => partitions.get(id) ?? known;
          return {
            records: records.map((one) =>
              one === null ? null : { ...one, partition: partition(one.record.id, one.partition) },
            ),
          };
        },
      };
    },
  },
  {
    id: "believes-created-at",
    breaks: "record-store.put.received-at",
    alsoCaughtBy: [],
    alter(good) {
      const believed = (one: StoredRecord): StoredRecord => ({ ...one, receivedAt: one.record.createdAt });
      return {
        async get(request, options) {
          const { records } = await good.get(request, options);
          return { records: records.map((one) => (one === null ? null : believed(one))) };
        },
        async find(request, options) {
          const page = await good.find(request, options);
          return { ...page, records: page.records.map(believed) };
        },
        async erase(request, options) {
          const { stored, cursor } = await good.erase(request, options);
          return { stored: believed(stored), cursor };
        },
      };
    },
  },
  {
    id: "keeps-the-caller's-object",
    breaks: "record-store.put.copies",
    alsoCaughtBy: [
      "record-store.put.negative-zero",
      "record-store.disclosure.union",
      "record-store.disclosure.union-in-one",
      "record-store.disclosure.parallel",
      "record-store.disclosure.withdraws-nothing",
    ],
    alter(good) {
      const given = new Map<string, RmtcRecord>();
      return {
        async put(request, options) {
          const result = await good.put(request, options);
          for (const record of request.records) given.set(record.id, record);
          return result;
        },
        async get(request, options) {
          const { records } = await good.get(request, options);
          const whole = request.parts === undefined;
          return {
            records: records.map((one) =>
              one === null || !whole || one.record.redacted !== undefined
                ? one
                : { ...one, record: given.get(one.record.id) ?? one.record },
            ),
          };
        },
      };
    },
  },
  {
    id: "normalizes-text",
    breaks: "record-store.put.verbatim",
    alsoCaughtBy: [],
    alter: (good) => ({
      async get(request, options) {
        const { records } = await good.get(request, options);
        const text = JSON.stringify(records).normalize("NFC");
        return { records: JSON.parse(text) as typeof records };
      },
    }),
  },
  {
    id: "gives-negative-zero-back",
    breaks: "record-store.put.negative-zero",
    alsoCaughtBy: [],
    alter: (good) => ({
      async get(request, options) {
        const { records } = await good.get(request, options);
        return {
          records: records.map((one) =>
            one?.record.body?.zero === 0
              ? { ...one, record: { ...one.record, body: { ...one.record.body, zero: -0 } } }
              : one,
          ),
        };
      },
    }),
  },
];
