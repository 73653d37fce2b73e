// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { recordDigest } from "@rmtc/attest";
import type { Filter, QueryOrder, RecordStore } from "@rmtc/contract";
import { comparePlaces, fieldValues, matches, orderPlace, type QueriedRecord, wordsOf } from "@rmtc/query";
import { type QueryField, queryFields, type RmtcRecord } from "@rmtc/spec";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { findIds } from "./find-records.ts";
import { linkTo, putAll, sample } from "./sample-records.ts";

const recordCount = 240;
const queryCount = 160;
/** The share of queries that must find something, so that the case shows more than empty answers. */
const leastShare = 0.8;

/** Queries of many filters and orders at once, over records of many kinds. */
export const randomQueryCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.find.random",
    level: "must",
    spec: "query.md#rmtc-qry-010",
    title: "answers random queries over random records as the standard says, in order and in pages",
    async run({ store }) {
      const random = new Random(20_260_901);
      const records = makeRecords(random);
      await putAll(store, records);
      const held = records.map((record): QueriedRecord => ({ record, digest: recordDigest(record) }));
      let found = 0;
      for (let query = 0; query < queryCount; query += 1) {
        const where = makeFilters(random, held);
        const order = makeOrder(random);
        const wanted = wantedIds(held, where, order);
        if (wanted.length > 0) found += 1;
        await assertFound(store, { where, order, limit: 1 + random.below(120) }, wanted);
      }
      assert.ok(found >= leastShare * queryCount, `only ${found} of ${queryCount} queries find something`);
    },
  },
];

async function assertFound(
  store: RecordStore,
  { where, order, limit }: { where: readonly Filter[]; order: QueryOrder | undefined; limit: number },
  wanted: readonly string[],
): Promise<void> {
  const message = JSON.stringify({ where, order, limit });
  assertSame(await findIds(store, where, { order, limit }), wanted, message);
  const { count, more } = await store.count({ where });
  assertSame({ count, more }, { count: wanted.length, more: false }, message);
}

function wantedIds(
  held: readonly QueriedRecord[],
  where: readonly Filter[],
  order: QueryOrder | undefined,
): string[] {
  return held
    .filter((stored) => matches(stored, where))
    .map((stored) => orderPlace(stored, order))
    .sort((a, b) => comparePlaces(a, b, order))
    .map(({ id }) => id);
}

/** The generator mulberry32 by Tommy Ettinger, in the public domain: the same numbers on every machine. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const shots = ["sh010", "sh0100", "sh020", "SH010", "zoë", "a"];
const words = ["hero", "Héro", "plate", "matte v003", "\u{1f3ac}", "b c"];

function makeRecords(random: Random): RmtcRecord[] {
  const records: RmtcRecord[] = [];
  const links = (most: number, relations: readonly string[]): RmtcRecord["links"] =>
    records.length === 0
      ? []
      : Array.from({ length: random.below(most + 1) }, () =>
          // Most links lead to few records, as those of a production do.
          linkTo(records[random.below(Math.min(records.length, 12))] as RmtcRecord, random.of(relations)),
        );
  const makers: readonly (() => Partial<Parameters<typeof sample>[0]>)[] = [
    () => ({
      kind: "asset",
      links: links(3, ["depicts", "licensedUnder", "derivedFrom"]),
      body: {
        sequenceName: random.of(shots),
        frameNumber: 1001 + random.below(40),
        origin: random.of(["captured", "handmade"]),
      },
    }),
    () => ({
      kind: "weights",
      links: links(2, ["generatedBy", "adapterOf"]),
      body: { format: random.of(["onnx", "safetensors"]), step: random.below(8) * 1000 },
    }),
    () => ({ kind: "run", links: links(4, ["trainedOn", "used"]), body: { seed: random.below(5) - 2 } }),
    () => ({ kind: "license", body: { spdx: random.of(["CC0-1.0", "CC-BY-4.0", "LicenseRef-show"]) } }),
    () => ({ kind: "dataset", links: links(4, ["hasMember"]), body: { itemCount: random.below(3) } }),
  ];
  while (records.length < recordCount) {
    const named = random.below(8) > 0 && { name: `${random.of(words)} ${random.of(shots)}` };
    const versioned = random.below(2) > 0 && { version: `${random.below(3)}` };
    const tagged = random.below(2) > 0 && { tags: [random.of(["roto", "paint"]), random.of(["key", "b c"])] };
    records.push(
      sample({
        name: undefined,
        ...random.of(makers)(),
        ...named,
        ...versioned,
        ...tagged,
        createdAt: new Date(1_767_225_600_000 + random.below(30) * 86_400_000).toISOString(),
      }),
    );
  }
  return records;
}

/** One to four filters; most are true of one of the records, so that they find it together. */
function makeFilters(random: Random, held: readonly QueriedRecord[]): Filter[] {
  const one = random.of(held);
  return Array.from({ length: 1 + random.below(4) }, () => {
    const meant = random.below(12) === 0 ? random.of(held) : one;
    return makeFilter(
      random,
      random.of(queryFields.filter((field) => fieldValues(meant, field).length > 0)),
      meant,
      random.of(held),
    );
  });
}

function makeFilter(random: Random, field: QueryField, meant: QueriedRecord, other: QueriedRecord): Filter {
  const value = random.of(fieldValues(meant, field));
  const op = random.of(field.operators);
  const filter = (given: Filter["value"]): Filter => ({ field: field.field, op, value: given });
  switch (op) {
    case "in":
      return filter([value, fieldValues(other, field)[0] ?? value]);
    case "exists":
      return filter(true);
    case "prefix":
      return filter([...String(value)].slice(0, 1 + random.below(4)).join(""));
    case "text": {
      const [word = "hero"] = wordsOf(String(value));
      return filter([...word].slice(0, 3).join(""));
    }
    case "lt":
      return filter(typeof value === "number" ? value + 1 : "2026-12-31T00:00:00.000Z");
    case "gt":
      return filter(typeof value === "number" ? value - 1 : "2025-12-31T00:00:00.000Z");
    default:
      return filter(value);
  }
}

function makeOrder(random: Random): QueryOrder | undefined {
  if (random.below(3) === 0) return undefined;
  const { field } = random.of(queryFields.filter(({ orderable }) => orderable));
  return { field, descending: random.below(2) === 0 };
}
