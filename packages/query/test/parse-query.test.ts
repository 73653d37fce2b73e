// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { type Filter, isRmtcError, type QueryOrder } from "@rmtc/contract";
import { queryFields } from "@rmtc/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatQuery, parseQuery, Query, type QueryClauses } from "../src/index.ts";

interface QueryStringTest {
  readonly description: string;
  readonly text: string;
  readonly where?: readonly Filter[];
  readonly order?: QueryOrder;
  readonly written?: string;
  readonly character?: number;
}

const { tests } = JSON.parse(
  await readFile(new URL("../../../spec/draft/vectors/query-string.json", import.meta.url), "utf8"),
) as { readonly tests: readonly QueryStringTest[] };

function messageOf(text: string): string {
  try {
    parseQuery(text);
  } catch (error) {
    if (isRmtcError(error, "RMTC_QUERY_INVALID")) return error.message;
    throw error;
  }
  throw new Error(`${text} was taken`);
}

describe("a query string, as the vectors fix it,", () => {
  it.each(tests.map((test) => [test.description, test] as const))("%s", (_, test) => {
    const { text, where, order, character, written = text.trim() } = test;
    if (where === undefined) {
      expect(messageOf(text)).toMatch(new RegExp(`^Character ${character}: `));
      return;
    }
    const expected = order === undefined ? { where } : { where, order };
    expect(parseQuery(text)).toEqual(expected);
    const again = formatQuery(expected);
    expect(parseQuery(again)).toEqual(expected);
    if (!text.includes('"')) expect(again).toBe(written);
  });
});

describe("a refused query string", () => {
  it("shows the place with a caret, also far inside and behind control characters", () => {
    expect(messageOf("kind=asset\n heroes=x")).toBe(
      'Character 13: there is no field "heroes".\n  kind=asset  heroes=x\n              ^',
    );
    const [, shown = "", caret = ""] = messageOf(`name="${"x".repeat(500)}" nam`).split("\n");
    expect(shown.length).toBeLessThan(90);
    expect(shown.slice(caret.indexOf("^")).startsWith("nam")).toBe(true);
  });

  it("names the fields that are almost meant", () => {
    expect(messageOf("framenumber=1")).toContain("did you mean asset.frameNumber?");
  });
});

const text = fc
  .string({ unit: "grapheme", maxLength: 12 })
  .filter((one) => one.isWellFormed() && !one.includes("\0"));
const words = text.filter((one) => /[a-z0-9]/.test(one));
const filter: fc.Arbitrary<Filter> = fc.constantFrom(...queryFields).chain((field) =>
  fc.constantFrom(...field.operators).chain((op): fc.Arbitrary<Filter> => {
    const single: fc.Arbitrary<string | number> =
      field.type === "integer"
        ? fc.maxSafeInteger()
        : field.type === "time"
          ? fc
              .date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })
              .map((date) => date.toISOString())
          : op === "text"
            ? words
            : op === "prefix"
              ? text.filter((one) => one !== "")
              : text;
    const value: fc.Arbitrary<Filter["value"]> =
      op === "exists"
        ? fc.boolean()
        : op === "in"
          ? fc.array(single, { minLength: 2, maxLength: 4 })
          : single;
    return value.map((one) => ({ field: field.field, op, value: one }));
  }),
);
const clauses: fc.Arbitrary<QueryClauses> = fc.record(
  {
    where: fc.array(filter, { maxLength: 5 }),
    order: fc.record({
      field: fc.constantFrom(...queryFields.filter(({ orderable }) => orderable).map(({ field }) => field)),
      descending: fc.boolean(),
    }),
  },
  { requiredKeys: ["where"] },
);

describe("any query", () => {
  it("is written so that it reads back as itself", () => {
    fc.assert(
      fc.property(clauses, (query) => {
        expect(parseQuery(formatQuery(query))).toEqual(query);
      }),
    );
  });

  it("is read or refused at one of its characters, whatever the text is", () => {
    const pieces = fc.constantFrom(
      "kind",
      "name",
      "=",
      "^=",
      "~",
      ",",
      '"',
      "\\",
      "order:",
      "-",
      "!",
      " ",
      "é",
      "1",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(pieces).map((all) => all.join("")),
        ),
        (anything) => {
          try {
            parseQuery(anything);
          } catch (error) {
            if (!isRmtcError(error, "RMTC_QUERY_INVALID")) throw error;
            const character = Number(/^Character (\d+): /.exec(error.message)?.[1]);
            expect(character).toBeGreaterThan(0);
            expect(character).toBeLessThanOrEqual([...anything].length + 1);
          }
        },
      ),
    );
  });
});

describe("a query put together step by step", () => {
  const frames = new Query()
    .and("kind", "in", ["asset", "dataset"])
    .and("asset.frameNumber", "gte", 1003)
    .and("tag", "exists", false)
    .orderBy("created", "descending");

  it("is a request for a page, and a query string", () => {
    expect(frames.page(20, "c")).toEqual({
      where: [
        { field: "kind", op: "in", value: ["asset", "dataset"] },
        { field: "asset.frameNumber", op: "gte", value: 1003 },
        { field: "tag", op: "exists", value: false },
      ],
      order: { field: "created", descending: true },
      limit: 20,
      cursor: "c",
    });
    expect(String(frames)).toBe("kind=asset,dataset asset.frameNumber>=1003 !tag order:-created");
    expect(new Query().page(5)).toEqual({ where: [], limit: 5 });
  });

  it("stays as it was when it is gone on from", () => {
    frames.and("name", "eq", "plate");
    expect(frames.where).toHaveLength(3);
  });

  it("does not compile where no store would answer", () => {
    // @ts-expect-error There is no such field.
    new Query().and("nam", "eq", "x");
    // @ts-expect-error A name cannot be compared.
    new Query().and("name", "gte", "x");
    // @ts-expect-error A frame number is no text.
    new Query().and("asset.frameNumber", "eq", "1003");
    // @ts-expect-error Results cannot be ordered by tags.
    new Query().orderBy("tag");
  });
});
