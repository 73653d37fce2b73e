// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type AttributeInput, attributesFromInput } from "./attribute-input.ts";
import { numbersFromTensor, tensorFromNumbers } from "./constant-tensor.ts";
import type { OnnxElementType } from "./element-type.ts";
import type { GraphValue } from "./graph-value.ts";
import type {
  OnnxDimension,
  OnnxModel,
  OnnxNode,
  OnnxOpsetImport,
  OnnxTensor,
  OnnxValueInfo,
} from "./onnx-model.ts";
import { inferOutputs } from "./shapes/infer-outputs.ts";

/** Operator set that the builder writes unless told otherwise; every ONNX runtime since 2022 reads it. */
const DEFAULT_OPSET = 17;

/** File format version that belongs to {@link DEFAULT_OPSET}. */
const IR_VERSION = 8;

/** Settings of a node beside its inputs and attributes. */
export interface NodeOptions {
  /** Base of the node's and its outputs' names; made unique by a number. */
  readonly name?: string;
  /** Operator set the node belongs to; ONNX's own when left out. */
  readonly domain?: string;
  /** How many outputs the node has. Default 1. */
  readonly outputs?: number;
}

/**
 * Builds an ONNX graph node by node, knowing every value's element type and shape as it goes.
 *
 * The same calls give the same names, and so the same bytes.
 *
 * @example
 * const graph = new GraphBuilder();
 * const x = graph.input("x", "F32", [1, 3, "height", "width"]);
 * graph.output(graph.add("Relu", [x]), "y");
 * const bytes = onnxToBytes(graph.finish());
 */
export class GraphBuilder {
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  readonly #nodes: OnnxNode[] = [];
  readonly #inputs: OnnxValueInfo[] = [];
  readonly #outputs: OnnxValueInfo[] = [];
  readonly #domains = new Map<string, number>();
  readonly #tensors = new Map<string, OnnxTensor>();
  readonly #constants = new Map<string, GraphValue>();
  readonly #producers = new Map<string, OnnxNode>();
  readonly #values = new Map<string, GraphValue>();
  readonly #nextNumber = new Map<string, number>();

  constructor(options: { readonly opset?: number } = {}) {
    this.opset = options.opset ?? DEFAULT_OPSET;
  }

  /** Nodes so far, in order. */
  get nodes(): readonly OnnxNode[] {
    return this.#nodes;
  }

  /** Adds an input of the graph. @throws RMTC_OPTION_INVALID when the name is taken. */
  input(name: string, elementType: OnnxElementType, shape: readonly OnnxDimension[]): GraphValue {
    const value = this.#define({ name, elementType, shape });
    this.#inputs.push({ name, tensor: { elementType, shape } });
    return value;
  }

  /** Adds a named constant, such as weights. @throws RMTC_OPTION_INVALID when the name is taken. */
  initializer(tensor: OnnxTensor): GraphValue {
    const value = this.#define({ name: tensor.name, elementType: tensor.elementType, shape: tensor.shape });
    this.#tensors.set(tensor.name, tensor);
    return value;
  }

  /** Adds an unnamed constant, or returns the equal one that is there already. */
  constant(elementType: OnnxElementType, values: readonly number[], shape: readonly number[]): GraphValue {
    const key = JSON.stringify([
      elementType,
      values.map((value) => (Object.is(value, -0) ? "-0" : String(value))),
      shape,
    ]);
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const value = this.initializer(
      tensorFromNumbers(this.uniqueName("constant"), elementType, values, shape),
    );
    this.#constants.set(key, value);
    return value;
  }

  /** Adds a one-dimensional constant of 64-bit integers, as shapes, axes and pads are given. */
  integers(values: readonly number[]): GraphValue {
    return this.constant("I64", values, [values.length]);
  }

  /** Adds a scalar constant of the element type of `like`. */
  scalar(value: number, like: GraphValue): GraphValue {
    return this.constant(like.elementType, [value], []);
  }

  /**
   * Adds a node and returns its first output. `undefined` leaves an optional input out.
   *
   * @throws RMTC_GRAPH_UNSUPPORTED when the operator is unknown here or its inputs do not fit.
   */
  add(
    opType: string,
    inputs: readonly (GraphValue | undefined)[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    options: NodeOptions = {},
  ): GraphValue {
    return first(this.addAll(opType, inputs, attributes, options));
  }

  /**
   * Adds a node and returns all of its outputs.
   *
   * @throws RMTC_GRAPH_UNSUPPORTED when the operator is unknown here or its inputs do not fit.
   */
  addAll(
    opType: string,
    inputs: readonly (GraphValue | undefined)[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    options: NodeOptions = {},
  ): readonly GraphValue[] {
    const name = this.uniqueName(options.name ?? opType);
    const count = options.outputs ?? 1;
    const node: OnnxNode = {
      name,
      opType,
      domain: options.domain ?? "",
      inputs: inputs.map((value) => value?.name ?? ""),
      outputs: Array.from({ length: count }, (_, index) => (count === 1 ? name : `${name}.${index}`)),
      attributes: attributesFromInput(attributes),
    };
    return this.addNode(node);
  }

  /**
   * Adds a node as it stands; its inputs must be known by name and its outputs be new.
   *
   * @throws RMTC_GRAPH_UNSUPPORTED when the operator is unknown here or its inputs do not fit.
   */
  addNode(node: OnnxNode): readonly GraphValue[] {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.value(name)));
    const types = inferOutputs({
      node,
      inputs,
      numbers: (index) => {
        const tensor = this.#tensors.get(node.inputs[index] ?? "");
        return tensor === undefined ? undefined : numbersFromTensor(tensor);
      },
    });
    const outputs = node.outputs.flatMap((name, index) => {
      const type = types[index];
      return name === "" || type === undefined ? [] : [this.#define({ name, ...type })];
    });
    this.#nodes.push(node);
    for (const output of outputs) this.#producers.set(output.name, node);
    if (node.domain !== "" && !this.#domains.has(node.domain)) this.#domains.set(node.domain, 1);
    return outputs;
  }

  /** Makes `value` an output of the graph, under `name` if given. */
  output(value: GraphValue, name: string = value.name): GraphValue {
    const result =
      name === value.name
        ? value
        : first(
            this.addNode({
              name: this.uniqueName("Identity"),
              opType: "Identity",
              domain: "",
              inputs: [value.name],
              outputs: [name],
              attributes: new Map(),
            }),
          );
    const { elementType, shape } = result;
    this.#outputs.push({ name, tensor: { elementType, shape } });
    return result;
  }

  /** Returns the value called `name`. @throws RMTC_GRAPH_UNSUPPORTED when nothing before defines it. */
  value(name: string): GraphValue {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    throw new RmtcError(
      "RMTC_GRAPH_UNSUPPORTED",
      `The graph uses the value ${JSON.stringify(name)} before anything defines it.`,
      { subject: name },
    );
  }

  /** Finds the node that makes a value; `undefined` for inputs and constants. */
  producer(value: GraphValue): OnnxNode | undefined {
    return this.#producers.get(value.name);
  }

  /** Finds the constant behind a value, if it is one. */
  tensor(value: GraphValue): OnnxTensor | undefined {
    return this.#tensors.get(value.name);
  }

  /** Returns the model built so far, without nodes and constants that no output depends on. */
  finish(options: { readonly metadata?: ReadonlyMap<string, string> } = {}): OnnxModel {
    const needed = new Set(this.#outputs.map((output) => output.name));
    const nodes: OnnxNode[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((name) => needed.has(name))) continue;
      nodes.push(node);
      for (const name of node.inputs) needed.add(name);
    }
    const opsetImports: OnnxOpsetImport[] = [{ domain: "", version: this.opset }];
    for (const [domain, version] of this.#domains) opsetImports.push({ domain, version });
    return {
      irVersion: IR_VERSION,
      opsetImports,
      producerName: "rmtc",
      producerVersion: "",
      metadata: options.metadata ?? new Map(),
      graph: {
        name: "graph",
        nodes: nodes.reverse(),
        initializers: [...this.#tensors.values()].filter((tensor) => needed.has(tensor.name)),
        inputs: [...this.#inputs],
        outputs: [...this.#outputs],
        valueInfos: [],
      },
    };
  }

  /** Returns a name that no value has: `base`, or `base` with the next number. */
  uniqueName(base: string): string {
    let number = this.#nextNumber.get(base) ?? 1;
    let name = number === 1 ? base : `${base}_${number}`;
    while (this.#values.has(name)) {
      number += 1;
      name = `${base}_${number}`;
    }
    this.#nextNumber.set(base, number + 1);
    return name;
  }

  #define(value: GraphValue): GraphValue {
    if (value.name === "" || this.#values.has(value.name)) {
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `The graph cannot define a value called ${JSON.stringify(value.name)}: the name is empty or taken.`,
      );
    }
    this.#values.set(value.name, value);
    return value;
  }
}

function first(values: readonly GraphValue[]): GraphValue {
  const [value] = values;
  if (value === undefined)
    throw new RmtcError("RMTC_GRAPH_UNSUPPORTED", "A node without outputs has no value.");
  return value;
}
