// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type InferRequest, RmtcError, type TensorValue } from "@rmtc/contract";
import { tensorByteLength } from "@rmtc/tensor";
import { type ModelDescription, rowAxisOf } from "./describe-model.ts";

/** An input that was checked, with the axis of its rows if it is an image. */
export interface CheckedInput {
  readonly name: string;
  readonly value: TensorValue;
  readonly rowAxis: number | undefined;
}

/** The inputs of a call, and the size that all images among them have. */
export interface CheckedInputs {
  readonly inputs: readonly CheckedInput[];
  readonly size: { readonly rows: number; readonly columns: number } | undefined;
  /** The size that the network declares for images; 0 stands for any. */
  readonly declared: { readonly rows: number; readonly columns: number };
}

/**
 * Checks what a call hands in against what the network declares.
 *
 * Rows and columns of images are only compared with each other here.
 *
 * @throws RMTC_LAYOUT_MISMATCH when an input is missing, is not the network's, or has another dtype or shape.
 */
export function checkInputs(request: InferRequest, description: ModelDescription): CheckedInputs {
  const names = new Set(description.inputs.map(({ name }) => name));
  const extra = Object.keys(request.inputs).find((name) => !names.has(name));
  if (extra !== undefined) {
    throw mismatch(extra, `The network has no input "${extra}"; it has ${[...names].join(", ")}.`);
  }
  let size: CheckedInputs["size"];
  let declared = { rows: 0, columns: 0 };
  const inputs = description.inputs.map(({ name, layout }) => {
    const value = Object.hasOwn(request.inputs, name) ? request.inputs[name] : undefined;
    if (value === undefined) throw mismatch(name, `The input "${name}" is missing.`);
    const { dtype, shape } = value;
    if (dtype !== layout.dtype) {
      throw mismatch(name, `The input "${name}" is ${dtype}; the network takes ${layout.dtype}.`);
    }
    const rowAxis = rowAxisOf(layout);
    const fits =
      shape.length === layout.shape.length &&
      shape.every((length, axis) => {
        const wanted = layout.shape[axis] ?? 0;
        const isImageAxis = rowAxis !== undefined && (axis === rowAxis || axis === rowAxis + 1);
        return (
          Number.isSafeInteger(length) && length > 0 && (wanted === 0 || wanted === length || isImageAxis)
        );
      });
    if (!fits) {
      const wanted = layout.shape.map((length) => (length === 0 ? "any" : length));
      throw mismatch(name, `The input "${name}" has shape [${shape}]; the network takes [${wanted}].`);
    }
    if (value.data.byteLength !== tensorByteLength(dtype, shape)) {
      throw mismatch(
        name,
        `The input "${name}" holds ${value.data.byteLength} bytes; shape [${shape}] takes ${tensorByteLength(dtype, shape)}.`,
      );
    }
    if (rowAxis !== undefined) {
      const rows = shape[rowAxis] ?? 0;
      const columns = shape[rowAxis + 1] ?? 0;
      if (size !== undefined && (size.rows !== rows || size.columns !== columns)) {
        throw mismatch(
          name,
          `The input "${name}" has ${columns}x${rows} pixels; another has ${size.columns}x${size.rows}.`,
        );
      }
      size = { rows, columns };
      declared = {
        rows: Math.max(declared.rows, layout.shape[rowAxis] ?? 0),
        columns: Math.max(declared.columns, layout.shape[rowAxis + 1] ?? 0),
      };
    }
    return { name, value, rowAxis };
  });
  return { inputs, size, declared };
}

function mismatch(name: string, message: string): RmtcError {
  return new RmtcError("RMTC_LAYOUT_MISMATCH", message, { subject: name });
}
