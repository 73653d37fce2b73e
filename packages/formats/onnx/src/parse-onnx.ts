// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { elementTypeFromCode } from "./element-type.ts";
import type {
  OnnxAttribute,
  OnnxDimension,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpsetImport,
  OnnxTensor,
  OnnxTensorType,
  OnnxValueInfo,
} from "./onnx-model.ts";
import { parseTensor } from "./parse-tensor.ts";
import { ProtobufReader } from "./protobuf-reader.ts";

/** Graphs inside attributes of nodes of graphs: real models stay below five. */
const MAX_GRAPH_DEPTH = 16;

/** `AttributeProto.AttributeType` numbers that RMTC gives a meaning. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const TENSOR = 4;
const GRAPH = 5;
const FLOATS = 6;
const INTS = 7;
const STRINGS = 8;

/**
 * Reads an ONNX model from the bytes of its file.
 *
 * Tensors are views into `bytes`. Data in other files is left as a reference, which `readOnnx` resolves. Fields
 * that this version gives no meaning are kept, so that `onnxToBytes` writes them again; a denotation of a type
 * or dimension is dropped.
 *
 * @throws RMTC_FORMAT_INVALID when the bytes are truncated, damaged or no ONNX model.
 * @throws RMTC_FORMAT_UNSUPPORTED when a tensor has an element type that this version does not know.
 * @throws RMTC_LIMIT_EXCEEDED when the file holds more than four million strings and list entries, or half a million messages.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function parseOnnx(bytes: Uint8Array): OnnxModel {
  const reader = new ProtobufReader(bytes, { entries: 0 });
  let irVersion = 0;
  let producerName = "";
  let producerVersion = "";
  let graph: OnnxGraph | undefined;
  const opsetImports: OnnxOpsetImport[] = [];
  const metadata = new Map<string, string>();
  while (reader.next()) {
    if (reader.field === 1) irVersion = reader.count();
    else if (reader.field === 2) producerName = reader.text();
    else if (reader.field === 3) producerVersion = reader.text();
    else if (reader.field === 7) {
      if (graph !== undefined) reader.fail("it holds two graphs");
      graph = parseGraph(reader.message(), 0);
    } else if (reader.field === 8) opsetImports.push(parseOpsetImport(reader.message()));
    else if (reader.field === 14) {
      const [key, value] = parseEntry(reader.message());
      if (metadata.has(key)) reader.fail(`metadata names ${JSON.stringify(key)} twice`);
      metadata.set(key, value);
    } else reader.keep();
  }
  if (irVersion === 0 || graph === undefined) {
    throw new RmtcError(
      "RMTC_FORMAT_INVALID",
      "The file is no ONNX model: it has no IR version or no graph.",
    );
  }
  return { irVersion, opsetImports, producerName, producerVersion, metadata, graph, rest: reader.rest() };
}

/** Reads a `StringStringEntryProto`. */
function parseEntry(reader: ProtobufReader): readonly [string, string] {
  let key = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.keep();
  }
  return [key, value];
}

function parseOpsetImport(reader: ProtobufReader): OnnxOpsetImport {
  let domain = "";
  let version = 0;
  while (reader.next()) {
    if (reader.field === 1) domain = reader.text();
    else if (reader.field === 2) version = reader.count();
    else reader.keep();
  }
  return { domain, version };
}

function parseGraph(reader: ProtobufReader, depth: number): OnnxGraph {
  if (depth > MAX_GRAPH_DEPTH) reader.fail(`graphs are nested more than ${MAX_GRAPH_DEPTH} deep`);
  let name = "";
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  const valueInfos: OnnxValueInfo[] = [];
  while (reader.next()) {
    if (reader.field === 1) nodes.push(parseNode(reader.message(), depth));
    else if (reader.field === 2) name = reader.text();
    else if (reader.field === 5) initializers.push(parseTensor(reader.message()));
    else if (reader.field === 11) inputs.push(parseValueInfo(reader.message()));
    else if (reader.field === 12) outputs.push(parseValueInfo(reader.message()));
    else if (reader.field === 13) valueInfos.push(parseValueInfo(reader.message()));
    else reader.keep();
  }
  return { name, nodes, initializers, inputs, outputs, valueInfos, rest: reader.rest() };
}

function parseNode(reader: ProtobufReader, depth: number): OnnxNode {
  let name = "";
  let opType = "";
  let domain = "";
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  while (reader.next()) {
    if (reader.field === 1) inputs.push(reader.text());
    else if (reader.field === 2) outputs.push(reader.text());
    else if (reader.field === 3) name = reader.text();
    else if (reader.field === 4) opType = reader.text();
    else if (reader.field === 5) {
      const [key, value] = parseAttribute(reader.message(), depth);
      if (attributes.has(key)) reader.fail(`a node names attribute ${JSON.stringify(key)} twice`);
      attributes.set(key, value);
    } else if (reader.field === 7) domain = reader.text();
    else reader.keep();
  }
  return { name, opType, domain, inputs, outputs, attributes, rest: reader.rest() };
}

function parseAttribute(reader: ProtobufReader, depth: number): readonly [string, OnnxAttribute] {
  let name = "";
  let code = 0;
  let number = 0;
  let integer = 0n;
  let string: Uint8Array = new Uint8Array();
  let tensor: OnnxTensor | undefined;
  let graph: OnnxGraph | undefined;
  const floats: Uint8Array[] = [];
  const ints: bigint[] = [];
  const strings: Uint8Array[] = [];
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) number = reader.float();
    else if (reader.field === 3) integer = reader.int64();
    else if (reader.field === 4) string = reader.bytes();
    else if (reader.field === 5) tensor = parseTensor(reader.message());
    else if (reader.field === 6) graph = parseGraph(reader.message(), depth + 1);
    else if (reader.field === 7) reader.fixed(4, floats);
    else if (reader.field === 8) reader.int64s(ints);
    else if (reader.field === 9) strings.push(reader.bytes());
    else if (reader.field === 20) code = reader.count();
    else reader.keep();
  }
  const rest = reader.rest();
  const value = ((): OnnxAttribute => {
    if (code === FLOAT) return { type: "FLOAT", value: number, rest };
    if (code === INT) return { type: "INT", value: integer, rest };
    if (code === STRING) return { type: "STRING", value: string, rest };
    if (code === TENSOR && tensor !== undefined) return { type: "TENSOR", value: tensor, rest };
    if (code === GRAPH && graph !== undefined) return { type: "GRAPH", value: graph, rest };
    if (code === FLOATS) return { type: "FLOATS", value: floatsFromBytes(floats), rest };
    if (code === INTS) return { type: "INTS", value: ints, rest };
    if (code === STRINGS) return { type: "STRINGS", value: strings, rest };
    if (code > STRINGS) return { type: "OTHER", code, rest };
    return reader.fail(`attribute ${JSON.stringify(name)} has no value of its type`);
  })();
  return [name, value];
}

function floatsFromBytes(chunks: readonly Uint8Array[]): Float32Array {
  const bytes = Buffer.concat(chunks);
  const floats = new Float32Array(bytes.byteLength / 4);
  for (let i = 0; i < floats.length; i++) floats[i] = bytes.readFloatLE(i * 4);
  return floats;
}

function parseValueInfo(reader: ProtobufReader): OnnxValueInfo {
  let name = "";
  let tensor: OnnxTensorType | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) {
      tensor = parseTypeProto(reader.peekMessage());
      if (tensor === undefined) reader.keep();
      else reader.bytes();
    } else reader.keep();
  }
  return { name, tensor, rest: reader.rest() };
}

/** Reads a `TypeProto`, or returns `undefined` for one that is no tensor. */
function parseTypeProto(reader: ProtobufReader): OnnxTensorType | undefined {
  let tensor: OnnxTensorType | undefined;
  while (reader.next()) {
    if (reader.field === 1) tensor = parseTensorType(reader.message());
    else reader.keep();
  }
  return tensor;
}

function parseTensorType(reader: ProtobufReader): OnnxTensorType | undefined {
  let code = 0;
  let shape: OnnxDimension[] | undefined;
  while (reader.next()) {
    if (reader.field === 1) code = reader.count();
    else if (reader.field === 2) shape = parseShape(reader.message());
    else reader.keep();
  }
  const elementType = elementTypeFromCode(code);
  return elementType === undefined ? undefined : { elementType, shape };
}

function parseShape(reader: ProtobufReader): OnnxDimension[] {
  const shape: OnnxDimension[] = [];
  while (reader.next()) {
    if (reader.field === 1) shape.push(parseDimension(reader.message()));
    else reader.keep();
  }
  return shape;
}

function parseDimension(reader: ProtobufReader): OnnxDimension {
  let dimension: OnnxDimension;
  while (reader.next()) {
    if (reader.field === 1) {
      const size = reader.int64();
      if (size >= 0n && size <= BigInt(Number.MAX_SAFE_INTEGER)) dimension = Number(size);
    } else if (reader.field === 2) dimension = reader.text();
    else reader.keep();
  }
  return dimension === "" ? undefined : dimension;
}
