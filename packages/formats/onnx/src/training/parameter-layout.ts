// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { elementCount } from "../graph-value.ts";
import type { OnnxModel, OnnxTensor } from "../onnx-model.ts";

/** Where one parameter lies in the vector of all parameters. */
export interface ParameterSlot {
  readonly name: string;
  readonly shape: readonly number[];
  /** Index of the first element. */
  readonly offset: number;
  /** Elements. */
  readonly count: number;
}

/**
 * Lays the named parameters of a model one after another into one vector, in the order given.
 *
 * @throws RMTC_GRAPH_UNSUPPORTED when a name is no F32 initializer of the model.
 */
export function layOutParameters(model: OnnxModel, names: readonly string[]): readonly ParameterSlot[] {
  const tensors = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  let offset = 0;
  return names.map((name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined || tensor.elementType !== "F32") {
      throw new RmtcError(
        "RMTC_GRAPH_UNSUPPORTED",
        `The model has no initializer ${JSON.stringify(name)} of element type F32 to train.`,
        { subject: name },
      );
    }
    const slot = { name, shape: tensor.shape, offset, count: elementCount(tensor.shape) };
    offset += slot.count;
    return slot;
  });
}

/** Returns how many numbers a layout holds. */
export function parameterCount(slots: readonly ParameterSlot[]): number {
  return slots.reduce((sum, slot) => sum + slot.count, 0);
}

/**
 * Returns the model with new values for its parameters.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the vector has another length than the layout.
 */
export function withParameters(
  model: OnnxModel,
  slots: readonly ParameterSlot[],
  values: Float32Array,
): OnnxModel {
  if (values.length !== parameterCount(slots)) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `The model has ${parameterCount(slots)} parameters, the vector ${values.length}.`,
    );
  }
  const byName = new Map(slots.map((slot) => [slot.name, slot]));
  const initializers = model.graph.initializers.map((tensor): OnnxTensor => {
    const slot = byName.get(tensor.name);
    if (slot === undefined) return tensor;
    const part = values.slice(slot.offset, slot.offset + slot.count);
    return { name: tensor.name, elementType: "F32", shape: tensor.shape, data: new Uint8Array(part.buffer) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Reads the parameters of a model into one vector. */
export function parametersOf(model: OnnxModel, slots: readonly ParameterSlot[]): Float32Array {
  const values = new Float32Array(parameterCount(slots));
  const bytes = new Uint8Array(values.buffer);
  const tensors = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  for (const { name, offset, count } of slots) {
    const data = tensors.get(name)?.data;
    if (data?.byteLength !== count * 4) {
      throw new RmtcError(
        "RMTC_LAYOUT_MISMATCH",
        `Parameter ${JSON.stringify(name)} has no data of its shape.`,
      );
    }
    bytes.set(data, offset * 4);
  }
  return values;
}
