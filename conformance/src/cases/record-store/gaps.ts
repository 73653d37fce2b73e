// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { makeRecord, newRecordId, recordDigest } from "@rmtc/attest";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { bare, chain, fan, linkTo, linkToNowhere, putAll, sample } from "./sample-records.ts";
import { walk } from "./walk.ts";

/** How a closure says what it could not know. */
export const gapsCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.gaps.missing",
    level: "must",
    spec: "record-store.md#rmtc-rst-120",
    title: "names the target that is not held and the edge that leads to it",
    async run({ store }) {
      const [missing, middle, last] = chain(3);
      assert.ok(missing && middle && last);
      await store.put({ records: [middle, last] });
      const { ids, gaps } = await walk(store, { roots: [last.id], direction: "upstream" });
      assertSame(ids, [last.id, middle.id]);
      const via = { from: middle.id, index: 0, ...middle.links[0] };
      assertSame(gaps, [{ type: "missing", id: missing.id, via }]);
    },
  },
  {
    id: "record-store.gaps.each-link",
    level: "must",
    spec: "record-store.md#rmtc-rst-120",
    title: "names each link to a target that is not held, once",
    async run({ store }) {
      const nowhere = linkToNowhere();
      const elsewhere = linkToNowhere();
      const left = bare([nowhere]);
      const right = bare([elsewhere, nowhere]);
      const records = [left, right, bare([linkTo(left), linkTo(right), linkTo(left, "used")])];
      await store.put({ records });
      for (const pageSize of [undefined, 1]) {
        const roots = [records[2]?.id ?? ""];
        const { gaps } = await walk(store, { roots, direction: "upstream", pageSize });
        const found = gaps.map(({ type, id, via }) => `${type} ${id} ${via?.from} ${via?.index}`).sort();
        const wanted = [
          `missing ${nowhere.to} ${left.id} 0`,
          `missing ${elsewhere.to} ${right.id} 0`,
          `missing ${nowhere.to} ${right.id} 1`,
        ];
        assertSame(found, wanted.sort());
      }
    },
  },
  {
    id: "record-store.gaps.many",
    level: "must",
    spec: "record-store.md#rmtc-rst-120",
    title: "names thousands of missing targets",
    async run({ store, size }) {
      const links = Array.from({ length: size(3_000, 40) }, () => linkToNowhere("hasMember"));
      const dataset = bare(links);
      await store.put({ records: [dataset] });
      const { gaps } = await walk(store, { roots: [dataset.id], direction: "upstream", pageSize: 10 });
      assertSame(gaps.map(({ id }) => id).sort(), links.map(({ to }) => to).sort());
    },
  },
  {
    id: "record-store.gaps.mismatch",
    level: "must",
    spec: "record-store.md#rmtc-rst-121",
    title: "names a target held under another digest, and does not walk through it",
    async run({ store }) {
      const [plate, middle] = chain(2);
      assert.ok(plate && middle);
      const claimed = makeRecord({ id: middle.id, kind: "asset", links: [] });
      const matte = bare([linkTo(claimed)]);
      await store.put({ records: [plate, middle, matte] });
      const { ids, gaps } = await walk(store, { roots: [matte.id], direction: "upstream" });
      assertSame(ids, [matte.id]);
      const via = { from: matte.id, index: 0, ...matte.links[0] };
      assertSame(gaps, [{ type: "mismatch", id: middle.id, via }]);
    },
  },
  {
    id: "record-store.gaps.mismatch-downstream",
    level: "must",
    spec: "record-store.md#rmtc-rst-121",
    title: "names downstream the link that means another digest of a record, and does not follow it back",
    async run({ store }) {
      const plate = sample();
      const claimed = sample({ id: plate.id });
      const wrong = bare([linkTo(claimed)]);
      const beyond = bare([linkTo(wrong)]);
      const right = bare([linkTo(plate)]);
      await store.put({ records: [plate, wrong, beyond, right] });
      const { ids, gaps } = await walk(store, { roots: [plate.id], direction: "downstream" });
      assertSame(ids, [plate.id, right.id]);
      const via = { from: wrong.id, index: 0, ...wrong.links[0] };
      assertSame(gaps, [{ type: "mismatch", id: plate.id, via }]);
    },
  },
  {
    id: "record-store.gaps.mismatch-beside-match",
    level: "must",
    spec: "record-store.md#rmtc-rst-121",
    title: "names a mismatching link also when another link reaches the record",
    async run({ store }) {
      const [first, plate] = chain(2);
      assert.ok(first && plate);
      const wrong = linkTo(sample({ id: plate.id }));
      const right = linkTo(plate);
      for (const links of [
        [right, wrong],
        [wrong, right],
      ]) {
        const matte = bare(links);
        await store.put({ records: [first, plate, matte] });
        const { ids, gaps } = await walk(store, { roots: [matte.id], direction: "upstream" });
        assertSame(ids, [matte.id, plate.id, first.id]);
        assertSame(
          gaps.map(({ type, id, via }) => [type, id, via?.digest]),
          [["mismatch", plate.id, wrong.digest]],
        );
      }
    },
  },
  {
    id: "record-store.gaps.root",
    level: "must",
    spec: "record-store.md#rmtc-rst-122",
    title: "names a root that is not held, once and without an edge, and walks nowhere from it",
    async run({ store }) {
      const missing = sample();
      const dependent = bare([linkTo(missing)]);
      const held = sample();
      await store.put({ records: [dependent, held] });
      for (const direction of ["upstream", "downstream"] as const) {
        const roots = [missing.id, held.id, missing.id];
        const { ids, gaps } = await walk(store, { roots, direction });
        assertSame(ids, [held.id], direction);
        assertSame(gaps, [{ type: "missing", id: missing.id }], direction);
      }
    },
  },
  {
    id: "record-store.gaps.close",
    level: "must",
    spec: "record-store.md#rmtc-rst-123",
    title: "closes a gap when the target comes, and walks on through it",
    async run({ store }) {
      const line = chain(4);
      const [first, second, third, last] = line;
      assert.ok(first && second && third && last);
      await store.put({ records: [last, third, first] });
      const request = { roots: [last.id], direction: "upstream" } as const;
      const before = await walk(store, request);
      assertSame(before.ids, [last.id, third.id]);
      assert.equal(before.gaps.length, 1);
      await store.put({ records: [second] });
      const after = await walk(store, request);
      assertSame(after.ids, [last.id, third.id, second.id, first.id]);
      assertSame(after.gaps, []);
      const down = await walk(store, { roots: [first.id], direction: "downstream" });
      assertSame(
        down.ids,
        line.map(({ id }) => id),
      );
    },
  },
  {
    id: "record-store.gaps.other-digest-comes",
    level: "must",
    spec: "record-store.md#rmtc-rst-121",
    title: "turns a missing target into a mismatch when another digest comes under its id",
    async run({ store }) {
      const wanted = sample();
      const record = bare([linkTo(wanted)]);
      await store.put({ records: [record] });
      await store.put({ records: [sample({ id: wanted.id })] });
      const { gaps } = await walk(store, { roots: [record.id], direction: "upstream" });
      assertSame(
        gaps.map(({ type, id }) => [type, id]),
        [["mismatch", wanted.id]],
      );
    },
  },
  {
    id: "record-store.gaps.ignored",
    level: "must",
    spec: "record-store.md#rmtc-rst-118",
    title: "names no gap for a relation that it was told to ignore",
    async run({ store }) {
      const record = bare([linkToNowhere("testedOn"), linkToNowhere("derivedFrom")]);
      await store.put({ records: [record] });
      const request = { roots: [record.id], direction: "upstream", ignoreRelations: ["testedOn"] } as const;
      const { gaps } = await walk(store, request);
      assertSame(
        gaps.map(({ via }) => via?.rel),
        ["derivedFrom"],
      );
    },
  },
  {
    id: "record-store.gaps.cycle",
    level: "must",
    spec: "record-store.md#rmtc-rst-124",
    title: "ends on ids that name each other in a circle",
    async run({ store }) {
      const [a, b] = [newRecordId(), newRecordId()];
      const guess = recordDigest(bare());
      const first = makeRecord({
        id: a,
        kind: "asset",
        links: [{ rel: "derivedFrom", to: b, digest: guess }],
      });
      const second = makeRecord({
        id: b,
        kind: "asset",
        links: [linkTo(first), { rel: "used", to: b, digest: guess }],
      });
      await store.put({ records: [first, second] });
      for (const direction of ["upstream", "downstream"] as const) {
        const { ids, gaps } = await walk(store, { roots: [a, b], direction });
        assertSame(ids.sort(), [a, b].sort());
        assertSame(gaps.map(({ type, id }) => `${type} ${id}`).sort(), [`mismatch ${b}`, `mismatch ${b}`]);
      }
    },
  },
  {
    id: "record-store.as-of.later-records",
    level: "must",
    spec: "record-store.md#rmtc-rst-125",
    title: "takes records received after a cursor for not held, as of that cursor",
    async run({ store }) {
      const [first, second, third] = chain(3);
      assert.ok(first && second && third);
      await store.put({ records: [third] });
      const { cursor } = await store.put({ records: [second] });
      await store.put({ records: [first] });
      const up = await walk(store, { roots: [third.id], direction: "upstream", asOf: cursor });
      assertSame(up.ids, [third.id, second.id]);
      assertSame(
        up.gaps.map(({ type, id }) => [type, id]),
        [["missing", first.id]],
      );
      const root = await walk(store, { roots: [first.id], direction: "downstream", asOf: cursor });
      assertSame(root.ids, []);
      assertSame(root.gaps, [{ type: "missing", id: first.id }]);
    },
  },
  {
    id: "record-store.as-of.downstream",
    level: "must",
    spec: "record-store.md#rmtc-rst-125",
    title: "neither reaches downstream nor names as a gap what came after the cursor",
    async run({ store }) {
      const plate = sample();
      const [early, late] = [bare([linkTo(plate)]), bare([linkTo(plate)])];
      const wrong = bare([linkTo(sample({ id: plate.id }))]);
      const { cursor } = await store.put({ records: [plate, early] });
      await store.put({ records: [late, wrong] });
      const request = { roots: [plate.id], direction: "downstream" } as const;
      const then = await walk(store, { ...request, asOf: cursor });
      assertSame(then.ids, [plate.id, early.id]);
      assertSame(then.gaps, []);
      const now = await walk(store, request);
      assertSame(now.ids, [plate.id, early.id, late.id]);
      assert.equal(now.gaps.length, 1);
    },
  },
  {
    id: "record-store.as-of.steady",
    level: "must",
    spec: "record-store.md#rmtc-rst-126",
    title: "leaves out what comes while it walks",
    async run({ store }) {
      const plate = sample();
      const frames = fan(12, plate);
      await putAll(store, [plate, ...frames]);
      const { cursor } = await store.head();
      const ids: string[] = [];
      for await (const page of store.closure({ roots: [plate.id], direction: "downstream", pageSize: 3 })) {
        assert.equal(page.asOf, cursor, "a page answers as of a later change");
        ids.push(...page.records.map(({ id }) => id));
        const last = frames.at(-1) ?? plate;
        await store.put({ records: [bare([linkTo(plate)]), bare([linkTo(last)])] });
      }
      assertSame(ids, [plate.id, ...frames.map(({ id }) => id)]);
    },
  },
];
