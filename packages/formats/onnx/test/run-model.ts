// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { InferenceSession, Tensor } from "onnxruntime-node";
import { type OnnxModel, onnxToBytes } from "../src/index.ts";

/** A tensor as tests write it. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly type?: "float32" | "float64" | undefined;
}

/** A model that onnxruntime has loaded. */
export interface LoadedModel {
  run(feeds: Readonly<Record<string, Numbers>>): Promise<ReadonlyMap<string, Numbers>>;
}

/** Loads a model into onnxruntime, with one thread. */
export async function loadModel(model: OnnxModel): Promise<LoadedModel> {
  const session = await InferenceSession.create(onnxToBytes(model), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  return {
    async run(feeds) {
      const tensors = Object.entries(feeds).map(([name, { shape, values, type }]) => [
        name,
        type === "float64"
          ? new Tensor("float64", Float64Array.from(values), shape)
          : new Tensor("float32", Float32Array.from(values), shape),
      ]);
      const results = await session.run(Object.fromEntries(tensors));
      return new Map(
        Object.entries(results).map(([name, tensor]) => [
          name,
          { shape: tensor.dims, values: Array.from(tensor.data as ArrayLike<number | bigint>, Number) },
        ]),
      );
    },
  };
}

/** Loads a model and runs it once. */
export async function runModel(
  model: OnnxModel,
  feeds: Readonly<Record<string, Numbers>>,
): Promise<ReadonlyMap<string, Numbers>> {
  return (await loadModel(model)).run(feeds);
}
