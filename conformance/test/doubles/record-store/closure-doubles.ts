// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isTombstone } from "@rmtc/attest";
import { type RecordStore, RmtcError } from "@rmtc/contract";
import type { Double } from "../double.ts";
import { changeClosure, requestClosure } from "./change-closure.ts";

/** Doubles that walk wrongly. */
export const closureDoubles: readonly Double<RecordStore>[] = [
  {
    id: "walks-to-parents-only",
    breaks: "record-store.closure.upstream",
    alsoCaughtBy: [
      "record-store.erase.tombstone",
      "record-store.closure.once",
      "record-store.closure.breadth-first",
      "record-store.closure.deep",
      "record-store.closure.wide",
      "record-store.closure.redacted",
      "record-store.gaps.mismatch-beside-match",
      "record-store.gaps.close",
    ],
    alter: (good) =>
      changeClosure(good, (whole, { direction }) =>
        direction === "upstream"
          ? { ...whole, records: whole.records.filter(({ depth }) => depth <= 1) }
          : whole,
      ),
  },
  {
    id: "walks-to-children-only",
    breaks: "record-store.closure.downstream",
    alsoCaughtBy: [
      "record-store.erase.tombstone",
      "record-store.closure.once",
      "record-store.closure.breadth-first",
      "record-store.closure.roots",
      "record-store.closure.deep",
      "record-store.closure.wide",
      "record-store.gaps.close",
    ],
    alter: (good) =>
      changeClosure(good, (whole, { direction }) =>
        direction === "downstream"
          ? { ...whole, records: whole.records.filter(({ depth }) => depth <= 1) }
          : whole,
      ),
  },
  {
    id: "reaches-a-record-by-every-way",
    breaks: "record-store.closure.once",
    alsoCaughtBy: ["record-store.closure.breadth-first"],
    alter: (good) =>
      changeClosure(good, async (whole, { direction }) => {
        const again: string[] = [];
        for (const { id } of whole.records) {
          const { edges } = await good.edges({ ids: [id], direction, limit: 10 });
          const next = new Set(edges.map(({ to, from }) => (direction === "upstream" ? to : from)));
          if (next.size === 2) again.push(...next);
        }
        const twice = whole.records.filter(({ id, depth }) => depth > 1 && again.includes(id));
        return { ...whole, records: [...whole.records, ...twice] };
      }),
  },
  {
    id: "walks-depth-first",
    breaks: "record-store.closure.breadth-first",
    alsoCaughtBy: ["record-store.closure.deep", "record-store.gaps.close"],
    alter: (good) =>
      changeClosure(good, (whole) => {
        const deepest = whole.records.at(-1)?.depth ?? 0;
        const [root, ...rest] = whole.records;
        return deepest < 3 || root === undefined ? whole : { ...whole, records: [root, ...rest.reverse()] };
      }),
  },
  {
    id: "names-a-later-edge",
    breaks: "record-store.closure.via",
    alsoCaughtBy: ["record-store.closure.parallel-links"],
    alter: (good) =>
      changeClosure(good, (whole) => ({
        ...whole,
        records: whole.records.map((one) =>
          one.via === undefined ? one : { ...one, via: { ...one.via, index: one.via.index + 1 } },
        ),
      })),
  },
  {
    id: "says-asset-of-everything",
    breaks: "record-store.closure.kind-digest",
    alsoCaughtBy: [],
    alter: (good) =>
      changeClosure(good, (whole) => ({
        ...whole,
        records: whole.records.map((one) => ({ ...one, kind: "asset" })),
      })),
  },
  {
    id: "starts-at-the-first-root",
    breaks: "record-store.closure.roots",
    alsoCaughtBy: ["record-store.gaps.root", "record-store.gaps.cycle"],
    alter: (good) => requestClosure(good, (request) => ({ ...request, roots: request.roots.slice(0, 1) })),
  },
  {
    id: "stops-after-100-links",
    breaks: "record-store.closure.deep",
    alsoCaughtBy: [],
    alter: (good) =>
      changeClosure(good, (whole) => ({
        ...whole,
        records: whole.records.filter(({ depth }) => depth <= 100),
      })),
  },
  {
    id: "follows-50-links-of-a-record",
    breaks: "record-store.closure.wide",
    alsoCaughtBy: [],
    alter: (good) =>
      changeClosure(good, (whole) => {
        const followed = new Map<string, number>();
        const records = whole.records.filter(({ via }) => {
          if (via === undefined) return true;
          const from = `${via.from} ${via.rel}`;
          followed.set(from, (followed.get(from) ?? 0) + 1);
          followed.set(via.to, (followed.get(via.to) ?? 0) + 1);
          return (followed.get(from) ?? 0) <= 50 && (followed.get(via.to) ?? 0) <= 50;
        });
        return { ...whole, records };
      }),
  },
  {
    id: "gives-one-page",
    breaks: "record-store.closure.pages",
    alsoCaughtBy: [],
    alter: (good) =>
      requestClosure(good, (request) =>
        Number.isInteger(request.pageSize) && (request.pageSize ?? 0) > 0 && (request.pageSize ?? 0) <= 10_000
          ? { ...request, pageSize: 10_000 }
          : request,
      ),
  },
  {
    id: "takes-any-page-size",
    breaks: "record-store.closure.page-size-invalid",
    alsoCaughtBy: [],
    alter: (good) =>
      requestClosure(good, ({ pageSize, ...request }) => ({
        ...request,
        pageSize:
          pageSize === undefined ? undefined : Math.min(10_000, Math.max(1, Math.floor(pageSize) || 1)),
      })),
  },
  {
    id: "follows-what-it-should-ignore",
    breaks: "record-store.closure.ignore-relations",
    alsoCaughtBy: ["record-store.closure.parallel-links", "record-store.gaps.ignored"],
    alter: (good) => requestClosure(good, (request) => ({ ...request, ignoreRelations: undefined })),
  },
  {
    id: "follows-known-relations-only",
    breaks: "record-store.closure.ignore-relations",
    alsoCaughtBy: [],
    alter: (good) =>
      requestClosure(good, (request) => ({
        ...request,
        ignoreRelations: [...(request.ignoreRelations ?? []), "dreamtOf"],
      })),
  },
  {
    id: "looks-at-the-first-link-between-two",
    breaks: "record-store.closure.parallel-links",
    alsoCaughtBy: ["record-store.closure.ignore-relations"],
    alter: (good) =>
      changeClosure(good, (whole, { ignoreRelations = [] }) =>
        ignoreRelations.length === 0
          ? whole
          : { ...whole, records: whole.records.filter(({ via }) => (via?.index ?? 0) === 0) },
      ),
  },
  {
    id: "walks-round-tombstones",
    breaks: "record-store.closure.redacted",
    alsoCaughtBy: ["record-store.erase.tombstone"],
    alter: (good) =>
      changeClosure(good, async (whole) => {
        const { records } = await good.get({ ids: whole.records.map(({ id }) => id) });
        const hidden = (index: number): boolean => {
          const record = records[index]?.record;
          return record?.redacted !== undefined && isTombstone(record);
        };
        return { ...whole, records: whole.records.filter((_, index) => !hidden(index)) };
      }),
  },
  {
    id: "wants-a-root",
    breaks: "record-store.closure.no-roots",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *closure(request, options) {
        if (request.roots.length === 0) throw new RmtcError("RMTC_QUERY_INVALID", "There is no root.");
        yield* good.closure(request, options);
      },
    }),
  },
  {
    id: "leaves-roots-out",
    breaks: "record-store.closure.leaf",
    alsoCaughtBy: [
      "record-store.closure.ignore-relations",
      "record-store.gaps.mismatch",
      "record-store.gaps.root",
    ],
    alter: (good) =>
      changeClosure(good, (whole) => ({
        ...whole,
        records: whole.records.length === 1 ? [] : whole.records,
      })),
  },
  {
    id: "hangs-on-to-what-was-left",
    breaks: "record-store.closure.left-early",
    alsoCaughtBy: ["record-store.closure.page-size-invalid"],
    alter(good) {
      let left = false;
      return {
        async *closure(request, options) {
          if (left) throw new RmtcError("RMTC_STORE_BUSY", "Another closure has not ended.");
          left = true;
          yield* good.closure(request, options);
          left = false;
        },
      };
    },
  },
];
