// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Converter, ConvertRequest, ConvertResult } from "@rmtc/contract";
import { onnxToBytes, parseOnnx } from "@rmtc/onnx";
import type { Dtype } from "@rmtc/spec";
import { parseSafetensors, safetensorsToBytes, type Tensor, tensorBytes, tensorOf } from "@rmtc/tensor";
import type { CaseContext } from "../../conformance-case.ts";
import { affineNetwork } from "../inferer/onnx-networks.ts";
import { writeSampleImage } from "../trainer/sample-image.ts";

type Context = CaseContext<Converter>;

export const safetensors = "application/vnd.safetensors";
export const onnx = "application/vnd.onnx";

/** A tensor as a case compares it. */
export interface FoundTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Numbers that lie between two F16 values, at its end and beyond it. */
export const hardNumbers: readonly number[] = [
  1 + 2 ** -11,
  1 + 3 * 2 ** -11,
  65_519,
  65_520,
  -70_000,
  2 ** -25,
];

/** Makes a request for each pair of media types of which there is a source, each with its own output folder. */
export async function requestsOf(context: Context, numbers?: readonly number[]): Promise<ConvertRequest[]> {
  const requests: ConvertRequest[] = [];
  for (const { from, to } of context.store.capabilities.conversions) {
    const path = await sourceOf(context, from, numbers);
    if (path !== undefined) requests.push({ path, from, to, outputFolder: await outputFolder(context) });
  }
  return requests;
}

/** Makes an empty folder for results. */
export async function outputFolder({ folder }: Context): Promise<string> {
  return await mkdtemp(join(folder, "out-"));
}

/** Tells whether an instance converts between tensor files of which the suite reads both sides. */
export function readsTensors({ conversions }: Converter["capabilities"]): boolean {
  return conversions.some(({ from, to }) => from === safetensors && to === safetensors);
}

/** Reads the tensors of a safetensors or ONNX file; `undefined` for other media types. */
export async function tensorsIn(
  path: string,
  mediaType: string,
): Promise<ReadonlyMap<string, FoundTensor> | undefined> {
  const bytes = await readFile(path);
  if (mediaType === safetensors) {
    const { tensors } = parseSafetensors(bytes);
    return new Map(
      [...tensors].map(([name, tensor]) => [
        name,
        { dtype: tensor.dtype, shape: tensor.shape, bytes: tensorBytes(tensor) },
      ]),
    );
  }
  if (mediaType !== onnx) return undefined;
  return new Map(
    parseOnnx(bytes).graph.initializers.map(({ name, elementType, shape, data }) => [
      name,
      { dtype: elementType, shape, bytes: data ?? new Uint8Array() },
    ]),
  );
}

/** Reads the tensors of every result that can be read, by name. */
export async function resultTensors({ files }: ConvertResult): Promise<ReadonlyMap<string, FoundTensor>> {
  const all = new Map<string, FoundTensor>();
  for (const { path, mediaType } of files) {
    for (const [name, tensor] of (await tensorsIn(path, mediaType)) ?? []) all.set(name, tensor);
  }
  return all;
}

/** Reads an F32 or F16 tensor as numbers. */
export function numbersOf({ dtype, bytes }: FoundTensor): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === "F16") {
    return Array.from({ length: bytes.byteLength / 2 }, (_, index) => view.getFloat16(index * 2, true));
  }
  return Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

async function sourceOf(
  { fixture, folder }: Context,
  mediaType: string,
  numbers: readonly number[] = Array.from({ length: 12 }, (_, index) => index / 4 - 1),
): Promise<string | undefined> {
  const given = fixture.sources?.[mediaType];
  if (given !== undefined) return given;
  const path = join(folder, `source${mediaType.replaceAll(/[^a-z]/g, ".")}`);
  const ramp = (x: number, y: number): number => (x + y) / 32;
  if (mediaType === safetensors) {
    const tensors: (readonly [string, Tensor])[] = [
      ["head.weight", float("F32", numbers)],
      ["head.bias", float("F32", [0.5, -0.25])],
    ];
    await writeFile(path, safetensorsToBytes(tensors));
  } else if (mediaType === onnx) await writeFile(path, onnxToBytes(affineNetwork()));
  else if (mediaType === "image/x-exr") await writeSampleImage(path, [16, 12], { R: ramp, G: ramp, B: ramp });
  else return undefined;
  return path;
}

function float(dtype: Dtype, numbers: readonly number[]): Tensor {
  const shape = [numbers.length];
  return tensorOf(dtype, shape, Float32Array.from(numbers), { dtype, shape, axes: ["o"] });
}
