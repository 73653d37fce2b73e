// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId } from "@rmtc/attest";
import type { Direction, EdgesRequest } from "@rmtc/contract";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collectPages } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { bare, fan, linkTo, linkToNowhere, sample } from "./sample-records.ts";

/** How links are listed in both directions. */
export const edgesCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.edges.upstream",
    level: "must",
    spec: "record-store.md#rmtc-rst-090",
    title: "lists a record's own links in their order, with relation, digest and index",
    async run({ store }) {
      const targets = [sample(), sample(), sample()];
      const [a, b, c] = targets.map((target) => linkTo(target, "derivedFrom"));
      assert.ok(a && b && c);
      const links = [c, { ...a, rel: "depicts" }, b, c];
      const record = bare(links);
      await store.put({ records: [...targets, record, bare([a])] });
      const { edges, next } = await store.edges({ ids: [record.id], direction: "upstream", limit: 10 });
      assertSame(
        edges,
        links.map(({ rel, to, digest }, index) => ({ from: record.id, rel, to, digest, index })),
      );
      assert.equal(next, undefined);
    },
  },
  {
    id: "record-store.edges.downstream",
    level: "must",
    spec: "record-store.md#rmtc-rst-091",
    title: "lists the links that other records hold to a record, in order of their position and index",
    async run({ store }) {
      const target = sample();
      const other = sample();
      const link = linkTo(target);
      const holders = [
        bare([linkTo(other), link, link]),
        bare([link]),
        bare([linkTo(other)]),
        bare([link]),
      ].sort((a, b) => (a.id < b.id ? 1 : -1));
      await store.put({ records: [target, other] });
      for (const holder of holders) await store.put({ records: [holder] });
      const { edges } = await store.edges({ ids: [target.id], direction: "downstream", limit: 10 });
      const wanted = holders.flatMap(({ id, links }) =>
        links.flatMap(({ rel, to, digest }, index) =>
          to === target.id ? [{ from: id, rel, to, digest, index }] : [],
        ),
      );
      assertSame(edges, wanted);
    },
  },
  {
    id: "record-store.edges.target-not-held",
    level: "must",
    spec: "record-store.md#rmtc-rst-092",
    title: "lists links to records that are not held, or are held under another digest",
    async run({ store }) {
      const nowhere = linkToNowhere();
      const held = sample();
      const wrong = { ...linkTo(sample()), to: held.id };
      const record = bare([nowhere, wrong]);
      await store.put({ records: [held, record] });
      const up = await store.edges({ ids: [record.id], direction: "upstream", limit: 10 });
      assertSame(
        up.edges.map(({ to, digest }) => [to, digest]),
        [
          [nowhere.to, nowhere.digest],
          [held.id, wrong.digest],
        ],
      );
      const down = await store.edges({ ids: [nowhere.to, held.id], direction: "downstream", limit: 10 });
      assertSame(down.edges, up.edges);
    },
  },
  {
    id: "record-store.edges.several-ids",
    level: "must",
    spec: "record-store.md#rmtc-rst-093",
    title: "lists each link once, for all ids together in one order, and none for ids it does not know",
    async run({ store }) {
      const [first, second] = [sample(), sample()];
      const holders = [bare([linkTo(second)]), bare([linkTo(first), linkTo(second)]), bare([linkTo(first)])];
      await store.put({ records: [first, second, ...holders] });
      const ids = [second.id, first.id, second.id, newRecordId()];
      const down = await store.edges({ ids, direction: "downstream", limit: 10 });
      assertSame(
        down.edges.map(({ from, to }) => [from, to]),
        [
          [holders[0]?.id, second.id],
          [holders[1]?.id, first.id],
          [holders[1]?.id, second.id],
          [holders[2]?.id, first.id],
        ],
      );
      const own = [holders[2]?.id ?? "", holders[0]?.id ?? ""];
      const up = await store.edges({ ids: own, direction: "upstream", limit: 10 });
      assertSame(
        up.edges.map(({ from }) => from),
        [...own].reverse(),
      );
      const none = await store.edges({ ids: [], direction: "upstream", limit: 10 });
      assertSame(none.edges, []);
    },
  },
  {
    id: "record-store.edges.relations",
    level: "must",
    spec: "record-store.md#rmtc-rst-094",
    title: "lists only the relations asked for",
    async run({ store }) {
      const target = sample();
      const record = bare(["derivedFrom", "depicts", "dreamtOf", "used"].map((rel) => linkTo(target, rel)));
      await store.put({ records: [target, record] });
      const relationsOf = async (
        relations: readonly string[] | undefined,
      ): Promise<(readonly string[])[]> => {
        const both: string[][] = [];
        for (const [id, direction] of [
          [record.id, "upstream"],
          [target.id, "downstream"],
        ] as const) {
          const { edges } = await store.edges({ ids: [id], direction, relations, limit: 10 });
          both.push(edges.map(({ rel }) => rel));
        }
        return both;
      };
      const two = ["depicts", "dreamtOf"];
      assertSame(await relationsOf(["dreamtOf", "depicts"]), [two, two]);
      assertSame(await relationsOf(["trainedOn"]), [[], []]);
      assertSame(await relationsOf([]), [[], []]);
      assert.equal((await relationsOf(undefined))[0]?.length, 4);
    },
  },
  {
    id: "record-store.edges.pages",
    level: "must",
    spec: "record-store.md#rmtc-rst-095",
    title: "cuts edges into pages that neither repeat nor miss one",
    async run({ store }) {
      const target = sample();
      const link = linkTo(target);
      const holders = [bare([link, link, link]), ...fan(6, target), bare([link, link])];
      await store.put({ records: [target, ...holders] });
      const ids = holders.map(({ id }) => id);
      const requests: readonly (readonly [Direction, readonly string[]])[] = [
        ["downstream", [target.id]],
        ["upstream", ids],
      ];
      for (const [direction, roots] of requests) {
        const whole = (await store.edges({ ids: roots, direction, limit: 100 })).edges;
        assert.equal(whole.length, 11);
        for (const limit of [1, 2, 5, 10, 11, 10_000]) {
          const pages = await collectPages((cursor) => store.edges({ ids: roots, direction, limit, cursor }));
          assertSame(
            pages.flatMap(({ edges }) => edges),
            whole,
            `${direction}, limit ${limit}`,
          );
          assert.ok(
            pages.every(({ edges }) => edges.length > 0 && edges.length <= limit),
            `limit ${limit}`,
          );
        }
      }
    },
  },
  {
    id: "record-store.edges.as-of",
    level: "must",
    spec: "record-store.md#rmtc-rst-096",
    title: "lists as of a cursor only links of records received up to it",
    async run({ store }) {
      const target = sample();
      const [early, late] = [bare([linkTo(target)]), bare([linkTo(target)])];
      const { cursor } = await store.put({ records: [target, early] });
      await store.put({ records: [late] });
      const request: EdgesRequest = { ids: [target.id], direction: "downstream", limit: 10, asOf: cursor };
      const then = await store.edges(request);
      assertSame(
        then.edges.map(({ from }) => from),
        [early.id],
      );
      assert.equal(then.asOf, cursor);
      const now = await store.edges({ ...request, asOf: undefined });
      assert.equal(now.edges.length, 2);
      const up = await store.edges({ ids: [late.id], direction: "upstream", limit: 10, asOf: cursor });
      assertSame(up.edges, []);
    },
  },
  {
    id: "record-store.edges.cursor-foreign",
    level: "must",
    spec: "record-store.md#rmtc-rst-097",
    title: "refuses cursors of another request, or of nobody's",
    async run({ store }) {
      const target = sample();
      await store.put({ records: [target, ...fan(4, target)] });
      const request: EdgesRequest = { ids: [target.id], direction: "downstream", limit: 2 };
      const { next } = await store.edges(request);
      assert.ok(next !== undefined, "there is no next page");
      const others: readonly EdgesRequest[] = [
        { ...request, ids: [newRecordId()], cursor: next },
        { ...request, direction: "upstream", cursor: next },
        { ...request, relations: ["derivedFrom"], cursor: next },
        { ...request, cursor: "nobody's" },
        { ...request, cursor: "" },
        { ...request, asOf: "nobody's" },
      ];
      for (const other of others) await rejectsWith(() => store.edges(other), "RMTC_CURSOR_INVALID");
    },
  },
  {
    id: "record-store.edges.limit",
    level: "must",
    spec: "record-store.md#rmtc-rst-098",
    title: "refuses limits that are not integers from 1 to 10,000",
    async run({ store }) {
      const target = sample();
      await store.put({ records: [target, ...fan(2, target)] });
      const request: EdgesRequest = { ids: [target.id], direction: "downstream", limit: 1 };
      for (const limit of [0, -1, 10_001, 1.5, Number.NaN]) {
        await rejectsWith(() => store.edges({ ...request, limit }), "RMTC_QUERY_INVALID");
      }
      assert.equal((await store.edges({ ...request, limit: 10_000 })).edges.length, 2);
    },
  },
  {
    id: "record-store.edges.wide",
    level: "must",
    spec: "record-store.md#rmtc-rst-095",
    title: "lists the links to a record that thousands link to",
    async run({ store, size }) {
      const target = sample();
      const holders = fan(size(3_000, 20), target);
      await store.put({ records: [target] });
      for (let start = 0; start < holders.length; start += 1_000) {
        await store.put({ records: holders.slice(start, start + 1_000) });
      }
      const request: EdgesRequest = { ids: [target.id], direction: "downstream", limit: size(700, 7) };
      const pages = await collectPages((cursor) => store.edges({ ...request, cursor }));
      assertSame(
        pages.flatMap(({ edges }) => edges.map(({ from }) => from)),
        holders.map(({ id }) => id),
      );
    },
  },
];
