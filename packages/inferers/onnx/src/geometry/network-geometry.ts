// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { numbersFromTensor, type OnnxModel, type OnnxTensor } from "@rmtc/onnx";
import { type AxisReach, inputReach } from "./axis-reach.ts";
import { leastCommonMultiple, toNumber } from "./fraction.ts";
import { nodeFlow } from "./node-flow.ts";
import { NodeReader } from "./node-reader.ts";
import type { ConstantFlow, ImageFlow, ValueFlow } from "./value-flow.ts";

/** How a network's outputs lie over its input, along rows and columns alike. */
export interface NetworkGeometry {
  /** Sizes and tile origins must be multiples of this many rows and columns. */
  readonly stride: number;
  /** Rows and columns above and left that an output pixel depends on. */
  readonly before: number;
  /** Rows and columns below and right that an output pixel depends on. */
  readonly after: number;
  /** Rows and columns that neighbouring tiles must share for exact results. */
  readonly receptiveField: number;
  /** Seams between tiles lie at multiples of this; above one where an output is smaller than the input. */
  readonly seamMultiple: number;
  /** Axis of the rows by output, for those outputs that are images over the input; columns are the next axis. */
  readonly rowAxes: Readonly<Record<string, number>>;
}

/**
 * Axis of the rows by input name; columns are the next axis. Inputs that are not here are the same for every tile.
 */
export type ImageInputs = ReadonlyMap<string, number>;

/** Strides above this are taken for damage. */
const MAX_STRIDE = 8192;

/** Constants larger than this are weights and never settings of an operator. */
const MAX_SETTING_BYTES = 4096;

/** Rounding of sums of fractions must not count as a pixel. */
const TOLERANCE = 1e-6;

/**
 * Finds stride and receptive field of a network by following its operators from the inputs on.
 *
 * Returns `undefined` where tiles cannot stand for the whole, or nobody knows whether they can: after an
 * operator over all pixels, one that is unknown here, or one that depends on the size of the image.
 */
export function networkGeometry(model: OnnxModel, imageInputs: ImageInputs): NetworkGeometry | undefined {
  const { graph } = model;
  const opset = model.opsetImports.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 1;
  const flows = new Map<string, ValueFlow>();
  for (const { name, tensor } of graph.inputs) {
    const rowAxis = imageInputs.get(name);
    if (rowAxis === undefined) {
      const shape = tensor?.shape?.map((size) => (typeof size === "number" ? size : undefined));
      flows.set(name, { kind: "constant", shape });
    } else {
      const rank = tensor?.shape?.length ?? 0;
      const columnAxis = rowAxis + 1;
      flows.set(name, { kind: "image", rank, rowAxis, columnAxis, rows: inputReach, columns: inputReach });
    }
  }
  for (const tensor of graph.initializers) flows.set(tensor.name, constantFlow(tensor));
  let stride = 1;
  for (const node of graph.nodes) {
    const value = node.opType === "Constant" ? node.attributes.get("value") : undefined;
    const inputs = node.inputs.map((name) => flows.get(name));
    const outputs =
      value?.type === "TENSOR" ? [constantFlow(value.value)] : nodeFlow(new NodeReader(node, opset, inputs));
    for (const [index, name] of node.outputs.entries()) {
      const flow = outputs[index];
      if (flow === undefined || (flow.kind === "image" && !isTileable(flow))) continue;
      flows.set(name, flow);
      if (flow.kind === "constant") continue;
      stride = leastCommonMultiple(stride, flow.rows.step.numerator);
      stride = leastCommonMultiple(stride, flow.columns.step.numerator);
      if (stride > MAX_STRIDE) return undefined;
    }
  }
  return fromOutputs(
    graph.outputs.flatMap(({ name }) => {
      const flow = flows.get(name);
      return flow?.kind === "image" && flow.rows.extra === 0 && flow.columns.extra === 0
        ? [[name, flow] as const]
        : [];
    }),
    stride,
  );
}

function fromOutputs(
  outputs: readonly (readonly [string, ImageFlow])[],
  stride: number,
): NetworkGeometry | undefined {
  if (outputs.length === 0) return undefined;
  let before = 0;
  let after = 0;
  let seamMultiple = 1;
  for (const { rows, columns } of outputs.map(([, flow]) => flow)) {
    for (const reach of [rows, columns]) {
      const step = toNumber(reach.step);
      before = Math.max(before, Math.floor(reach.before + TOLERANCE));
      after = Math.max(after, Math.floor(reach.after - step + TOLERANCE) + 1);
      seamMultiple = leastCommonMultiple(seamMultiple, reach.step.numerator);
    }
  }
  const rowAxes = Object.fromEntries(outputs.map(([name, { rowAxis }]) => [name, rowAxis]));
  return { stride, before, after, receptiveField: before + after + seamMultiple, seamMultiple, rowAxes };
}

/**
 * Tells whether a value's elements just outside a tile depend on pixels just outside it. Only then does every
 * element whose pixels are all inside have the same value in the tile as in the whole; cropping breaks it.
 */
function isTileable({ rows, columns }: ImageFlow): boolean {
  const holds = ({ step, before, after, extra }: AxisReach): boolean =>
    step.denominator <= MAX_STRIDE &&
    Number.isFinite(before + after + extra) &&
    before > -toNumber(step) &&
    toNumber(step) * extra + after > -1;
  return holds(rows) && holds(columns);
}

function constantFlow(tensor: OnnxTensor): ConstantFlow {
  const readable =
    ["F32", "F64", "I32", "I64"].includes(tensor.elementType) &&
    tensor.data !== undefined &&
    tensor.data.byteLength <= MAX_SETTING_BYTES;
  return {
    kind: "constant",
    shape: tensor.shape,
    numbers: readable ? () => numbersFromTensor(tensor) : undefined,
  };
}
