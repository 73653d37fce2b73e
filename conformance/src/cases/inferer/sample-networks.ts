// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Inferable, Inferer, InferResult, TensorValue } from "@rmtc/contract";
import { type OnnxModel, onnxToBytes } from "@rmtc/onnx";
import type { NamedLayout } from "@rmtc/spec";
import type { CaseContext } from "../../conformance-case.ts";
import type { Fixture, FixtureWeights, NetworkName } from "../../fixture.ts";
import { onnxNetworks } from "./onnx-networks.ts";

type Context = CaseContext<Inferer>;

const onnx = "application/vnd.onnx";

/** Tells for a case whether the suite has weights of the networks for an inferer. */
export function has(
  ...names: readonly NetworkName[]
): (can: Inferer["capabilities"], fixture: Fixture) => boolean {
  return (can, { weights }) => names.every((name) => takesOnnx(can) || weights?.[name] !== undefined);
}

/** Tells whether an inferer opens ONNX files. */
export function takesOnnx({ mediaTypes }: Inferer["capabilities"]): boolean {
  return mediaTypes.includes(onnx);
}

/** Puts weights of a network into the case's folder. */
export async function weightsOf(context: Context, name: NetworkName): Promise<FixtureWeights> {
  const { fixture, folder } = context;
  const given = fixture.weights?.[name];
  if (given === undefined) return await saved(context, name, onnxNetworks[name]());
  await mkdir(join(folder, name), { recursive: true });
  const path = join(folder, name, basename(given.path));
  await copyFile(given.path, path);
  return { ...given, path };
}

/** Writes an ONNX model to the case's folder. */
export async function saved({ folder }: Context, name: string, model: OnnxModel): Promise<FixtureWeights> {
  await mkdir(join(folder, name), { recursive: true });
  const path = join(folder, name, "network.onnx");
  await writeFile(path, onnxToBytes(model));
  return { path, mediaType: onnx };
}

/** Opens a network. */
export async function opened(context: Context, name: NetworkName): Promise<Inferable> {
  return await context.store.open(await weightsOf(context, name));
}

/** Makes an image for an input, row by row; one number for each channel and pixel. */
export function image(
  { layout }: NamedLayout,
  rows: number,
  columns: number,
  pixel: (index: number) => number = (index) => ((index * 7) % 32) / 4 - 3,
): TensorValue {
  const shape = layout.axes.map((axis, place) => {
    if (axis === "h") return rows;
    if (axis === "w") return columns;
    return layout.shape[place] || 1;
  });
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor(
    shape,
    Float32Array.from({ length: count }, (_, index) => pixel(index)),
  );
}

/** Makes an F32 tensor. */
export function tensor(shape: readonly number[], numbers: Float32Array): TensorValue {
  return {
    dtype: "F32",
    shape,
    data: new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength),
  };
}

/** Returns the first input or output of a network. */
export function first(layouts: readonly NamedLayout[]): NamedLayout {
  const [layout] = layouts;
  assert.ok(layout, "the network lists no inputs or outputs");
  return layout;
}

/** Runs a network with one input on an image and returns its first output. */
export async function runOn(
  network: Inferable,
  value: TensorValue,
  options: Omit<Parameters<Inferable["run"]>[0], "inputs"> = {},
): Promise<TensorValue> {
  const result = await network.run({ inputs: { [first(network.inputs).name]: value }, ...options });
  return outputOf(result, first(network.outputs).name);
}

/** Returns an output, having looked at its size. */
export function outputOf({ outputs }: InferResult, name: string): TensorValue {
  const value = outputs[name];
  assert.ok(value, `there is no output ${name}`);
  const bytes = value.shape.reduce((product, size) => product * size, 4);
  if (value.dtype === "F32")
    assert.equal(value.data.byteLength, bytes, `${name} has another number of bytes`);
  return value;
}

/** Reads the elements of an F32 tensor, little-endian. */
export function numbersOf({ data }: TensorValue): readonly number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

/** Asserts that numbers are the same to within a part of their largest. */
export function assertClose(found: readonly number[], wanted: readonly number[], tolerance = 1e-5): void {
  assert.equal(found.length, wanted.length, "there is another number of elements");
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [index, value] of wanted.entries()) {
    const difference = Math.abs((found[index] ?? Number.NaN) - value);
    assert.ok(difference <= tolerance * largest, `element ${index} is ${found[index]}, not ${value}`);
  }
}
