// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GraphBuilder, numbersFromTensor, type OnnxModel, onnxToBytes, readOnnx } from "../src/index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-onnx-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A model whose one tensor of three floats lies at `location`. */
function modelWithData(location: string, offset = 0, length?: number): OnnxModel {
  const model = new GraphBuilder().finish();
  const tensor = {
    name: "w",
    elementType: "F32",
    shape: [3],
    external: { location, offset, length },
  } as const;
  return { ...model, graph: { ...model.graph, initializers: [tensor] } };
}

async function write(model: OnnxModel): Promise<string> {
  await mkdir(join(folder, "models"), { recursive: true });
  const path = join(folder, "models", "model.onnx");
  await writeFile(path, onnxToBytes(model));
  return path;
}

describe("readOnnx", () => {
  it("reads tensors from files beside and below the model", async () => {
    const path = await write(modelWithData("data/w.bin", 4, 12));
    await mkdir(join(folder, "models", "data"));
    await writeFile(
      join(folder, "models", "data", "w.bin"),
      new Uint8Array(Float32Array.of(9, 1, 2, 3).buffer),
    );
    const [tensor] = (await readOnnx(path)).graph.initializers;
    expect(tensor && numbersFromTensor(tensor)).toEqual([1, 2, 3]);
  });

  it.each([
    "../secret.bin",
    "data/../../secret.bin",
    "/etc/hostname",
    "",
    ".",
    "..\\secret.bin",
    "C:secret.bin",
  ])("refuses data at %j, outside the model's folder", async (location) => {
    await writeFile(join(folder, "secret.bin"), new Uint8Array(12));
    const path = await write(modelWithData(location));
    await expect(readOnnx(path)).rejects.toMatchObject({ code: "RMTC_PATH_INVALID", subject: location });
  });

  it("refuses data behind a symbolic link", async () => {
    const path = await write(modelWithData("w.bin"));
    await writeFile(join(folder, "secret.bin"), new Uint8Array(12));
    await symlink(join(folder, "secret.bin"), join(folder, "models", "w.bin"));
    await expect(readOnnx(path)).rejects.toMatchObject({ code: "RMTC_PATH_INVALID" });
  });

  it.each([
    ["that are too short", 0, undefined, 8],
    ["beyond the end", 100, undefined, 12],
    ["of another length than the shape needs", 0, 8, 12],
  ])("refuses data %s", async (_, offset, length, size) => {
    const path = await write(modelWithData("w.bin", offset, length));
    await writeFile(join(folder, "models", "w.bin"), new Uint8Array(size));
    await expect(readOnnx(path)).rejects.toMatchObject({ code: "RMTC_FORMAT_INVALID" });
  });

  it("refuses many tensors that each claim the whole of one file", async () => {
    const model = modelWithData("w.bin");
    const [tensor] = model.graph.initializers;
    const initializers = [1, 2, 3].map((index) => ({ ...tensor, name: `w${index}` }));
    const path = await write({ ...model, graph: { ...model.graph, initializers } } as OnnxModel);
    await writeFile(join(folder, "models", "w.bin"), new Uint8Array(12));
    await expect(readOnnx(path)).rejects.toMatchObject({ code: "RMTC_FORMAT_INVALID" });
  });

  it("names a missing file", async () => {
    const path = await write(modelWithData("w.bin"));
    await expect(readOnnx(path)).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
    await expect(readOnnx(join(folder, "no.onnx"))).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
  });

  it("names the path of a damaged file", async () => {
    const path = join(folder, "damaged.onnx");
    await writeFile(path, "not a model");
    await expect(readOnnx(path)).rejects.toMatchObject({ code: "RMTC_FORMAT_INVALID", subject: path });
  });
});
