// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { bitsPerElement, type OnnxElementType } from "./element-type.ts";
import { elementCount } from "./graph-value.ts";
import type { OnnxTensor } from "./onnx-model.ts";

/**
 * Makes a tensor from numbers in row-major order.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the numbers do not fill the shape.
 * @throws RMTC_OPTION_INVALID when the element type is none of F32, F64, I32, I64, BOOL and U8.
 */
export function tensorFromNumbers(
  name: string,
  elementType: OnnxElementType,
  values: ArrayLike<number>,
  shape: readonly number[],
): OnnxTensor {
  if (values.length !== elementCount(shape)) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `Tensor ${JSON.stringify(name)} of shape [${shape.join(", ")}] cannot hold ${values.length} values.`,
    );
  }
  const data = bytesFromNumbers(elementType, values);
  return { name, elementType, shape, data };
}

/**
 * Reads a tensor's elements as numbers, in row-major order.
 *
 * @throws RMTC_OPTION_INVALID when the element type is none of F32, F64, I32, I64, BOOL and U8, or its data is elsewhere.
 */
export function numbersFromTensor(tensor: OnnxTensor): number[] {
  const { data, elementType } = tensor;
  if (data === undefined) return refuse(tensor.name, elementType);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const size = bitsPerElement(elementType) / 8;
  const read = ((): ((at: number) => number) => {
    if (elementType === "F32") return (at) => view.getFloat32(at, true);
    if (elementType === "F64") return (at) => view.getFloat64(at, true);
    if (elementType === "I64") return (at) => Number(view.getBigInt64(at, true));
    if (elementType === "I32") return (at) => view.getInt32(at, true);
    if (elementType === "U8" || elementType === "BOOL") return (at) => view.getUint8(at);
    return refuse(tensor.name, elementType);
  })();
  return Array.from({ length: data.byteLength / size }, (_, index) => read(index * size));
}

function bytesFromNumbers(elementType: OnnxElementType, values: ArrayLike<number>): Uint8Array {
  const typed = ((): ArrayBufferView<ArrayBuffer> => {
    if (elementType === "F32") return Float32Array.from(values);
    if (elementType === "F64") return Float64Array.from(values);
    if (elementType === "I64") return BigInt64Array.from(Array.from(values, BigInt));
    if (elementType === "I32") return Int32Array.from(values);
    if (elementType === "U8" || elementType === "BOOL") return Uint8Array.from(values);
    return refuse("", elementType);
  })();
  return new Uint8Array(typed.buffer);
}

function refuse(name: string, elementType: OnnxElementType): never {
  throw new RmtcError(
    "RMTC_OPTION_INVALID",
    `Tensor ${JSON.stringify(name)} of type ${elementType} has no elements that can be taken as numbers here.`,
  );
}
