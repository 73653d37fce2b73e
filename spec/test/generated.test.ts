// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { generate } from "../scripts/generate.ts";
import { readText } from "./read-json.ts";

describe("the generated files", async () => {
  it.each([...(await generate())])("%s is current", async (path, text) => {
    expect(await readText(path)).toBe(text);
  });
});
