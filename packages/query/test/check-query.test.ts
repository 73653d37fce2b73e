// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type FindRequest, isRmtcError } from "@rmtc/contract";
import { queryFields } from "@rmtc/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCount, checkQuery, decodeCursor, matches, orderPlace } from "../src/index.ts";
import { stored } from "./sample-record.ts";

function pointerOf(request: unknown): string | undefined {
  try {
    checkQuery(request as FindRequest);
  } catch (error) {
    if (isRmtcError(error, "RMTC_QUERY_INVALID")) return error.pointer;
    throw error;
  }
  return undefined;
}

const filter = (change: object): object => ({
  where: [
    { field: "kind", op: "eq", value: "asset" },
    { field: "name", op: "eq", value: "x", ...change },
  ],
  limit: 1,
});

describe("checkQuery", () => {
  it.each<[object]>([
    [{ where: [], limit: 1 }],
    [{ where: [], limit: 1_000, order: { field: "created", descending: true }, cursor: "x", parts: [] }],
    [{ where: [], limit: 1, order: undefined, parts: ["name", "body"] }],
    [filter({ op: "in", value: ["a", "b"] })],
    [filter({ op: "exists", value: false })],
    [filter({ op: "eq", value: "" })],
    [filter({ field: "asset.frameNumber", op: "lt", value: -5 })],
    [filter({ field: "created", op: "gte", value: "2026-11-22T10:00:00.000Z" })],
  ])("accepts %j", (request) => {
    expect(pointerOf(request)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["", null],
    ["", []],
    ["", { where: [], limit: 1, orderBy: "name" }],
    ["/where", { limit: 1 }],
    ["/where", { where: {}, limit: 1 }],
    ["/where", { where: Array.from({ length: 33 }, () => ({})), limit: 1 }],
    ["/where/0", { where: [null], limit: 1 }],
    ["/where/1", filter({ not: true })],
    ["/where/1/field", filter({ field: "nickname" })],
    ["/where/1/field", filter({ field: "constructor" })],
    ["/where/1/field", filter({ field: { toString: 1, valueOf: 1 } })],
    ["/where/1/op", filter({ op: "like" })],
    ["/where/1/op", filter({ field: "kind", op: "lt" })],
    ["/where/1/op", filter({ op: undefined })],
    ["/where/1/value", filter({ value: 1 })],
    ["/where/1/value", filter({ value: ["x"] })],
    ["/where/1/value", filter({ value: "x".repeat(4_097) })],
    ["/where/1/value", filter({ value: "\ud800" })],
    ["/where/1/value", filter({ value: "a\0" })],
    ["/where/1/value", filter({ op: "prefix", value: "" })],
    ["/where/1/value", filter({ op: "text", value: "— !" })],
    [
      "/where/1/value",
      filter({ op: "text", value: Array.from({ length: 33 }, (_, index) => index).join(" ") }),
    ],
    ["/where/1/value", filter({ op: "exists", value: "true" })],
    ["/where/1/value", filter({ op: "in", value: "x" })],
    ["/where/1/value", filter({ op: "in", value: [] })],
    ["/where/1/value", filter({ op: "in", value: Array.from({ length: 1_001 }, () => "x") })],
    ["/where/1/value/1", filter({ op: "in", value: ["x", 1] })],
    ["/where/1/value", filter({ field: "asset.frameNumber", op: "eq", value: 1.5 })],
    ["/where/1/value", filter({ field: "asset.frameNumber", op: "eq", value: "1" })],
    ["/where/1/value", filter({ field: "asset.frameNumber", op: "eq", value: 2 ** 53 })],
    ["/where/1/value", filter({ field: "created", op: "gt", value: "2026-11-22" })],
    ["/order/field", { where: [], limit: 1, order: { field: "tag" } }],
    ["/order/field", { where: [], limit: 1, order: { field: "nickname" } }],
    ["/order/descending", { where: [], limit: 1, order: { field: "name", descending: "yes" } }],
    ["/order", { where: [], limit: 1, order: "name" }],
    ["/limit", { where: [] }],
    ["/limit", { where: [], limit: 0 }],
    ["/limit", { where: [], limit: 1_001 }],
    ["/limit", { where: [], limit: 1.5 }],
    ["/cursor", { where: [], limit: 1, cursor: 1 }],
    ["/parts", { where: [], limit: 1, parts: "name" }],
    ["/parts/1", { where: [], limit: 1, parts: ["name", "links"] }],
  ])("names %j in what it refuses", (pointer, request) => {
    expect(pointerOf(request)).toBe(pointer);
  });

  it("throws its own errors only, whatever is asked", () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), fc.anything({ maxDepth: 2 }), (where, value) => {
        pointerOf({ where, limit: 1 });
        pointerOf({ where: [{ field: "name", op: "eq", value }], limit: 1 });
        pointerOf({ where: [], limit: 1, order: value });
        pointerOf(value);
      }),
    );
  });

  it("lets pass only what every record can be asked", () => {
    const fields = fc.constantFrom(...queryFields);
    const values = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
    fc.assert(
      fc.property(
        fields,
        fc.constantFrom("eq", "in", "prefix", "text", "exists", "lt", "gte"),
        values,
        (field, op, value) => {
          const request = {
            where: [{ field: field.field, op, value }],
            order: { field: field.field },
            limit: 1,
          } as FindRequest;
          if (pointerOf(request) !== undefined) return;
          expect(matches(stored(1, { name: "x" }), request.where)).toBeTypeOf("boolean");
          expect(orderPlace(stored(1), request.order).id).toBeDefined();
          expect(decodeCursor(request)).toBeUndefined();
        },
      ),
    );
  });
});

describe("checkCount", () => {
  it("takes filters and nothing else", () => {
    expect(() => checkCount({ where: [{ field: "kind", op: "eq", value: "asset" }] })).not.toThrow();
    expect(() => checkCount({ where: [], limit: 1 } as never)).toThrow();
    expect(() => checkCount({ where: [{ field: "x", op: "eq", value: "" }] })).toThrow();
  });
});
