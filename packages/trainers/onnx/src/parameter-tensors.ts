// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { TensorLayout } from "@rmtc/spec";
import { elementCount, type SafetensorsFile, type Tensor, tensorOf } from "@rmtc/tensor";
import type { ParameterSpec } from "./network.ts";

/** Cuts a vector of all parameters into named tensors with their layouts. */
export function parameterTensors(
  specs: readonly ParameterSpec[],
  vector: Float32Array,
  prefix = "",
): (readonly [string, Tensor])[] {
  let offset = 0;
  return specs.map(({ name, shape, axes }) => {
    const data = vector.subarray(offset, offset + elementCount(shape));
    offset += data.length;
    const layout: TensorLayout = { dtype: "F32", shape: [...shape], axes: [...axes] };
    return [prefix + name, tensorOf("F32", shape, data, layout)] as const;
  });
}

/**
 * Reads all parameters of a file into one vector.
 *
 * @throws RMTC_LAYOUT_MISMATCH when one is missing or has another type or shape.
 * @throws RMTC_VALUE_INVALID when a value is NaN or infinite.
 */
export async function readParameters(
  file: SafetensorsFile,
  specs: readonly ParameterSpec[],
  prefix = "",
): Promise<Float32Array> {
  const vector = new Float32Array(specs.reduce((sum, { shape }) => sum + elementCount(shape), 0));
  let offset = 0;
  for (const { name, shape } of specs) {
    const entry = file.tensors.get(prefix + name);
    if (entry?.dtype !== "F32" || String(entry.shape) !== String(shape)) {
      const present = entry === undefined ? "nothing" : `${entry.dtype} [${entry.shape.join(", ")}]`;
      throw new RmtcError(
        "RMTC_LAYOUT_MISMATCH",
        `${file.path} has ${present} for the parameter ${prefix}${name}; the network needs F32 [${shape.join(", ")}].`,
        { subject: file.path },
      );
    }
    const data = (await file.read(prefix + name)).data as Float32Array;
    if (!data.every(Number.isFinite)) {
      throw new RmtcError("RMTC_VALUE_INVALID", `${file.path} has a NaN or infinity in ${prefix}${name}.`, {
        subject: file.path,
      });
    }
    vector.set(data, offset);
    offset += data.length;
  }
  return vector;
}
