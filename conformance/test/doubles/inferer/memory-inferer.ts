// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import {
  type CallOptions,
  type Inferable,
  type Inferer,
  type InferRequest,
  type InferResult,
  type OpenWeightsRequest,
  RmtcError,
  type TensorValue,
} from "@rmtc/contract";
import { numbersFromTensor, type OnnxModel, type OnnxNode, type OnnxValueInfo, readOnnx } from "@rmtc/onnx";
import type { NamedLayout, TensorLayout } from "@rmtc/spec";
import { validateLayout } from "@rmtc/tensor";

interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** Runs the networks of the suite, and no others: a few operators of ONNX, one image at a time. */
export class MemoryInferer implements Inferer {
  readonly name = "memory";
  readonly capabilities: Inferer["capabilities"];
  readonly #open = new Set<MemoryInferable>();

  constructor(mediaType = "application/vnd.onnx") {
    this.capabilities = {
      mediaTypes: [mediaType],
      platform: { year: "CY2027", needs: { "onnx-opset": "17" } },
    };
  }

  async open({ path, mediaType }: OpenWeightsRequest, { signal }: CallOptions = {}): Promise<Inferable> {
    signal?.throwIfAborted();
    if (!this.capabilities.mediaTypes.includes(mediaType)) {
      throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `${mediaType} is not opened.`);
    }
    const model = await readOnnx(path);
    const unknown = model.graph.nodes.find(({ opType }) => !Object.hasOwn(operators, opType));
    if (unknown !== undefined) {
      throw new RmtcError("RMTC_GRAPH_UNSUPPORTED", `There is no operator ${unknown.opType}.`);
    }
    const network = new MemoryInferable(path, model, await readFile(path));
    this.#open.add(network);
    return network;
  }

  /** What the death of every process would be: calls fail, and the next one starts anew. */
  crash(): void {
    for (const network of this.#open) network.crash();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const network of this.#open) await network[Symbol.asyncDispose]();
  }
}

class MemoryInferable implements Inferable {
  readonly capabilities: Inferable["capabilities"];
  readonly inputs: readonly NamedLayout[];
  readonly outputs: readonly NamedLayout[];
  readonly #path: string;
  readonly #model: OnnxModel;
  readonly #bytes: Buffer;
  readonly #stride: number;
  #lives = 1;
  #fresh = true;
  #closed = false;
  #line: Promise<unknown> = Promise.resolve();

  constructor(path: string, model: OnnxModel, bytes: Buffer) {
    const { graph } = model;
    const operatorsUsed = new Set(graph.nodes.map(({ opType }) => opType));
    const moved = new Set<string>();
    for (const node of graph.nodes) {
      const follows = node.opType === "Identity" && moved.has(node.inputs[0] ?? "");
      if (node.opType === "Transpose" || follows) for (const name of node.outputs) moved.add(name);
    }
    this.#path = path;
    this.#model = model;
    this.#bytes = bytes;
    this.#stride = operatorsUsed.has("AveragePool") ? 4 : 1;
    this.inputs = graph.inputs.map((info) => layoutOf(model, info, false));
    this.outputs = graph.outputs.map((info) => layoutOf(model, info, moved.has(info.name)));
    this.capabilities = { tiles: !operatorsUsed.has("GlobalAveragePool"), concurrency: 1 };
  }

  crash(): void {
    this.#lives += 1;
    this.#fresh = false;
  }

  run(request: InferRequest, { signal }: CallOptions = {}): Promise<InferResult> {
    const call = async (): Promise<InferResult> => {
      signal?.throwIfAborted();
      if (this.#closed) throw closedError();
      const outputs = this.#check(request);
      if (!this.#fresh && !(await readFile(this.#path)).equals(this.#bytes)) {
        throw new RmtcError("RMTC_STATE_INVALID", `${this.#path} has changed.`);
      }
      this.#fresh = true;
      const life = this.#lives;
      const check = (): void => {
        signal?.throwIfAborted();
        if (this.#closed) throw closedError();
        if (this.#lives !== life) throw new RmtcError("RMTC_PROCESS_FAILED", "The process died.");
      };
      // Whatever goes wrong while it waits for others is seen in its own turn.
      return await this.#compute(request, outputs, check);
    };
    const result = this.#line.then(call);
    this.#line = result.catch(() => undefined);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  #check({ inputs, outputs, tiles }: InferRequest): readonly string[] {
    const mismatch = (what: string): RmtcError => new RmtcError("RMTC_LAYOUT_MISMATCH", what);
    if (Object.keys(inputs).length !== this.inputs.length) throw mismatch("There are other inputs.");
    const sizes = new Set<string>();
    for (const { name, layout } of this.inputs) {
      const value = inputs[name];
      if (value === undefined) throw mismatch(`${name} is missing.`);
      const fits =
        value.dtype === layout.dtype &&
        value.shape.length === layout.shape.length &&
        value.shape.every((size, axis) => size >= 1 && [0, size].includes(layout.shape[axis] ?? -1));
      if (!fits) throw mismatch(`${name} has another type or shape.`);
      if (value.data.byteLength !== count(value.shape) * 4) throw mismatch(`${name} has another length.`);
      if (value.shape.length === 4) sizes.add(String(value.shape.slice(2)));
    }
    if (sizes.size > 1) throw mismatch("The images differ in size.");
    const known = this.outputs.map(({ name }) => name);
    const wanted = outputs ?? known;
    if (!wanted.every((name) => known.includes(name))) {
      throw new RmtcError("RMTC_OPTION_INVALID", "There is no such output.", { pointer: "/outputs" });
    }
    if (tiles === undefined) return wanted;
    const { size, overlap } = tiles;
    if (!this.capabilities.tiles || wanted.some((name) => !this.#isImage(name))) {
      throw new RmtcError("RMTC_UNSUPPORTED", "It cannot be put together from tiles.");
    }
    const step = Math.floor((size - overlap) / this.#stride) * this.#stride;
    if (!(size >= 1) || size % this.#stride !== 0 || !(step >= 1)) {
      throw new RmtcError("RMTC_OPTION_INVALID", "The tiles do not fit.", { pointer: "/tiles" });
    }
    return wanted;
  }

  #isImage(name: string): boolean {
    return this.outputs.find((output) => output.name === name)?.layout.axes.includes("h") === true;
  }

  /** Tiles give what the whole image gives, so it is the whole image that is run. */
  async #compute(request: InferRequest, wanted: readonly string[], check: () => void): Promise<InferResult> {
    const padded = new Map<string, Values>();
    let [rows, columns] = [0, 0];
    for (const [name, { shape, data }] of Object.entries(request.inputs)) {
      const floats = new Float32Array(new Uint8Array(data).buffer);
      if (shape.length === 4) [rows, columns] = [shape[2] ?? 0, shape[3] ?? 0];
      padded.set(
        name,
        shape.length === 4 ? padTo({ shape, data: floats }, this.#stride) : { shape, data: floats },
      );
    }
    const results = await evaluate(this.#model, padded, check);
    const outputs: Record<string, TensorValue> = {};
    for (const name of wanted) {
      const value = results.get(name);
      if (value === undefined) throw new Error(`${name} was not computed.`);
      const layout = this.outputs.find((output) => output.name === name)?.layout;
      const isImage = layout?.axes.join("") === "nchw";
      const { shape, data } = isImage ? cropTo(value, rows, columns) : value;
      outputs[name] = {
        dtype: layout?.dtype ?? "F32",
        shape,
        data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      };
    }
    return { outputs };
  }
}

type Operator = (inputs: readonly Values[], node: OnnxNode, check: () => void) => Promise<Values> | Values;

const operators: Readonly<Record<string, Operator>> = {
  Add: pointwise((a, b) => a + b),
  Sub: pointwise((a, b) => a - b),
  Mul: pointwise((a, b) => a * b),
  Identity: ([x = none]) => x,
  GlobalAveragePool: ([x = none]) => {
    const data = x.data as Float32Array;
    return {
      shape: [1, 1, 1, 1],
      data: Float32Array.of(data.reduce((sum, value) => sum + value, 0) / data.length),
    };
  },
  AveragePool: ([x = none]) =>
    image(x, (x.shape[2] ?? 0) / 4, (x.shape[3] ?? 0) / 4, (at, row, column) => {
      let sum = 0;
      for (let index = 0; index < 16; index++) sum += at(4 * row + (index >> 2), 4 * column + (index & 3));
      return sum / 16;
    }),
  Resize: ([x = none]) =>
    image(x, (x.shape[2] ?? 0) * 4, (x.shape[3] ?? 0) * 4, (at, row, column) => at(row >> 2, column >> 2)),
  Conv: convolve,
  Transpose: ([x = none]) => {
    const [, channels = 1, rows = 1, columns = 1] = x.shape;
    const data = new Float32Array(x.data.length);
    for (let index = 0; index < data.length; index++) {
      const pixel = Math.floor(index / channels);
      data[index] = Number(x.data[(index % channels) * rows * columns + pixel]);
    }
    return { shape: [1, rows, columns, channels], data };
  },
  NonZero: ([x = none]) => {
    const places = Array.from(x.data, Number).flatMap((value, index) => (value === 0 ? [] : [index]));
    const columns = x.shape[3] ?? 1;
    const rows = places.map((index) => [0, 0, Math.floor(index / columns), index % columns]);
    const data = [0, 1, 2, 3].flatMap((axis) => rows.map((row) => BigInt(row[axis] ?? 0)));
    return { shape: [4, places.length], data: BigInt64Array.from(data) };
  },
};

const none: Values = { shape: [], data: new Float32Array() };

async function evaluate(
  { graph }: OnnxModel,
  inputs: ReadonlyMap<string, Values>,
  check: () => void,
): Promise<ReadonlyMap<string, Values>> {
  const values = new Map(inputs);
  for (const tensor of graph.initializers) {
    const numbers = tensor.elementType === "F32" ? numbersFromTensor(tensor) : [];
    values.set(tensor.name, { shape: tensor.shape, data: Float32Array.from(numbers) });
  }
  for (const node of graph.nodes) {
    const given = node.inputs.map((name) => values.get(name) ?? none);
    const value = await operators[node.opType]?.(given, node, check);
    values.set(node.outputs[0] ?? "", value ?? none);
    await setImmediate();
    check();
  }
  return values;
}

function pointwise(compute: (a: number, b: number) => number): Operator {
  return ([a = none, b = none]) => {
    const data = Float32Array.from(a.data as Float32Array, (value, index) =>
      compute(value, Number(b.data[b.data.length === 1 ? 0 : index])),
    );
    return { shape: a.shape, data };
  };
}

/** A convolution with equal weights, as the suite's networks have them: the sum around each pixel, in slices. */
async function convolve(
  [x = none, weights = none]: readonly Values[],
  _: OnnxNode,
  check: () => void,
): Promise<Values> {
  const [, , rows = 0, columns = 0] = x.shape;
  const [to = 1, from = 1, kernel = 1] = weights.shape;
  const side = (kernel - 1) / 2;
  const data = new Float32Array(to * rows * columns);
  const factor = Number(weights.data[0]);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let channel = 0; channel < from; channel++) {
        for (let r = Math.max(0, row - side); r <= Math.min(rows - 1, row + side); r++) {
          const start = (channel * rows + r) * columns;
          for (let c = Math.max(0, column - side); c <= Math.min(columns - 1, column + side); c++) {
            sum += factor * Number(x.data[start + c]);
          }
        }
      }
      for (let channel = 0; channel < to; channel++) data[(channel * rows + row) * columns + column] = sum;
    }
    if (row % 4 === 0) await setImmediate();
    check();
  }
  return { shape: [1, to, rows, columns], data };
}

function image(
  x: Values,
  rows: number,
  columns: number,
  pixel: (at: (row: number, column: number) => number, row: number, column: number) => number,
): Values {
  const width = x.shape[3] ?? 1;
  const at = (row: number, column: number): number => Number(x.data[row * width + column]);
  const data = Float32Array.from({ length: rows * columns }, (_, index) =>
    pixel(at, Math.floor(index / columns), index % columns),
  );
  return { shape: [1, 1, rows, columns], data };
}

function padTo(x: Values, stride: number): Values {
  const [, , rows = 0, columns = 0] = x.shape;
  const up = (size: number): number => Math.ceil(size / stride) * stride;
  return resized(x, up(rows), up(columns));
}

function cropTo(x: Values, rows: number, columns: number): Values {
  return resized(x, rows, columns);
}

/** Repeats the last row and column, or leaves rows and columns out. */
function resized({ shape, data }: Values, rows: number, columns: number): Values {
  const [, channels = 1, height = 0, width = 0] = shape;
  if (height === rows && width === columns) return { shape, data };
  const made = new Float32Array(channels * rows * columns);
  for (let index = 0; index < made.length; index++) {
    const [channel, row] = [Math.floor(index / (rows * columns)), Math.floor(index / columns) % rows];
    const from =
      (channel * height + Math.min(row, height - 1)) * width + Math.min(index % columns, width - 1);
    made[index] = Number(data[from]);
  }
  return { shape: [1, channels, rows, columns], data: made };
}

function layoutOf({ metadata }: OnnxModel, { name, tensor }: OnnxValueInfo, moved: boolean): NamedLayout {
  const shape = (tensor?.shape ?? []).map((size) => (typeof size === "number" ? size : 0));
  const known = { dtype: tensor?.elementType as TensorLayout["dtype"], shape };
  const text = metadata.get(`rmtc.layout.${name}`);
  const image = moved ? ["n", "h", "w", "c"] : ["n", "c", "h", "w"];
  if (text === undefined)
    return { name, layout: { ...known, axes: shape.length === 4 ? image : shape.map(() => "x") } };
  const layout = { ...(JSON.parse(text) as TensorLayout), ...known };
  const issue = validateLayout(layout, known);
  if (issue !== undefined) throw new RmtcError("RMTC_FORMAT_INVALID", issue);
  return { name, layout };
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function closedError(): RmtcError {
  return new RmtcError("RMTC_STATE_INVALID", "It was closed.");
}
