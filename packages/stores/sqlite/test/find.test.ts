// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkRecord, makeRecord, newRecordId, recordDigest, redact, sha256 } from "@rmtc/attest";
import type { Filter, FindRequest } from "@rmtc/contract";
import { comparePlaces, matches, orderPlace } from "@rmtc/query";
import { type PartName, queryFields, type RmtcRecord } from "@rmtc/spec";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Catalog } from "../src/catalog.ts";
import { countRecords } from "../src/count-records.ts";
import type { Database } from "../src/database.ts";
import { eraseParts } from "../src/erase-parts.ts";
import { type FindLimits, findLimits } from "../src/find-limits.ts";
import { findRecords } from "../src/find-records.ts";
import { putRecords } from "../src/put-records.ts";
import { RemainsFinder } from "../src/remains-finder.ts";
import { openDatabase } from "../src/schema.ts";

/** Every way to answer, on few records: reading and sorting, going through orders in small windows, and both. */
const ways: readonly FindLimits[] = [
  findLimits,
  {
    ...findLimits,
    sortedAtOnce: -1,
    sorted: -1,
    sortedInIndex: -1,
    sortedByText: -1,
    firstWindow: 2,
    largestWindow: 5,
  },
  { ...findLimits, sortedAtOnce: -1, tryMilliseconds: -1, firstWindow: 3, largestWindow: 3 },
];

const words = [
  "plate",
  "hero",
  "Zoë",
  "zoë",
  "sh010",
  "sh0100",
  "é",
  "\u{1f3ac}",
  "a",
  "b c",
  "\uffdc",
  "zoe",
];
const kinds = [
  "asset",
  "weights",
  "checkpoint",
  "run",
  "process",
  "license",
  "party",
  "STUDIO_thing",
  "model",
];
const relations = ["derivedFrom", "generatedBy", "depicts", "licensedUnder", "dreamtOf"];

let folder: string;
let database: Database;
let catalog: Catalog;
const records: RmtcRecord[] = [];
/** What of each record is disclosed in the end. */
const disclosed: RmtcRecord[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-store-sqlite-"));
  const path = join(folder, "catalog.db");
  database = openDatabase({ path, busyTimeoutMilliseconds: 100 });
  catalog = new Catalog(database);
  const random = fc.sample(recordContents, { numRuns: 260, seed: 7 });
  for (const [index, content] of random.entries()) {
    const links = content.targets.flatMap(([at, rel]) => {
      const target = records[at % Math.max(1, records.length)];
      return target === undefined ? [] : [{ rel, to: target.id, digest: recordDigest(target) }];
    });
    if (index % 40 === 0) links.push({ rel: "depicts", to: newRecordId(), digest: sha256("nowhere") });
    records.push(makeRecord({ ...content.record, links }));
  }
  const withheld: readonly PartName[] = ["name", "tags", "body"];
  const erased: readonly PartName[] = ["name", "files", "tags"];
  put(records.map((record, index) => (index % 9 === 0 ? redact(record, withheld) : record)));
  put(records.filter((_, index) => index % 18 === 0));
  await using finder = new RemainsFinder(path);
  for (const [index, record] of records.entries()) {
    const shown = index % 18 === 9 ? redact(record, withheld) : record;
    disclosed.push(index % 25 === 3 ? redact(shown, erased) : shown);
    if (index % 25 === 3) await eraseParts(catalog, finder, { id: record.id, parts: erased });
  }
});

afterAll(async () => {
  database[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

function put(batch: readonly RmtcRecord[]): void {
  const incoming = batch.map((record) => ({ record, checked: checkRecord(record) }));
  putRecords(catalog, incoming, "");
}

/** What the standard says is found: every record is looked at, and all that pass are sorted. */
function wantedIds({ where, order }: FindRequest): string[] {
  return disclosed
    .map((record) => ({ record, digest: recordDigest(record) }))
    .filter((stored) => matches(stored, where))
    .map((stored) => orderPlace(stored, order))
    .sort((a, b) => comparePlaces(a, b, order))
    .map(({ id }) => id);
}

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const text = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 })
  .map((list) => list.join(" "));
const file = fc
  .record({ media: fc.constantFrom("image/x-exr", "image/png", "application/onnx"), bytes: fc.nat(9) })
  .map(({ media, bytes }) => ({
    path: "a",
    mediaType: media,
    sizeBytes: 1,
    digest: sha256(String(bytes)),
  }));
const recordContents = fc.record({
  record: fc.record({
    kind: fc.constantFrom(...kinds),
    createdAt: fc.nat(20).map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString()),
    name: optional(text),
    version: optional(fc.constantFrom("1", "1.2", "2", "10")),
    tags: optional(fc.uniqueArray(fc.constantFrom(...words), { maxLength: 3 })),
    files: optional(fc.array(file, { maxLength: 2 })),
    body: optional(
      fc.record({
        frameNumber: fc.oneof(fc.integer({ min: -3, max: 6 }), fc.constant("no number")),
        sequenceName: fc.constantFrom(...words),
        step: fc.integer({ min: 0, max: 4 }),
        format: fc.constantFrom("a", "b"),
        architecture: fc.record({ name: fc.constantFrom(...words) }),
      }),
    ),
  }),
  targets: fc.array(fc.tuple(fc.nat(300), fc.constantFrom(...relations)), { maxLength: 4 }),
});

/** A value that some record may have in a field. */
function valueIn(field: string, type: string): fc.Arbitrary<string | number> {
  const some = fc.nat(259).map((index) => records[index] as RmtcRecord);
  if (field === "id" || type === "reference") return some.map(({ id }) => id);
  if (field === "digest") return some.map(recordDigest);
  if (field === "kind") return fc.constantFrom(...kinds);
  if (field === "file.digest") return fc.nat(9).map((bytes) => sha256(String(bytes)));
  if (field === "file.mediaType") return fc.constantFrom("image/x-exr", "image/", "i", "application/onnx");
  if (field === "version") return fc.constantFrom("1", "1.2", "2", "3");
  if (type === "time") return fc.nat(22).map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString());
  if (type === "integer") return fc.integer({ min: -4, max: 7 });
  return fc.oneof(fc.constantFrom(...words), text, fc.constantFrom("a", "p", "sh"));
}

const filter: fc.Arbitrary<Filter> = fc.constantFrom(...queryFields).chain(({ field, type, operators }) =>
  fc.constantFrom(...operators).chain((op): fc.Arbitrary<Filter> => {
    if (op === "exists") return fc.boolean().map((value) => ({ field, op, value }));
    const value = fc.constant(undefined).chain(() => valueIn(field, type));
    if (op === "in")
      return fc.array(value, { minLength: 1, maxLength: 3 }).map((list) => ({ field, op, value: list }));
    // A search for words needs a letter or a number.
    return value.map((one) => ({ field, op, value: op === "text" ? `${one}a` : one }));
  }),
);

const request: fc.Arbitrary<FindRequest> = fc.record({
  where: fc.array(filter, { maxLength: 3 }),
  order: optional(
    fc.record({
      field: fc.constantFrom(...queryFields.filter((one) => one.orderable).map((one) => one.field)),
      descending: fc.boolean(),
    }),
  ),
  limit: fc.constantFrom(1, 3, 20, 500),
});

test("finds and counts what the standard says, page by page, whichever way it takes", async () => {
  const { signal } = new AbortController();
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const wanted = wantedIds(asked);
      for (const limits of ways) {
        const found: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await findRecords(catalog, { ...asked, cursor }, signal, limits);
          expect(page.records.length).toBeLessThanOrEqual(asked.limit);
          found.push(...page.records.map(({ id }) => id));
          cursor = page.next;
        } while (cursor !== undefined && found.length <= wanted.length);
        expect(found).toEqual(wanted);
        expect((await countRecords(catalog, asked.where, signal, limits)).count).toBe(wanted.length);
      }
    }),
    { numRuns: 150 },
  );
});
