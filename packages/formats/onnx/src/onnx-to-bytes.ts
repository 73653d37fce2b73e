// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { elementTypeToCode } from "./element-type.ts";
import type {
  OnnxAttribute,
  OnnxDimension,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxTensorType,
  OnnxValueInfo,
} from "./onnx-model.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

const ATTRIBUTE_CODES = {
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  STRINGS: 8,
} as const;

/**
 * Writes an ONNX model as the bytes of its file.
 *
 * The same model always gives the same bytes: known fields in rising field number, then the kept ones.
 * `parseOnnx(onnxToBytes(model))` equals `model`. References to external data are written as they stand.
 */
export function onnxToBytes(model: OnnxModel): Uint8Array {
  const out = new ProtobufWriter();
  out.int64(1, model.irVersion);
  if (model.producerName !== "") out.text(2, model.producerName);
  if (model.producerVersion !== "") out.text(3, model.producerVersion);
  out.message(7, (nested) => writeGraph(nested, model.graph));
  for (const { domain, version } of model.opsetImports) {
    out.message(8, (nested) => {
      if (domain !== "") nested.text(1, domain);
      nested.int64(2, version);
    });
  }
  for (const [key, value] of model.metadata) out.message(14, (nested) => writeEntry(nested, key, value));
  out.rest(model.rest);
  return out.finish();
}

function writeEntry(out: ProtobufWriter, key: string, value: string): void {
  out.text(1, key);
  out.text(2, value);
}

function writeGraph(out: ProtobufWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) out.message(1, (nested) => writeNode(nested, node));
  if (graph.name !== "") out.text(2, graph.name);
  for (const tensor of graph.initializers) out.message(5, (nested) => writeTensor(nested, tensor));
  for (const info of graph.inputs) out.message(11, (nested) => writeValueInfo(nested, info));
  for (const info of graph.outputs) out.message(12, (nested) => writeValueInfo(nested, info));
  for (const info of graph.valueInfos) out.message(13, (nested) => writeValueInfo(nested, info));
  out.rest(graph.rest);
}

function writeNode(out: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) out.text(1, input);
  for (const output of node.outputs) out.text(2, output);
  if (node.name !== "") out.text(3, node.name);
  out.text(4, node.opType);
  for (const [name, value] of node.attributes)
    out.message(5, (nested) => writeAttribute(nested, name, value));
  if (node.domain !== "") out.text(7, node.domain);
  out.rest(node.rest);
}

function writeAttribute(out: ProtobufWriter, name: string, attribute: OnnxAttribute): void {
  out.text(1, name);
  if (attribute.type === "FLOAT") out.float(2, attribute.value);
  else if (attribute.type === "INT") out.int64(3, attribute.value);
  else if (attribute.type === "STRING") out.bytes(4, attribute.value);
  else if (attribute.type === "TENSOR") out.message(5, (nested) => writeTensor(nested, attribute.value));
  else if (attribute.type === "GRAPH") out.message(6, (nested) => writeGraph(nested, attribute.value));
  else if (attribute.type === "FLOATS") for (const value of attribute.value) out.float(7, value);
  else if (attribute.type === "INTS") for (const value of attribute.value) out.int64(8, value);
  else if (attribute.type === "STRINGS") for (const value of attribute.value) out.bytes(9, value);
  out.int64(20, attribute.type === "OTHER" ? attribute.code : ATTRIBUTE_CODES[attribute.type]);
  out.rest(attribute.rest);
}

function writeValueInfo(out: ProtobufWriter, info: OnnxValueInfo): void {
  const { tensor } = info;
  out.text(1, info.name);
  if (tensor !== undefined) {
    out.message(2, (type) => type.message(1, (nested) => writeTensorType(nested, tensor)));
  }
  out.rest(info.rest);
}

function writeTensorType(out: ProtobufWriter, tensor: OnnxTensorType): void {
  const { shape } = tensor;
  out.int64(1, elementTypeToCode(tensor.elementType));
  if (shape === undefined) return;
  out.message(2, (nested) => {
    for (const dimension of shape) nested.message(1, (field) => writeDimension(field, dimension));
  });
}

function writeDimension(out: ProtobufWriter, dimension: OnnxDimension): void {
  if (typeof dimension === "number") out.int64(1, dimension);
  else if (dimension !== undefined) out.text(2, dimension);
}

function writeTensor(out: ProtobufWriter, tensor: OnnxTensor): void {
  out.packedInt64s(1, tensor.shape.map(BigInt));
  out.int64(2, elementTypeToCode(tensor.elementType));
  for (const value of tensor.strings ?? []) out.bytes(6, value);
  if (tensor.name !== "") out.text(8, tensor.name);
  if (tensor.data !== undefined) out.bytes(9, tensor.data);
  const { external } = tensor;
  if (external !== undefined) {
    const { location, offset, length, checksum } = external;
    out.message(13, (nested) => writeEntry(nested, "location", location));
    out.message(13, (nested) => writeEntry(nested, "offset", String(offset)));
    if (length !== undefined) out.message(13, (nested) => writeEntry(nested, "length", String(length)));
    if (checksum !== undefined) out.message(13, (nested) => writeEntry(nested, "checksum", checksum));
    out.int64(14, 1);
  }
  out.rest(tensor.rest);
}
