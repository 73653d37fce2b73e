// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { OnnxDimension, OnnxModel, OnnxValueInfo } from "@rmtc/onnx";
import type { NamedLayout, TensorLayout } from "@rmtc/spec";
import { validateLayout } from "@rmtc/tensor";
import { type NetworkGeometry, networkGeometry } from "./geometry/network-geometry.ts";
import { isRuntimeDtype } from "./runtime-dtype.ts";

/** What a network takes and gives; plain data, as it crosses from the process that read the file. */
export interface ModelDescription {
  /** Inputs; a size of 0 stands for any. */
  readonly inputs: readonly NamedLayout[];
  /** Outputs; a size of 0 stands for any. */
  readonly outputs: readonly NamedLayout[];
  /** Rows and columns to whose multiples images are padded. */
  readonly stride: number;
  /** How to tile it; `undefined` where tiles cannot stand for the whole. */
  readonly geometry: NetworkGeometry | undefined;
}

const STRIDE_KEY = "rmtc.stride";
const RECEPTIVE_FIELD_KEY = "rmtc.receptiveField";
const LAYOUT_KEY = "rmtc.layout.";

/**
 * Describes a network by its declared inputs and outputs, its graph and its `rmtc.*` metadata.
 *
 * The graph is believed before the metadata, which stand in where the graph cannot be followed.
 *
 * @throws RMTC_FORMAT_INVALID when metadata contradict the graph or are malformed.
 * @throws RMTC_GRAPH_UNSUPPORTED when an input or output is no tensor of a type that can be handed over.
 */
export function describeModel(model: OnnxModel): ModelDescription {
  const { graph } = model;
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name)).map((info) => layoutOf(model, info));
  if (graph.outputs.length === 0) {
    throw new RmtcError("RMTC_FORMAT_INVALID", "The network has no outputs.");
  }
  const images = new Map(inputs.flatMap(({ name, layout }) => rowAxisEntry(name, layout)));
  const followed = images.size === 0 ? undefined : networkGeometry(model, images);
  const outputs = graph.outputs.map((info) => layoutOf(model, info, followed));
  const geometry = followed ?? geometryFromMetadata(model, outputs);
  const stride = geometry?.stride ?? positiveInteger(model, STRIDE_KEY) ?? 1;
  return { inputs, outputs, stride, geometry };
}

function layoutOf(model: OnnxModel, info: OnnxValueInfo, followed?: NetworkGeometry): NamedLayout {
  const { name, tensor } = info;
  if (tensor?.shape === undefined || !isRuntimeDtype(tensor.elementType)) {
    throw new RmtcError(
      "RMTC_GRAPH_UNSUPPORTED",
      `Input or output "${name}" is no tensor of a known rank and a type that can be handed over.`,
      { subject: name },
    );
  }
  const known = { dtype: tensor.elementType, shape: tensor.shape.map(declaredSize) };
  const text = model.metadata.get(LAYOUT_KEY + name);
  if (text === undefined) {
    return { name, layout: { ...known, axes: likelyAxes(known.shape.length, followed?.rowAxes[name]) } };
  }
  const layout = { ...parseObject(LAYOUT_KEY + name, text), ...known } as TensorLayout;
  const issue = validateLayout(layout, known);
  if (issue !== undefined) throw malformed(LAYOUT_KEY + name, issue);
  return { name, layout };
}

/** A size that is fixed only when the network runs is 0. */
function declaredSize(size: OnnxDimension): number {
  return typeof size === "number" && size > 0 ? size : 0;
}

/** ONNX does not label axes; four of them are an image, channels first, unless the graph moved them. */
function likelyAxes(rank: number, rowAxis = 2): string[] {
  if (rank !== 4) return Array.from({ length: rank }, () => "x");
  return rowAxis === 1 ? ["n", "h", "w", "c"] : ["n", "c", "h", "w"];
}

/** Returns the axis of an image's rows; its columns must follow. */
export function rowAxisOf({ axes }: TensorLayout): number | undefined {
  const rowAxis = axes.indexOf("h");
  return rowAxis >= 0 && axes[rowAxis + 1] === "w" ? rowAxis : undefined;
}

function rowAxisEntry(name: string, layout: TensorLayout): [string, number][] {
  const rowAxis = rowAxisOf(layout);
  return rowAxis === undefined ? [] : [[name, rowAxis]];
}

function geometryFromMetadata(
  model: OnnxModel,
  outputs: readonly NamedLayout[],
): NetworkGeometry | undefined {
  const stride = positiveInteger(model, STRIDE_KEY);
  const receptiveField = positiveInteger(model, RECEPTIVE_FIELD_KEY);
  if (stride === undefined || receptiveField === undefined) return undefined;
  const side = Math.floor(receptiveField / 2);
  const rowAxes = Object.fromEntries(outputs.flatMap(({ name, layout }) => rowAxisEntry(name, layout)));
  return { stride, before: side, after: receptiveField - side, receptiveField, seamMultiple: 1, rowAxes };
}

function positiveInteger(model: OnnxModel, key: string): number | undefined {
  const text = model.metadata.get(key);
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw malformed(key, "It is no whole number from 1 to 99999.");
  return Number(text);
}

function parseObject(key: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    throw malformed(key, "It is not JSON.", cause);
  }
  throw malformed(key, "It is no JSON object.");
}

function malformed(key: string, problem: string, cause?: unknown): RmtcError {
  return new RmtcError("RMTC_FORMAT_INVALID", `The network's metadata "${key}" is wrong. ${problem}`, {
    subject: key,
    cause,
  });
}
