// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { errorTable } from "../src/index.ts";
import { readText } from "./read-json.ts";

describe("the error table", async () => {
  const source = await readText("../packages/contract/src/errors.ts");
  const union = /export type RmtcErrorCode =([^;]*);/.exec(source)?.[1] ?? "";
  const codes = errorTable.map(({ code }) => code);

  it("lists exactly the codes of the union RmtcErrorCode, in the same order", () => {
    expect(union.match(/RMTC_[A-Z_]+/g)).toEqual(codes);
  });

  it("says of each code what it means and what to do, in one sentence each", () => {
    expect(new Set(codes).size).toBe(codes.length);
    for (const { meaning, remedy } of errorTable) {
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });
});
