// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { OnnxAttribute, OnnxNode } from "./onnx-model.ts";

/** Says which node is meant, for error messages. */
export function describeNode(node: OnnxNode): string {
  const name = node.name === "" ? (node.outputs[0] ?? "") : node.name;
  return `node ${JSON.stringify(name)} (${node.domain === "" ? "" : `${node.domain}.`}${node.opType})`;
}

/** Ends the work on a node whose operator or form has no rule here. @throws RMTC_GRAPH_UNSUPPORTED always. */
export function unsupported(node: OnnxNode, problem: string): never {
  throw new RmtcError("RMTC_GRAPH_UNSUPPORTED", `The graph's ${describeNode(node)} ${problem}.`, {
    subject: node.name,
  });
}

/** Reads an integer attribute, or `fallback` when the node has none. */
export function intAttribute(node: OnnxNode, name: string, fallback: number): number {
  const attribute = find(node, name, "INT");
  return attribute === undefined ? fallback : Number(attribute.value);
}

/** Reads an attribute that lists integers, or `undefined`. */
export function intsAttribute(node: OnnxNode, name: string): readonly number[] | undefined {
  return find(node, name, "INTS")?.value.map(Number);
}

/** Reads a float attribute, or `fallback` when the node has none. */
export function floatAttribute(node: OnnxNode, name: string, fallback: number): number {
  return find(node, name, "FLOAT")?.value ?? fallback;
}

/** Reads a text attribute, or `fallback` when the node has none. */
export function stringAttribute(node: OnnxNode, name: string, fallback: string): string {
  const attribute = find(node, name, "STRING");
  return attribute === undefined ? fallback : new TextDecoder().decode(attribute.value);
}

function find<T extends OnnxAttribute["type"]>(
  node: OnnxNode,
  name: string,
  type: T,
): Extract<OnnxAttribute, { readonly type: T }> | undefined {
  const attribute = node.attributes.get(name);
  if (attribute === undefined) return undefined;
  if (attribute.type !== type)
    unsupported(node, `has an attribute ${name} of type ${attribute.type}, not ${type}`);
  return attribute as Extract<OnnxAttribute, { readonly type: T }>;
}
