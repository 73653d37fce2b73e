// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type CallOptions,
  type Converter,
  type ConvertRequest,
  type ConvertResult,
  RmtcError,
} from "@rmtc/contract";
import { GraphBuilder, type OnnxTensor, onnxToBytes, readOnnx } from "@rmtc/onnx";
import {
  parseSafetensors,
  safetensorsToBytes,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  tensorOf,
} from "@rmtc/tensor";
import { onnx, safetensors } from "../../../src/cases/converter/sample-sources.ts";

/** Converts between tensors in safetensors and constants in ONNX, and makes half floats of safetensors. */
export class MemoryConverter implements Converter {
  readonly name = "memory";
  readonly capabilities: Converter["capabilities"] = {
    conversions: [
      { from: safetensors, to: safetensors },
      { from: safetensors, to: onnx },
      { from: onnx, to: safetensors },
    ],
  };

  async convert(request: ConvertRequest, { signal }: CallOptions = {}): Promise<ConvertResult> {
    signal?.throwIfAborted();
    const { path, from, to, outputFolder } = request;
    if (!this.capabilities.conversions.some((pair) => pair.from === from && pair.to === to)) {
      throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `${from} is not converted to ${to}.`);
    }
    const tensors =
      from === onnx ? await constantsOf(path) : [...parseSafetensors(await readFile(path)).tensors];
    await setImmediate();
    signal?.throwIfAborted();
    const changes: string[] = [];
    const made = from === to ? tensors.map((named) => halved(named, changes)) : tensors;
    const bytes = to === onnx ? constants(made) : safetensorsToBytes(made);
    const result = join(outputFolder, to === onnx ? "weights.onnx" : "weights.safetensors");
    await writeFile(result, bytes);
    return { files: [{ path: result, mediaType: to }], report: { changes } };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function halved([name, tensor]: readonly [string, Tensor], changes: string[]): readonly [string, Tensor] {
  if (tensor.dtype !== "F32") return [name, tensor];
  const values = Float16Array.from(tensor.data as Float32Array);
  changes.push(`${name} went from F32 to F16.`);
  if (!values.every(Number.isFinite)) changes.push(`Values of ${name} became infinite.`);
  const layout = tensor.layout === undefined ? undefined : { ...tensor.layout, dtype: "F16" as const };
  return [name, tensorOf("F16", tensor.shape, values, layout)];
}

async function constantsOf(path: string): Promise<(readonly [string, Tensor])[]> {
  const { graph } = await readOnnx(path);
  return graph.initializers.map(({ name, shape, data = new Uint8Array() }) => [
    name,
    tensorFromBytes("F32", shape, data),
  ]);
}

function constants(tensors: readonly (readonly [string, Tensor])[]): Uint8Array {
  const builder = new GraphBuilder();
  builder.output(builder.input("x", "F32", [1]), "y");
  const { graph, ...model } = builder.finish();
  const initializers = tensors.map(
    ([name, tensor]): OnnxTensor => ({
      name,
      elementType: "F32",
      shape: tensor.shape,
      data: tensorBytes(tensor),
    }),
  );
  return onnxToBytes({ ...model, graph: { ...graph, initializers } });
}
