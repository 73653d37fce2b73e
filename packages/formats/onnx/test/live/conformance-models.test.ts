// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { expect, it } from "vitest";
import { type OnnxModel, onnxToBytes, parseOnnx, readOnnx } from "../../src/index.ts";

/** Where Debian's package libonnx-testdata puts ONNX's own conformance models. */
const FOLDER = process.env.RMTC_ONNX_TESTDATA ?? "/usr/share/libonnx-testdata";

async function models(): Promise<readonly string[]> {
  const entries = await readdir(FOLDER, { recursive: true });
  return entries.filter((name) => name.endsWith("model.onnx")).sort();
}

async function loads(model: OnnxModel): Promise<boolean> {
  try {
    await (await InferenceSession.create(onnxToBytes(model), { logSeverityLevel: 4 })).release();
    return true;
  } catch {
    return false;
  }
}

it("reads every conformance model of ONNX and writes it with the same content", async () => {
  const paths = await models();
  expect(paths.length).toBeGreaterThan(500);
  for (const path of paths) {
    const model = await readOnnx(join(FOLDER, path));
    const bytes = onnxToBytes(model);
    expect.soft(parseOnnx(bytes), path).toEqual(model);
    expect.soft(onnxToBytes(parseOnnx(bytes)), path).toEqual(bytes);
  }
});

it("writes conformance models so that onnxruntime loads all that it loads as they were", async () => {
  const paths = (await models()).filter((_, index) => index % 4 === 0);
  let loaded = 0;
  for (const path of paths) {
    const original = await InferenceSession.create(join(FOLDER, path), { logSeverityLevel: 4 }).catch(
      () => undefined,
    );
    if (original === undefined) continue;
    loaded += 1;
    await original.release();
    expect.soft(await loads(await readOnnx(join(FOLDER, path))), path).toBe(true);
  }
  expect(loaded).toBeGreaterThan(paths.length / 2);
});
