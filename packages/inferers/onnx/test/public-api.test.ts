// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import * as api from "../src/index.ts";

test("the package exports these names and no others", () => {
  expect(Object.keys(api).toSorted()).toEqual([
    "OnnxInferable",
    "OnnxInferer",
    "default",
    "inferer",
    "onnxInfererOptions",
  ]);
});

test("the extension says which package and version it is", async () => {
  expect(api.inferer).toMatchObject({
    role: "inferer",
    name: packageJson.name,
    version: packageJson.version,
    contract: 1,
    scheme: "onnx",
  });
  await using opened = await api.inferer.open(api.onnxInfererOptions.parse({}), { baseFolder: "/" });
  expect(opened.capabilities.mediaTypes).toEqual(["application/vnd.onnx"]);
});

test("processes share the cores unless told otherwise", () => {
  expect(api.onnxInfererOptions.parse({})).toMatchObject({
    processes: 1,
    threadsPerProcess: availableParallelism(),
  });
  expect(api.onnxInfererOptions.parse({ processes: 256 }).threadsPerProcess).toBe(
    Math.max(1, Math.floor(availableParallelism() / 256)),
  );
  expect(api.onnxInfererOptions.safeParse({ processes: 0 }).success).toBe(false);
  expect(api.onnxInfererOptions.safeParse({ gpu: true }).success).toBe(false);
});
