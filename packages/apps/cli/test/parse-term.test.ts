// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { parseTerm } from "../src/parse-term.ts";

describe("a search term", () => {
  it.each([
    ["kind=asset", { field: "kind", op: "eq", value: "asset" }],
    ["kind=asset,dataset", { field: "kind", op: "in", value: ["asset", "dataset"] }],
    ["name^=hero", { field: "name", op: "prefix", value: "hero" }],
    ["name~hero roto", { field: "name", op: "text", value: "hero roto" }],
    ["name=a=b", { field: "name", op: "eq", value: "a=b" }],
    ["asset.frameNumber>=1003", { field: "asset.frameNumber", op: "gte", value: 1003 }],
    ["asset.frameNumber<=1003", { field: "asset.frameNumber", op: "lte", value: 1003 }],
    ["asset.frameNumber>-3", { field: "asset.frameNumber", op: "gt", value: -3 }],
    ["asset.frameNumber<7", { field: "asset.frameNumber", op: "lt", value: 7 }],
    ["asset.frameNumber=1,2", { field: "asset.frameNumber", op: "in", value: [1, 2] }],
    ["tag", { field: "tag", op: "exists", value: true }],
    ["!tag", { field: "tag", op: "exists", value: false }],
  ])("such as %s is read", (text, filter) => {
    expect(parseTerm(text)).toEqual(filter);
  });

  it.each([
    ["=asset", 0],
    ["nam=hero", 0],
    ["!nam", 1],
    ["!kind=asset", 0],
    ["kind:asset", 4],
    ["name>=x", 4],
    ["name=", 5],
    ["asset.frameNumber=x", 18],
    ["asset.frameNumber=1,e", 20],
    ["asset.frameNumber>=1.5", 19],
  ])("such as %s is refused with a caret under the place that is wrong", (text, at) => {
    expect(() => parseTerm(text)).toThrow(
      expect.objectContaining({
        code: "RMTC_QUERY_INVALID",
        message: expect.stringContaining(`:\n  ${text}\n  ${" ".repeat(at)}^`),
      }),
    );
  });

  it("with a field that is almost right is answered with those that are meant", () => {
    expect(() => parseTerm("frameNumber=1")).toThrow("did you mean asset.frameNumber?");
  });
});
