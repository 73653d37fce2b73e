// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type FindRequest, isRmtcError } from "@rmtc/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "../src/index.ts";
import { idOf } from "./sample-record.ts";

const request: FindRequest = {
  where: [{ field: "kind", op: "in", value: ["asset", "model"] }],
  order: { field: "name" },
  limit: 10,
};
const cursor = encodeCursor(request, { id: idOf(1), key: "Zoë" });

function isRefused(changed: FindRequest): boolean {
  try {
    decodeCursor(changed);
    return false;
  } catch (error) {
    return isRmtcError(error, "RMTC_CURSOR_INVALID") && error.pointer === "/cursor";
  }
}

describe("a page cursor", () => {
  it("holds a place, with or without a value", () => {
    expect(decodeCursor({ ...request, cursor })).toEqual({ id: idOf(1), key: "Zoë" });
    expect(decodeCursor({ ...request, cursor: encodeCursor(request, { id: idOf(1) }) })).toEqual({
      id: idOf(1),
    });
    expect(decodeCursor(request)).toBeUndefined();
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it("goes on when the page size and the parts change", () => {
    const smaller: FindRequest = { ...request, cursor, limit: 2, parts: ["name"] };
    expect(decodeCursor(smaller)).toBeDefined();
    expect(decodeCursor({ ...smaller, order: { field: "name", descending: false } })).toBeDefined();
  });

  it("is refused by a request with other filters or another order", () => {
    expect(isRefused({ ...request, cursor, where: [] })).toBe(true);
    expect(isRefused({ ...request, cursor, where: [{ field: "kind", op: "in", value: ["asset"] }] })).toBe(
      true,
    );
    expect(isRefused({ ...request, cursor, order: { field: "name", descending: true } })).toBe(true);
    expect(isRefused({ limit: 1, where: request.where, cursor })).toBe(true);
  });

  it("is refused when its value is not of the order's type", () => {
    const frames: FindRequest = { where: [], order: { field: "asset.frameNumber" }, limit: 1 };
    const ids: FindRequest = { where: [], limit: 1 };
    expect(isRefused({ ...frames, cursor: encodeCursor(frames, { id: idOf(1), key: "1" }) })).toBe(true);
    expect(isRefused({ ...request, cursor: encodeCursor(request, { id: idOf(1), key: 1 }) })).toBe(true);
    expect(isRefused({ ...ids, cursor: encodeCursor(ids, { id: idOf(1), key: 1 }) })).toBe(true);
  });

  it("is refused, whatever else it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => Buffer.from(text).toString("base64url")),
        ),
        (text) => {
          expect(isRefused({ ...request, cursor: text })).toBe(true);
        },
      ),
    );
  });
});
