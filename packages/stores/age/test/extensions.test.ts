// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import * as age from "../src/index.ts";

const { validate } = age.recordStore.options["~standard"];

test("exports the store and one extension for each role, under one scheme", () => {
  expect(Object.keys(age).sort()).toEqual(["AgeRecordStore", "default", "recordStore", "runStore"]);
  expect(age.default.map(({ role, name, version, scheme }) => [role, name, version, scheme])).toEqual([
    ["recordStore", packageJson.name, packageJson.version, "age"],
    ["runStore", packageJson.name, packageJson.version, "age"],
  ]);
});

test("takes an address with its options", async () => {
  const value = { path: "//user@server/pipeline", graph: "shots", schema: "rmtc", maxConnections: 4 };
  const checked = await validate(value);
  expect(checked.issues).toBeUndefined();
  expect(checked).toMatchObject({
    value: { address: "postgres://user@server/pipeline", graph: "shots", schema: "rmtc", maxConnections: 4 },
  });
});

test.each([
  [{ path: "//s/d", graph: "ab" }, "graph"],
  [{ path: "//s/d", graph: "pg_x" }, "graph"],
  [{ path: "//s/d", graph: "rmtc" }, "graph"],
  [{ path: "//s/d", graph: 'a"bc' }, "graph"],
  [{ path: "//s/d", schema: "A" }, "schema"],
  [{ path: "//s/d", maxConnections: 0 }, "maxConnections"],
  [{ path: "//s/d", colour: "red" }, "colour"],
  [{ address: "mysql://s/d" }, "address"],
])("refuses %j", async (value, name) => {
  const { issues } = await validate(value);
  expect(issues?.map(({ path }) => path)).toEqual([[name]]);
});
