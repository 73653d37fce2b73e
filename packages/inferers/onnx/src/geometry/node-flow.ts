// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { throughPadding } from "./axis-reach.ts";
import type { NodeReader } from "./node-reader.ts";
import { depthToSpaceFlow, resizeFlow, spaceToDepthFlow } from "./resample-flow.ts";
import { type ImageFlow, mergeFlows, type ValueFlow } from "./value-flow.ts";
import { transposedWindowFlow, windowFlow } from "./window-flow.ts";

type FlowRule = (reader: NodeReader) => ImageFlow | undefined;

/** Every input meets every other, element by element. */
const elementwise: FlowRule = ({ node, inputs }) => {
  const present = inputs.filter((_, index) => node.inputs[index] !== "");
  return present.every((input) => input !== undefined) ? mergeFlows(present) : undefined;
};

/** The first input is an image; the others hold one number per channel, or settings. */
const firstInput: FlowRule = ({ inputs: [image] }) => (image?.kind === "image" ? image : undefined);

/** The first input is an image; the named axis, which is worked along, is not of its rows or columns. */
const alongAxis =
  (fallback: number): FlowRule =>
  (reader) => {
    const [image] = reader.inputs;
    if (image?.kind !== "image") return undefined;
    return isSpatial(image, reader.int("axis", fallback)) ? undefined : image;
  };

const concat: FlowRule = (reader) => {
  const { inputs } = reader;
  const images = inputs.filter((input): input is ImageFlow => input?.kind === "image");
  const merged = images.length === inputs.length ? mergeFlows(images) : undefined;
  return merged === undefined || isSpatial(merged, reader.int("axis", 1)) ? undefined : merged;
};

const softmax: FlowRule = (reader) => (reader.opset < 13 ? undefined : alongAxis(-1)(reader));

const batchNormalization: FlowRule = (reader) =>
  reader.int("training_mode", 0) === 0 ? firstInput(reader) : undefined;

const reduce: FlowRule = (reader) => {
  const [image] = reader.inputs;
  const axes = reader.has(1) ? reader.numbers(1) : reader.ints("axes");
  if (image?.kind !== "image" || axes === undefined || axes.length === 0) return undefined;
  if (reader.int("keepdims", 1) !== 1 || axes.some((axis) => isSpatial(image, axis))) return undefined;
  return image;
};

const slice: FlowRule = (reader) => {
  const [image] = reader.inputs;
  if (image?.kind !== "image") return undefined;
  const starts = reader.ints("starts") ?? reader.numbers(1);
  const axes = reader.has(3) ? reader.numbers(3) : (reader.ints("axes") ?? starts?.map((_, index) => index));
  return axes === undefined || axes.some((axis) => isSpatial(image, axis)) ? undefined : image;
};

const transpose: FlowRule = (reader) => {
  const [image] = reader.inputs;
  const order = reader.ints("perm");
  if (image?.kind !== "image" || order?.length !== image.rank) return undefined;
  const rowAxis = order.indexOf(image.rowAxis);
  const columnAxis = order.indexOf(image.columnAxis);
  return rowAxis < 0 || columnAxis < 0 ? undefined : { ...image, rowAxis, columnAxis };
};

const pad: FlowRule = (reader) => {
  const [image] = reader.inputs;
  const pads = reader.ints("pads") ?? reader.numbers(1);
  if (image?.kind !== "image" || pads?.length !== 2 * image.rank || reader.has(3)) return undefined;
  const { rank, rowAxis, columnAxis } = image;
  return {
    ...image,
    rows: throughPadding(image.rows, pads[rowAxis] ?? 0, pads[rowAxis + rank] ?? 0),
    columns: throughPadding(image.columns, pads[columnAxis] ?? 0, pads[columnAxis + rank] ?? 0),
  };
};

function isSpatial({ rank, rowAxis, columnAxis }: ImageFlow, axis: number): boolean {
  const resolved = axis < 0 ? axis + rank : axis;
  return resolved === rowAxis || resolved === columnAxis;
}

const ELEMENTWISE =
  "Abs Acos Acosh Add And Asin Asinh Atan Atanh Ceil Celu Cos Cosh Div Elu Equal Erf Exp Floor Gelu Greater " +
  "GreaterOrEqual HardSigmoid HardSwish IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg " +
  "Not Or PRelu Pow Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Swish Tan " +
  "Tanh ThresholdedRelu Where Xor";
const FIRST_INPUT = "Cast CastLike Clip DequantizeLinear Dropout Identity LRN QuantizeLinear Shrink";
const REDUCE =
  "ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare";

/** What each operator does to rows and columns. What is not here breaks them up, or may. */
const RULES: ReadonlyMap<string, FlowRule> = new Map<string, FlowRule>([
  ...ELEMENTWISE.split(" ").map((name) => [name, elementwise] as const),
  ...FIRST_INPUT.split(" ").map((name) => [name, firstInput] as const),
  ...REDUCE.split(" ").map((name) => [name, reduce] as const),
  ["AveragePool", windowFlow],
  ["BatchNormalization", batchNormalization],
  ["Concat", concat],
  ["Conv", windowFlow],
  ["ConvTranspose", transposedWindowFlow],
  ["DepthToSpace", depthToSpaceFlow],
  ["LogSoftmax", softmax],
  ["LpPool", windowFlow],
  ["MaxPool", windowFlow],
  ["Pad", pad],
  ["Resize", resizeFlow],
  ["Slice", slice],
  ["Softmax", softmax],
  ["SpaceToDepth", spaceToDepthFlow],
  ["Split", alongAxis(0)],
  ["Transpose", transpose],
  ["Upsample", resizeFlow],
]);

/** Operators whose outputs beyond the first are images like it. */
const MANY_OUTPUTS = new Set(["Split"]);

/** Follows a node: what is known of each of its outputs. */
export function nodeFlow(reader: NodeReader): readonly (ValueFlow | undefined)[] {
  const { node, inputs } = reader;
  const present = inputs.filter((_, index) => node.inputs[index] !== "");
  if (present.every((input) => input?.kind === "constant"))
    return node.outputs.map(() => constantOutput(reader));
  const rule = node.domain === "" ? RULES.get(node.opType) : undefined;
  const flow = rule?.(reader);
  return node.outputs.map((_, index) => (index === 0 || MANY_OUTPUTS.has(node.opType) ? flow : undefined));
}

/** Without pixels among its inputs a node gives the same for every tile, unless a graph inside it sees some. */
function constantOutput({ node, inputs }: NodeReader): ValueFlow | undefined {
  if ([...node.attributes.values()].some(({ type }) => type === "GRAPH" || type === "OTHER"))
    return undefined;
  const keepsShape = node.inputs.length === 1 && ["Identity", "Cast", "Neg", "Relu"].includes(node.opType);
  const [input] = inputs;
  return { kind: "constant", shape: keepsShape && input?.kind === "constant" ? input.shape : undefined };
}
