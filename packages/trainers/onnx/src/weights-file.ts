// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson } from "@rmtc/attest";
import type { Architecture } from "@rmtc/contract";
import { layOutParameters, type OnnxModel, onnxToBytes, withParameters } from "@rmtc/onnx";
import { openSafetensors, replaceFile, writeSafetensors } from "@rmtc/tensor";
import { buildNetwork } from "./build-network.ts";
import type { Network, ParameterSpec } from "./network.ts";
import { parameterTensors, readParameters } from "./parameter-tensors.ts";

/** Writes weights as one safetensors file, whole and synced; the same parameters give the same bytes. */
export async function writeWeights(path: string, network: Network, parameters: Float32Array): Promise<void> {
  const metadata = { "rmtc.architecture": canonicalJson(network.architecture) };
  await writeSafetensors(path, parameterTensors(network.parameters, parameters), { metadata });
}

/**
 * Reads the parameters that a network needs from a weights or checkpoint file; other tensors are left alone.
 *
 * @throws RMTC_FORMAT_INVALID when the file is damaged.
 * @throws RMTC_LAYOUT_MISMATCH when a parameter is missing or has another type or shape.
 */
export async function readWeights(path: string, specs: readonly ParameterSpec[]): Promise<Float32Array> {
  await using file = await openSafetensors(path);
  return await readParameters(file, specs);
}

/**
 * Makes a self-contained ONNX model of an architecture and a vector of its parameters, image size open.
 *
 * Metadata `rmtc.layout.<name>` holds each input's and output's layout, `rmtc.stride` what image sizes must be a
 * multiple of.
 */
export function networkToOnnx(network: Network, parameters: Float32Array): OnnxModel {
  const slots = layOutParameters(
    network.model,
    network.parameters.map((spec) => spec.name),
  );
  const metadata = new Map([["rmtc.stride", String(network.stride)]]);
  for (const { name, layout } of [...network.inputs, ...network.outputs]) {
    metadata.set(`rmtc.layout.${name}`, canonicalJson(layout));
  }
  return { ...withParameters(network.model, slots, parameters), metadata };
}

/**
 * Converts a weights or checkpoint file to a self-contained ONNX file, whole and synced.
 *
 * @throws RMTC_FORMAT_INVALID, RMTC_LAYOUT_MISMATCH when the weights are damaged or belong to another architecture.
 */
export async function exportOnnx(
  weightsPath: string,
  architecture: Architecture,
  onnxPath: string,
): Promise<void> {
  const network = buildNetwork(architecture);
  const parameters = await readWeights(weightsPath, network.parameters);
  await replaceFile(onnxPath, [onnxToBytes(networkToOnnx(network, parameters))]);
}
