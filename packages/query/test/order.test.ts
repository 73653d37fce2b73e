// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { FindRequest, QueryOrder } from "@rmtc/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparePlaces, decodeCursor, encodeCursor, orderPlace } from "../src/index.ts";
import { idOf, stored } from "./sample-record.ts";

const records = fc
  .uniqueArray(
    fc.record({
      number: fc.nat(1_000),
      name: fc.option(fc.constantFrom("a", "B", "é", "\uffff", "😀", "aa")),
      frame: fc.option(fc.constantFrom(-1, 2, 10, 9_007_199_254_740_991)),
    }),
    { selector: ({ number }) => number, maxLength: 20 },
  )
  .map((list) =>
    list.map(({ number, name, frame }) =>
      stored(number, {
        ...(name === null ? {} : { name }),
        ...(frame === null ? {} : { body: { frameNumber: frame } }),
      }),
    ),
  );
const orders = fc.constantFrom<QueryOrder | undefined>(
  undefined,
  { field: "name" },
  { field: "name", descending: true },
  { field: "asset.frameNumber" },
  { field: "asset.frameNumber", descending: true },
  { field: "kind", descending: true },
);

function sortedIds(list: readonly ReturnType<typeof stored>[], order: QueryOrder | undefined): string[] {
  return list
    .map((record) => orderPlace(record, order))
    .sort((a, b) => comparePlaces(a, b, order))
    .map(({ id }) => id);
}

describe("an order of results", () => {
  const four = [
    stored(4, { name: "b" }),
    stored(3),
    stored(2, { name: "a" }),
    stored(1),
    stored(0, { name: "b" }),
  ];

  it("puts missing values last in both directions and equal ones in order of id", () => {
    expect(sortedIds(four, { field: "name" })).toEqual([2, 0, 4, 1, 3].map(idOf));
    expect(sortedIds(four, { field: "name", descending: true })).toEqual([0, 4, 2, 1, 3].map(idOf));
    expect(sortedIds(four, undefined)).toEqual([0, 1, 2, 3, 4].map(idOf));
  });

  it("compares integers as numbers and texts by UTF-8 bytes", () => {
    const frames = [10, 9, -1].map((frameNumber, number) => stored(number, { body: { frameNumber } }));
    expect(sortedIds(frames, { field: "asset.frameNumber" })).toEqual([2, 1, 0].map(idOf));
    const names = ["😀", "\uffff", "z"].map((name, number) => stored(number, { name }));
    expect(sortedIds(names, { field: "name" })).toEqual([2, 1, 0].map(idOf));
  });

  it("goes on behind any record by its cursor, in pages of any size", () => {
    fc.assert(
      fc.property(records, orders, fc.integer({ min: 1, max: 5 }), (list, order, limit) => {
        const request: FindRequest = { where: [{ field: "kind", op: "eq", value: "asset" }], order, limit };
        const places = list
          .map((record) => orderPlace(record, order))
          .sort((a, b) => comparePlaces(a, b, order));
        const pages: string[] = [];
        let cursor: string | undefined;
        do {
          const after = decodeCursor({ ...request, cursor });
          const page = places
            .filter((place) => after === undefined || comparePlaces(place, after, order) > 0)
            .slice(0, limit);
          pages.push(...page.map(({ id }) => id));
          const last = page.at(-1);
          cursor = last === undefined ? undefined : encodeCursor(request, last);
        } while (cursor !== undefined);
        expect(pages).toEqual(places.map(({ id }) => id));
      }),
    );
  });
});
