// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { OnnxNode } from "@rmtc/onnx";
import type { ValueFlow } from "./value-flow.ts";

/** A node with what is known of its inputs, as the rules of {@link nodeFlow} see it. */
export class NodeReader {
  readonly node: OnnxNode;
  readonly opset: number;
  /** What is known of each input; left-out ones and unknown ones are `undefined`. */
  readonly inputs: readonly (ValueFlow | undefined)[];

  constructor(node: OnnxNode, opset: number, inputs: readonly (ValueFlow | undefined)[]) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
  }

  int(name: string, fallback: number): number {
    const attribute = this.node.attributes.get(name);
    return attribute?.type === "INT" ? Number(attribute.value) : fallback;
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute?.type === "INTS" ? attribute.value.map(Number) : undefined;
  }

  floats(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute?.type === "FLOATS" ? [...attribute.value] : undefined;
  }

  text(name: string, fallback: string): string {
    const attribute = this.node.attributes.get(name);
    return attribute?.type === "STRING" ? Buffer.from(attribute.value).toString() : fallback;
  }

  /** Reads input `index` as numbers, if it is a constant of the file. */
  numbers(index: number): readonly number[] | undefined {
    const input = this.inputs[index];
    return input?.kind === "constant" ? input.numbers?.() : undefined;
  }

  /** Tells whether the node has an input `index`. */
  has(index: number): boolean {
    return (this.node.inputs[index] ?? "") !== "";
  }
}
