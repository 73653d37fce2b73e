// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord, redact } from "@rmtc/attest";
import { type PutRequest, type PutResult, type RecordStore, RmtcError } from "@rmtc/contract";
import type { PartName, RmtcRecord } from "@rmtc/spec";
import type { Double } from "../double.ts";
import { changeGot } from "./change-stored.ts";

/** Doubles that are wrong in how they join copies of one record. */
export const disclosureDoubles: readonly Double<RecordStore>[] = [
  {
    id: "refuses-redacted-records",
    breaks: "record-store.disclosure.redacted",
    alsoCaughtBy: [
      "record-store.put.forged-value",
      "record-store.get.withheld",
      "record-store.disclosure.union",
      "record-store.disclosure.union-in-one",
      "record-store.disclosure.parallel",
      "record-store.disclosure.withdraws-nothing",
      "record-store.disclosure.keeps-place",
      "record-store.disclosure.findable",
      "record-store.erase.every-read",
      "record-store.erase.never-back",
      "record-store.erase.never-back-beside-disclosure",
      "record-store.erase.before-held",
      "record-store.closure.redacted",
      "record-store.changes.order",
      "record-store.verify.clean",
    ],
    alter: (good) => ({
      async put(request, options) {
        if (request.records.some(({ redacted }) => redacted !== undefined)) {
          throw new RmtcError("RMTC_DOCUMENT_INVALID", "A record is not whole.");
        }
        return await good.put(request, options);
      },
    }),
  },
  {
    id: "keeps-the-first-copy",
    breaks: "record-store.disclosure.union",
    alsoCaughtBy: [
      "record-store.put.atomic",
      "record-store.put.conflict",
      "record-store.put.forged-value",
      "record-store.disclosure.findable",
      "record-store.erase.never-back-beside-disclosure",
      "record-store.erase.before-held",
      "record-store.changes.order",
    ],
    alter(good) {
      const held = new Set<string>();
      return {
        async put(request, options) {
          const result = await leavingOut(good, request, options, ({ id }) => held.has(id));
          for (const { id } of request.records) held.add(id);
          return result;
        },
      };
    },
  },
  {
    id: "keeps-the-first-copy-of-one-put",
    breaks: "record-store.disclosure.union-in-one",
    alsoCaughtBy: [
      "record-store.put.twice-in-one",
      "record-store.put.conflict-in-one",
      "record-store.put.limit",
    ],
    alter: (good) => ({
      async put(request, options) {
        const seen = new Set<string>();
        return await leavingOut(good, request, options, ({ id }) => {
          const again = seen.has(id);
          seen.add(id);
          return again;
        });
      },
    }),
  },
  {
    id: "loses-copies-at-the-same-time",
    breaks: "record-store.disclosure.parallel",
    alsoCaughtBy: [],
    alter(good) {
      const running = new Set<string>();
      return {
        async put(request, options) {
          const ids = request.records.map(({ id }) => id).filter((id) => !running.has(id));
          const result = leavingOut(good, request, options, ({ id, redacted }) => {
            return redacted !== undefined && running.has(id);
          });
          for (const id of ids) running.add(id);
          try {
            return await result;
          } finally {
            for (const id of ids) running.delete(id);
          }
        },
      };
    },
  },
  {
    id: "keeps-the-last-copy",
    breaks: "record-store.disclosure.withdraws-nothing",
    alsoCaughtBy: [
      "record-store.disclosure.union",
      "record-store.disclosure.union-in-one",
      "record-store.disclosure.parallel",
      "record-store.erase.never-back",
    ],
    alter(good) {
      const last = new Map<string, readonly PartName[]>();
      return {
        async put(request, options) {
          const result = await good.put(request, options);
          for (const { id, redacted } of request.records)
            last.set(id, Object.keys(redacted ?? {}) as PartName[]);
          return result;
        },
        ...changeGot(good, (stored) => ({
          ...stored,
          record: redact(stored.record, last.get(stored.record.id) ?? []),
        })),
      };
    },
  },
  {
    id: "moves-what-is-disclosed",
    breaks: "record-store.disclosure.keeps-place",
    alsoCaughtBy: [],
    alter(good) {
      const moved = new Map<string, number>();
      return {
        async put(request, options) {
          const result = await good.put(request, options);
          for (const { id, status } of result.results)
            if (status === "disclosed") moved.set(id, moved.size + 1_000);
          return result;
        },
        ...changeGot(good, (stored) => ({
          ...stored,
          position: moved.get(stored.record.id) ?? stored.position,
        })),
      };
    },
  },
  {
    id: "indexes-only-the-first-copy",
    breaks: "record-store.disclosure.findable",
    alsoCaughtBy: [],
    alter(good) {
      const first = new Map<string, RmtcRecord>();
      return {
        async put(request, options) {
          for (const record of request.records) if (!first.has(record.id)) first.set(record.id, record);
          return await good.put(request, options);
        },
        async find(request, options) {
          const result = await good.find(request, options);
          const indexed = ({ id }: RmtcRecord): boolean => first.get(id)?.redacted === undefined;
          if (request.where.length === 0) return result;
          return { ...result, records: result.records.filter(({ record }) => indexed(record)) };
        },
      };
    },
  },
];

/** Puts a request without some of its records, and says that those were known. */
async function leavingOut(
  good: RecordStore,
  request: PutRequest,
  options: Parameters<RecordStore["put"]>[1],
  leaveOut: (record: RmtcRecord) => boolean,
): Promise<PutResult> {
  const out = new Set(request.records.filter(leaveOut));
  const { results, cursor } = await good.put(
    { ...request, records: request.records.filter((record) => !out.has(record)) },
    options,
  );
  const answers = [...results];
  const all = request.records.map((record) => {
    const answer = out.has(record) ? undefined : answers.shift();
    return answer ?? { id: record.id, digest: checkRecord(record).digest, status: "known" as const };
  });
  return { results: all, cursor };
}
