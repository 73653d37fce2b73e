// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { intAttribute, intsAttribute, stringAttribute, unsupported } from "./node-attributes.ts";
import type { OnnxDimension, OnnxNode } from "./onnx-model.ts";

/** How a convolution or pooling moves its window over the two image axes, each entry `[rows, columns]`. */
export interface WindowGeometry {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Padding before the first row and column. */
  readonly padsBefore: readonly [number, number];
  /** Padding after the last row and column. */
  readonly padsAfter: readonly [number, number];
}

/**
 * Reads the window of a two-dimensional `Conv`, `ConvTranspose` or pooling node.
 *
 * @throws RMTC_GRAPH_UNSUPPORTED when the node has another number of image axes, or pads by `auto_pad`.
 */
export function windowFromNode(node: OnnxNode, kernelShape: readonly OnnxDimension[]): WindowGeometry {
  const autoPad = stringAttribute(node, "auto_pad", "NOTSET");
  if (autoPad !== "NOTSET" && autoPad !== "VALID")
    unsupported(node, `pads by auto_pad ${autoPad}; give it pads`);
  const kernel = pair(node, "kernel_shape", intsAttribute(node, "kernel_shape") ?? kernelShape);
  const pads = autoPad === "VALID" ? undefined : intsAttribute(node, "pads");
  if (pads !== undefined && pads.length !== 4) unsupported(node, "has not two image axes");
  return {
    kernel,
    strides: pair(node, "strides", intsAttribute(node, "strides") ?? [1, 1]),
    dilations: pair(node, "dilations", intsAttribute(node, "dilations") ?? [1, 1]),
    padsBefore: pair(node, "pads", pads?.slice(0, 2) ?? [0, 0]),
    padsAfter: pair(node, "pads", pads?.slice(2, 4) ?? [0, 0]),
  };
}

/** Returns how many pixels one window spans along an axis. */
export function windowReach(window: WindowGeometry, axis: 0 | 1): number {
  return window.dilations[axis] * (window.kernel[axis] - 1) + 1;
}

/** Returns how many windows fit along an axis; `undefined` when its size is not known. */
export function windowCount(
  size: OnnxDimension,
  window: WindowGeometry,
  axis: 0 | 1,
  ceil = false,
): OnnxDimension {
  const reach = windowReach(window, axis);
  const padding = window.padsBefore[axis] + window.padsAfter[axis];
  const stride = window.strides[axis];
  if (typeof size !== "number") return stride === 1 && padding === reach - 1 ? size : undefined;
  const steps = (size + padding - reach) / stride;
  return (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
}

/** Refuses grouped convolutions. @throws RMTC_GRAPH_UNSUPPORTED when the node has more than one group. */
export function requireOneGroup(node: OnnxNode): void {
  const group = intAttribute(node, "group", 1);
  if (group !== 1) unsupported(node, `has ${group} groups; only one is supported`);
}

function pair(node: OnnxNode, name: string, values: readonly OnnxDimension[]): readonly [number, number] {
  const [rows, columns] = values;
  if (values.length !== 2 || typeof rows !== "number" || typeof columns !== "number") {
    return unsupported(node, `has a ${name} that is not two numbers`);
  }
  return [rows, columns];
}
