// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import * as api from "../src/index.ts";

test("the package exports these names and no others", () => {
  expect(Object.keys(api).toSorted()).toEqual(["PairedStrategy", "default", "pairedOptions", "strategy"]);
});

test("the extension says which package and version it is", async () => {
  const { strategy } = api;
  expect(strategy).toMatchObject({
    role: "trainingStrategy",
    name: packageJson.name,
    version: packageJson.version,
    contract: 1,
    scheme: "paired",
  });
  const options = api.pairedOptions.parse({ losses: [{ name: "a", loss: "l1", output: "b", target: "c" }] });
  const opened = await strategy.open(options, { baseFolder: "/" });
  expect(opened).toBeInstanceOf(api.PairedStrategy);
  expect(opened.losses).toEqual([{ name: "a", loss: "l1", output: "b", target: "c", weight: 1 }]);
});
