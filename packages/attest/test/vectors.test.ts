// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { generateVectors } from "../scripts/generate-vectors.ts";

const folder = new URL("../../../spec/draft/vectors/", import.meta.url);

describe("the vectors of the specification", async () => {
  it.each([...(await generateVectors())])("%s says what this package does", async (name, text) => {
    expect(JSON.parse(text)).toEqual(JSON.parse(await readFile(new URL(name, folder), "utf8")));
  });
});
