// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { subjectFromExtension } from "@rmtc/conformance";
import { describeInferer } from "@rmtc/conformance/vitest";
import { tensorOf, writeSafetensors } from "@rmtc/tensor";
import { afterAll } from "vitest";
import extension from "../src/index.ts";

// The suite writes its networks in ONNX; in a format of your own you write those that it can hold.
const folder = await mkdtemp(join(tmpdir(), "rmtc-inferer-acme-"));
afterAll(() => rm(folder, { recursive: true }));
const weights = {
  affine: await writeGrades("affine", 1, 2, 2, 1),
  slow: await writeGrades("slow", 10_000, 1, 1, 0),
};

describeInferer("AcmeInferer", subjectFromExtension(extension, {}, { fixture: { weights } }));

async function writeGrades(
  name: string,
  grades: number,
  channels: number,
  gain: number,
  offset: number,
): Promise<{ readonly path: string; readonly mediaType: string }> {
  const path = join(folder, `${name}.safetensors`);
  const tensor = (value: number) =>
    tensorOf("F32", [grades, channels], new Float32Array(grades * channels).fill(value));
  await writeSafetensors(path, [
    ["gain", tensor(gain)],
    ["offset", tensor(offset)],
  ]);
  return { path, mediaType: "application/vnd.safetensors" };
}
