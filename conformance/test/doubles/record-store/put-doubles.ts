// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord } from "@rmtc/attest";
import { isRmtcError, type PutResult, type RecordStore, RmtcError } from "@rmtc/contract";
import { kindFamilies, type RmtcRecord } from "@rmtc/spec";
import type { Double } from "../double.ts";
import { heldIds, pretend } from "./pretend-put.ts";

const knownKinds: readonly string[] = Object.values(kindFamilies).flat();

/** Doubles that are wrong in how they take records in. */
export const putDoubles: readonly Double<RecordStore>[] = [
  {
    id: "answers-in-reverse",
    breaks: "record-store.put.created",
    alsoCaughtBy: ["record-store.put.twice-in-one", "record-store.disclosure.union-in-one"],
    alter: (good) => ({
      async put(request, options) {
        const { results, cursor } = await good.put(request, options);
        return { results: results.toReversed(), cursor };
      },
    }),
  },
  {
    id: "refuses-an-empty-put",
    breaks: "record-store.put.empty",
    alsoCaughtBy: [],
    alter: (good) => ({
      async put(request, options) {
        if (request.records.length === 0)
          throw new RmtcError("RMTC_QUERY_INVALID", "There is nothing to put.");
        return await good.put(request, options);
      },
    }),
  },
  {
    id: "shows-edges-one-put-late",
    breaks: "record-store.put.read-your-write",
    alsoCaughtBy: [
      "record-store.erase.tombstone",
      "record-store.edges.upstream",
      "record-store.edges.downstream",
      "record-store.edges.target-not-held",
      "record-store.edges.several-ids",
      "record-store.edges.relations",
      "record-store.edges.pages",
      "record-store.edges.as-of",
      "record-store.edges.limit",
      "record-store.edges.wide",
      "record-store.closure.via",
    ],
    alter(good) {
      let newest: readonly string[] = [];
      return {
        async put(request, options) {
          const result = await good.put(request, options);
          newest = request.records.map(({ id }) => id);
          return result;
        },
        async edges(request, options) {
          const result = await good.edges(request, options);
          return { ...result, edges: result.edges.filter(({ from }) => !newest.includes(from)) };
        },
      };
    },
  },
  {
    id: "says-created-again",
    breaks: "record-store.put.idempotent",
    alsoCaughtBy: [
      "record-store.put.twice-in-one",
      "record-store.put.negative-zero",
      "record-store.put.parallel-identical",
      "record-store.disclosure.union-in-one",
      "record-store.disclosure.withdraws-nothing",
      "record-store.erase.never-back",
    ],
    alter: (good) => ({
      async put(request, options) {
        const { results, cursor } = await good.put(request, options);
        const status = (one: PutResult["results"][number]) =>
          one.status === "known" ? "created" : one.status;
        return { results: results.map((one) => ({ ...one, status: status(one) })), cursor };
      },
    }),
  },
  {
    id: "receives-again",
    breaks: "record-store.put.idempotent",
    alsoCaughtBy: ["record-store.disclosure.keeps-place"],
    alter(good) {
      const puts = new Map<string, number>();
      return {
        async put(request, options) {
          for (const { id } of request.records) puts.set(id, (puts.get(id) ?? 0) + 1);
          return await good.put(request, options);
        },
        async get(request, options) {
          const { records } = await good.get(request, options);
          return {
            records: records.map((one) =>
              one === null || (puts.get(one.record.id) ?? 0) < 2
                ? one
                : { ...one, receivedAt: "2030-01-01T00:00:00.000Z" },
            ),
          };
        },
      };
    },
  },
  {
    id: "looks-up-before-it-puts",
    breaks: "record-store.put.twice-in-one",
    alsoCaughtBy: ["record-store.put.parallel-identical", "record-store.disclosure.union-in-one"],
    alter: (good) => ({
      async put(request, options) {
        const known = await heldIds(good, request);
        const { results, cursor } = await good.put(request, options);
        const first = (one: PutResult["results"][number]) =>
          known.has(one.id) || one.status === "disclosed" ? one : { ...one, status: "created" as const };
        return { results: results.map(first), cursor };
      },
    }),
  },
  {
    id: "puts-one-by-one",
    breaks: "record-store.put.atomic",
    alsoCaughtBy: ["record-store.put.conflict-in-one"],
    alter: (good) => ({
      async put(request, options) {
        if (request.records.length > 50 || request.records.length < 2)
          return await good.put(request, options);
        const results: PutResult["results"][number][] = [];
        let cursor = "";
        for (const record of request.records) {
          const one = await good.put({ ...request, records: [record] }, options);
          results.push(...one.results);
          cursor = one.cursor;
        }
        return { results, cursor };
      },
    }),
  },
  {
    id: "puts-in-order-of-id",
    breaks: "record-store.put.order",
    alsoCaughtBy: [
      "record-store.put.twice-in-one",
      "record-store.disclosure.union-in-one",
      "record-store.erase.never-back",
      "record-store.changes.order",
    ],
    alter: (good) => ({
      async put(request, options) {
        const records = [...request.records].sort((a, b) => (a.id < b.id ? -1 : 1));
        const { results, cursor } = await good.put({ ...request, records }, options);
        return {
          results: request.records.flatMap(({ id }) => results.filter((one) => one.id === id)),
          cursor,
        };
      },
    }),
  },
  {
    id: "keeps-the-first-in-silence",
    breaks: "record-store.put.conflict",
    alsoCaughtBy: [
      "record-store.put.atomic",
      "record-store.put.conflict-in-one",
      "record-store.put.forged-value",
      "record-store.put.parallel-conflict",
      "record-store.durable.goes-on",
    ],
    alter: (good) => ({
      put: (request, options) => good.put(request, options).catch((error) => pretend(error, good, request)),
    }),
  },
  {
    id: "keeps-the-last-of-one-put",
    breaks: "record-store.put.conflict-in-one",
    alsoCaughtBy: ["record-store.put.limit"],
    alter: (good) => ({
      async put(request, options) {
        const last = new Map(request.records.map((record) => [record.id, record]));
        const digests = new Set(request.records.map(({ id }) => id));
        if (digests.size === request.records.length || request.records.some(({ redacted }) => redacted)) {
          return await good.put(request, options);
        }
        const { results, cursor } = await good.put({ ...request, records: [...last.values()] }, options);
        const seen = new Set<string>();
        const all = request.records.map((record) => {
          const one = results.find(({ id }) => id === record.id);
          const again = seen.has(record.id);
          seen.add(record.id);
          return {
            id: record.id,
            digest: one?.digest ?? "",
            status: again ? "known" : (one?.status ?? "known"),
          } as const;
        });
        return { results: all, cursor };
      },
    }),
  },
  {
    id: "trusts-redacted-hashes",
    breaks: "record-store.put.forged-value",
    alsoCaughtBy: [],
    alter: (good) => ({
      put: (request, options) =>
        good.put(request, options).catch((error) => {
          if (request.records.some(({ redacted }) => redacted === undefined)) throw error;
          return pretend(error, good, request);
        }),
    }),
  },
  {
    id: "prefers-the-disclosed-value",
    breaks: "record-store.put.forged-part-hash",
    alsoCaughtBy: [],
    alter: (good) =>
      repairing(good, ({ redacted, ...rest }) =>
        redacted === undefined || rest.salts === undefined ? undefined : rest,
      ),
  },
  {
    id: "drops-parts-without-salt",
    breaks: "record-store.put.missing-salt",
    alsoCaughtBy: [],
    alter: (good) =>
      repairing(good, (record) => {
        const { salts: _, name: __, ...rest } = record;
        return record.redacted === undefined && (record.salts === undefined || record.name === undefined)
          ? rest
          : undefined;
      }),
  },
  {
    id: "points-at-nothing",
    breaks: "record-store.put.envelope-invalid",
    alsoCaughtBy: [],
    alter: (good) => ({
      put: (request, options) =>
        good.put(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_DOCUMENT_INVALID")) throw error;
          throw new RmtcError("RMTC_DOCUMENT_INVALID", error.message);
        }),
    }),
  },
  {
    id: "knows-its-kinds-only",
    breaks: "record-store.put.unknown-kind",
    alsoCaughtBy: ["record-store.put.envelope-invalid"],
    alter: (good) => ({
      async put(request, options) {
        const unknown = request.records.find(({ kind }) => !knownKinds.includes(kind));
        if (unknown !== undefined)
          throw new RmtcError("RMTC_DOCUMENT_INVALID", `${unknown.kind} is no kind.`);
        return await good.put(request, options);
      },
    }),
  },
  {
    id: "wants-targets-first",
    breaks: "record-store.put.target-later",
    alsoCaughtBy: [
      "record-store.put.envelope-invalid",
      "record-store.put.unknown-kind",
      "record-store.get.whole",
      "record-store.get.parts",
      "record-store.get.envelope",
      "record-store.get.withheld",
      "record-store.get.verifies",
      "record-store.find.links",
      "record-store.edges.target-not-held",
      "record-store.gaps.missing",
      "record-store.gaps.each-link",
      "record-store.gaps.many",
      "record-store.gaps.root",
      "record-store.gaps.close",
      "record-store.gaps.other-digest-comes",
      "record-store.gaps.ignored",
      "record-store.as-of.later-records",
    ],
    alter: (good) => ({
      async put(request, options) {
        const own = new Set(request.records.map(({ id }) => id));
        const targets = request.records
          .flatMap(({ links }) => links.map(({ to }) => to))
          .filter((id) => !own.has(id));
        const { records } = await good.get({ ids: targets }, options);
        if (records.includes(null)) throw new RmtcError("RMTC_NOT_FOUND", "A link's target is not held.");
        return await good.put(request, options);
      },
    }),
  },
  {
    id: "takes-any-number",
    breaks: "record-store.put.limit",
    alsoCaughtBy: [],
    alter: (good) => ({
      async put(request, options) {
        const most = good.capabilities.maxPutRecords;
        if (request.records.length <= most) return await good.put(request, options);
        await good.put({ ...request, records: request.records.slice(0, most) }, options);
        return await good.put({ ...request, records: request.records.slice(most) }, options);
      },
    }),
  },
  {
    id: "drops-what-is-too-much",
    breaks: "record-store.put.many",
    alsoCaughtBy: [
      "record-store.put.limit",
      "record-store.count.more",
      "record-store.closure.deep",
      "record-store.closure.wide",
      "record-store.aborted.put-midway",
    ],
    alter: (good) => ({
      async put(request, options) {
        const { results, cursor } = await good.put(
          { ...request, records: request.records.slice(0, 40) },
          options,
        );
        const rest = request.records.slice(40).map((record) => {
          const { digest } = checkRecord(record);
          return { id: record.id, digest, status: "created" as const };
        });
        return { results: [...results, ...rest], cursor };
      },
    }),
  },
];

/** Puts records that were refused again, mended. */
function repairing(
  good: RecordStore,
  mend: (record: RmtcRecord) => RmtcRecord | undefined,
): Pick<RecordStore, "put"> {
  return {
    put: (request, options) =>
      good.put(request, options).catch(async (error: unknown) => {
        const mended = request.records.map(mend);
        if (!isRmtcError(error, "RMTC_DOCUMENT_INVALID") || mended.includes(undefined)) throw error;
        return await good.put(
          { ...request, records: mended.filter((record) => record !== undefined) },
          options,
        );
      }),
  };
}
