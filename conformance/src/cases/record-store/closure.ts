// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId, recordDigest, tombstone } from "@rmtc/attest";
import type { Direction, ReachedRecord } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collect } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { bare, chain, fan, linkTo, putAll, sample } from "./sample-records.ts";
import { walk } from "./walk.ts";

const bothWays: readonly Direction[] = ["upstream", "downstream"];

/** What a closure reaches, and by which way. */
export const closureCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.closure.upstream",
    level: "must",
    spec: "record-store.md#rmtc-rst-110",
    title: "reaches upstream what a record was made from, and nothing else",
    async run({ store }) {
      const { plate, left, right, matte, others } = diamond();
      await store.put({ records: [plate, left, right, matte, ...others] });
      const { ids, gaps } = await walk(store, { roots: [matte.id], direction: "upstream" });
      assertSame(ids.sort(), [plate, left, right, matte].map(({ id }) => id).sort());
      assertSame(gaps, []);
    },
  },
  {
    id: "record-store.closure.downstream",
    level: "must",
    spec: "record-store.md#rmtc-rst-110",
    title: "reaches downstream what was made from a record, and nothing else",
    async run({ store }) {
      const { plate, left, right, matte, others } = diamond();
      await store.put({ records: [matte, right, left, plate, ...others] });
      const { ids, gaps } = await walk(store, { roots: [plate.id], direction: "downstream" });
      assertSame(ids.sort(), [plate, left, right, matte].map(({ id }) => id).sort());
      assertSame(gaps, []);
    },
  },
  {
    id: "record-store.closure.once",
    level: "must",
    spec: "record-store.md#rmtc-rst-111",
    title: "reaches each record once, however many ways lead to it",
    async run({ store, size }) {
      const levels = size(40, 12);
      const records = [bare()];
      for (let level = 0; level < levels; level++) {
        const below = records.at(-1) ?? bare();
        const [left, right] = [bare([linkTo(below)]), bare([linkTo(below), linkTo(below)])];
        records.push(left, right, bare([linkTo(left), linkTo(right)]));
      }
      await store.put({ records });
      const [first, last] = [records[0], records.at(-1)];
      for (const [direction, root] of [
        ["upstream", last],
        ["downstream", first],
      ] as const) {
        for (const pageSize of [undefined, 1, 7]) {
          const { ids } = await walk(store, { roots: [root?.id ?? ""], direction, pageSize });
          assert.equal(ids.length, records.length, `${direction} in pages of ${pageSize}`);
          assert.equal(new Set(ids).size, records.length, "a record came twice");
        }
      }
    },
  },
  {
    id: "record-store.closure.breadth-first",
    level: "must",
    spec: "record-store.md#rmtc-rst-112",
    title: "goes breadth first and says the least number of links to each record",
    async run({ store }) {
      const line = chain(6);
      const [first, second] = line;
      assert.ok(first && second);
      const shortcut = bare([linkTo(line[5] ?? first), linkTo(second)]);
      await store.put({ records: [...line, shortcut] });
      const up = await walk(store, { roots: [shortcut.id], direction: "upstream", pageSize: 2 });
      assertSame(depths(up.records, [shortcut, ...line]), [0, 2, 1, 4, 3, 2, 1]);
      const down = await walk(store, { roots: [first.id], direction: "downstream", pageSize: 2 });
      assertSame(depths(down.records, [...line, shortcut]), [0, 1, 2, 3, 4, 5, 2]);
      for (const { records } of [up, down]) {
        const found = records.map(({ depth }) => depth);
        assertSame(
          found,
          [...found].sort((a, b) => a - b),
          "depths do not rise",
        );
      }
    },
  },
  {
    id: "record-store.closure.via",
    level: "must",
    spec: "record-store.md#rmtc-rst-113",
    title: "says by which edge of a shortest way it reached each record",
    async run({ store }) {
      const { plate, left, right, matte, others } = diamond();
      await store.put({ records: [plate, left, right, matte, ...others] });
      for (const direction of bothWays) {
        const root = direction === "upstream" ? matte : plate;
        const { records } = await walk(store, { roots: [root.id], direction });
        const depthOf = new Map(records.map(({ id, depth }) => [id, depth]));
        for (const { id, depth, via } of records) {
          if (depth === 0) {
            assert.equal(via, undefined, "a root has an edge");
            continue;
          }
          assert.ok(via, `${id} has no edge`);
          const [here, before] = direction === "upstream" ? [via.to, via.from] : [via.from, via.to];
          assert.equal(here, id, "the edge does not lead to the record");
          assert.equal(depthOf.get(before), depth - 1, "the edge does not come from one link nearer");
          const { edges } = await store.edges({ ids: [via.from], direction: "upstream", limit: 10 });
          assertSame(edges[via.index], via, "the edge is not among the record's links");
        }
      }
    },
  },
  {
    id: "record-store.closure.kind-digest",
    level: "must",
    spec: "record-store.md#rmtc-rst-113",
    title: "says kind and digest of each record",
    async run({ store }) {
      const plate = sample();
      const weights = sample({ kind: "weights", links: [linkTo(plate)] });
      await store.put({ records: [plate, weights] });
      for (const [direction, root] of [
        ["upstream", weights],
        ["downstream", plate],
      ] as const) {
        const { records } = await walk(store, { roots: [root.id], direction });
        const found = new Map(records.map(({ id, kind, digest }) => [id, { kind, digest }]));
        for (const record of [plate, weights]) {
          assertSame(found.get(record.id), { kind: record.kind, digest: recordDigest(record) });
        }
      }
    },
  },
  {
    id: "record-store.closure.roots",
    level: "must",
    spec: "record-store.md#rmtc-rst-114",
    title: "starts at several roots, each once and at depth 0, also when one leads to another",
    async run({ store }) {
      const line = chain(5);
      await store.put({ records: line });
      const [a, b, , d] = line;
      assert.ok(a && b && d);
      const { records } = await walk(store, {
        roots: [d.id, b.id, d.id],
        direction: "upstream",
        pageSize: 1,
      });
      assert.equal(records.length, 4);
      assertSame(depths(records, line.slice(0, 4)), [1, 0, 1, 0]);
      const down = await walk(store, { roots: [d.id, a.id], direction: "downstream" });
      assertSame(depths(down.records, line), [0, 1, 2, 0, 1]);
    },
  },
  {
    id: "record-store.closure.deep",
    level: "must",
    spec: "record-store.md#rmtc-rst-115",
    title: "follows a chain of 10,000 records to its end",
    async run({ store, size }) {
      const line = chain(size(10_000, 150));
      await putAll(store, line);
      for (const [direction, root] of [
        ["upstream", line.at(-1)],
        ["downstream", line[0]],
      ] as const) {
        const { records, gaps } = await walk(store, { roots: [root?.id ?? ""], direction });
        assert.equal(records.length, line.length, direction);
        assert.equal(records.at(-1)?.depth, line.length - 1, direction);
        assertSame(gaps, []);
      }
    },
  },
  {
    id: "record-store.closure.wide",
    level: "must",
    spec: "record-store.md#rmtc-rst-115",
    title: "follows thousands of links from one record, and to one record",
    async run({ store, size }) {
      const plate = sample();
      const frames = fan(size(5_000, 60), plate);
      const dataset = bare(frames.map((frame) => linkTo(frame, "hasMember")));
      await putAll(store, [plate, ...frames, dataset]);
      for (const [direction, root] of [
        ["upstream", dataset],
        ["downstream", plate],
      ] as const) {
        const { ids } = await walk(store, { roots: [root.id], direction, pageSize: size(999, 13) });
        assert.equal(new Set(ids).size, frames.length + 2, direction);
        assert.equal(ids.length, frames.length + 2, direction);
      }
    },
  },
  {
    id: "record-store.closure.pages",
    level: "must",
    spec: "record-store.md#rmtc-rst-116",
    title: "gives pages of at most the size asked for",
    async run({ store }) {
      const root = sample();
      await store.put({ records: [root, ...fan(20, root)] });
      for (const pageSize of [1, 2, 10, 20, 21, 10_000]) {
        const pages = await collect(store.closure({ roots: [root.id], direction: "downstream", pageSize }));
        const sizes = pages.map(({ records }) => records.length);
        assert.ok(
          sizes.every((records) => records <= pageSize),
          `pages of ${sizes.join(", ")} for ${pageSize}`,
        );
        assert.equal(
          sizes.reduce((sum, records) => sum + records, 0),
          21,
        );
      }
    },
  },
  {
    id: "record-store.closure.page-size-invalid",
    level: "must",
    spec: "record-store.md#rmtc-rst-117",
    title: "refuses page sizes that are not integers from 1 to 10,000, and cursors of nobody's",
    async run({ store }) {
      const root = sample();
      await store.put({ records: [root] });
      const request = { roots: [root.id], direction: "downstream" } as const;
      for (const pageSize of [0, -1, 10_001, 1.5, Number.NaN]) {
        await rejectsWith(() => collect(store.closure({ ...request, pageSize })), "RMTC_QUERY_INVALID");
      }
      await rejectsWith(
        () => collect(store.closure({ ...request, asOf: "nobody's" })),
        "RMTC_CURSOR_INVALID",
      );
    },
  },
  {
    id: "record-store.closure.ignore-relations",
    level: "must",
    spec: "record-store.md#rmtc-rst-118",
    title: "follows every relation, also unknown ones, except those it is told to ignore",
    async run({ store }) {
      const [plate, license, dream] = [sample(), sample({ kind: "license" }), sample()];
      const record = bare([linkTo(plate), linkTo(license, "licensedUnder"), linkTo(dream, "dreamtOf")]);
      await store.put({ records: [plate, license, dream, record] });
      const reach = async (ignoreRelations: readonly string[] | undefined): Promise<string[]> => {
        const { ids } = await walk(store, { roots: [record.id], direction: "upstream", ignoreRelations });
        return ids.sort();
      };
      const ids = (...records: RmtcRecord[]): string[] => records.map(({ id }) => id).sort();
      assertSame(await reach(undefined), ids(record, plate, license, dream));
      assertSame(await reach([]), ids(record, plate, license, dream));
      assertSame(await reach(["licensedUnder"]), ids(record, plate, dream));
      assertSame(await reach(["licensedUnder", "dreamtOf", "nothing"]), ids(record, plate));
      const down = {
        roots: [license.id],
        direction: "downstream",
        ignoreRelations: ["licensedUnder"],
      } as const;
      assertSame((await walk(store, down)).ids, [license.id]);
    },
  },
  {
    id: "record-store.closure.parallel-links",
    level: "must",
    spec: "record-store.md#rmtc-rst-118",
    title: "follows a second link to a record when the first is ignored",
    async run({ store }) {
      const plate = sample();
      const record = bare([linkTo(plate, "testedOn"), linkTo(plate, "derivedFrom")]);
      await store.put({ records: [plate, record] });
      for (const [direction, root] of [
        ["upstream", record],
        ["downstream", plate],
      ] as const) {
        const { records } = await walk(store, { roots: [root.id], direction, ignoreRelations: ["testedOn"] });
        assert.equal(records.length, 2, direction);
        assert.equal(records[1]?.via?.rel, "derivedFrom", direction);
        assert.equal(records[1]?.via?.index, 1, direction);
      }
    },
  },
  {
    id: "record-store.closure.redacted",
    level: "must",
    spec: "record-store.md#rmtc-rst-119",
    title: "walks through records whose parts are withheld",
    async run({ store }) {
      const line = chain(3, sample());
      const secret = sample({ links: [linkTo(line[2] ?? bare())] });
      const end = bare([linkTo(secret)]);
      await store.put({ records: [...line, tombstone(secret), end] });
      const { ids, gaps } = await walk(store, { roots: [end.id], direction: "upstream" });
      assert.equal(ids.length, 5);
      assertSame(gaps, []);
    },
  },
  {
    id: "record-store.closure.no-roots",
    level: "must",
    spec: "record-store.md#rmtc-rst-114",
    title: "reaches nothing from no roots",
    async run({ store }) {
      await store.put({ records: [sample()] });
      const { ids, gaps } = await walk(store, { roots: [], direction: "upstream" });
      assertSame({ ids, gaps }, { ids: [], gaps: [] });
    },
  },
  {
    id: "record-store.closure.leaf",
    level: "must",
    spec: "record-store.md#rmtc-rst-110",
    title: "reaches only the root of a record that nothing leads on from",
    async run({ store }) {
      const [plate, matte] = chain(2);
      assert.ok(plate && matte);
      await store.put({ records: [plate, matte] });
      assertSame((await walk(store, { roots: [plate.id], direction: "upstream" })).ids, [plate.id]);
      assertSame((await walk(store, { roots: [matte.id], direction: "downstream" })).ids, [matte.id]);
      assertSame((await walk(store, { roots: [newRecordId()], direction: "upstream" })).ids, []);
    },
  },
];

function diamond(): Record<"plate" | "left" | "right" | "matte", RmtcRecord> & { others: RmtcRecord[] } {
  const plate = sample({ name: "plate" });
  const left = bare([linkTo(plate)]);
  const right = bare([linkTo(plate, "used"), linkTo(plate, "depicts")]);
  const matte = bare([linkTo(right), linkTo(left, "generatedBy")]);
  const stranger = sample({ name: "stranger" });
  return { plate, left, right, matte, others: [stranger, bare([linkTo(stranger)])] };
}

function depths(reached: readonly ReachedRecord[], records: readonly RmtcRecord[]): (number | undefined)[] {
  const found = new Map(reached.map(({ id, depth }) => [id, depth]));
  return records.map(({ id }) => found.get(id));
}
