// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { OnnxElementType } from "./element-type.ts";

/**
 * An ONNX model in memory: what RMTC reads, builds and writes.
 *
 * Each message keeps the fields that this version gives no meaning in `rest`, as the file had them, so that
 * reading and writing loses nothing.
 */
export interface OnnxModel {
  readonly irVersion: number;
  readonly opsetImports: readonly OnnxOpsetImport[];
  readonly producerName: string;
  readonly producerVersion: string;
  /** Metadata entries in file order. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: OnnxGraph;
  readonly rest?: Uint8Array | undefined;
}

/** One operator set that a model uses; the domain of ONNX's own operators is empty. */
export interface OnnxOpsetImport {
  readonly domain: string;
  readonly version: number;
}

/** A graph: nodes in an order in which each comes after what it reads. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** Types of inner values, where the writer knew them. */
  readonly valueInfos: readonly OnnxValueInfo[];
  readonly rest?: Uint8Array | undefined;
}

/** One operation. An empty name among inputs or outputs stands for one that is left out. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
  readonly rest?: Uint8Array | undefined;
}

/** The value of a node's attribute; `OTHER` holds kinds that RMTC only passes through. */
export type OnnxAttribute = OnnxAttributeValue & { readonly rest?: Uint8Array | undefined };

type OnnxAttributeValue =
  | { readonly type: "FLOAT"; readonly value: number }
  | { readonly type: "INT"; readonly value: bigint }
  | { readonly type: "STRING"; readonly value: Uint8Array }
  | { readonly type: "TENSOR"; readonly value: OnnxTensor }
  | { readonly type: "GRAPH"; readonly value: OnnxGraph }
  | { readonly type: "FLOATS"; readonly value: Float32Array }
  | { readonly type: "INTS"; readonly value: readonly bigint[] }
  | { readonly type: "STRINGS"; readonly value: readonly Uint8Array[] }
  | { readonly type: "OTHER"; readonly code: number };

/** Name and, for tensors, element type and shape of a value. */
export interface OnnxValueInfo {
  readonly name: string;
  /** Absent for sequences, maps and other types, which `rest` keeps. */
  readonly tensor?: OnnxTensorType | undefined;
  readonly rest?: Uint8Array | undefined;
}

/** Element type and shape. A dimension is a size, a symbol's name, or `undefined` where nothing is known. */
export interface OnnxTensorType {
  readonly elementType: OnnxElementType;
  /** Absent when not even the rank is known. */
  readonly shape?: readonly OnnxDimension[] | undefined;
}

/** A size, the name of a size that is fixed only when the model runs, or `undefined`. */
export type OnnxDimension = number | string | undefined;

/** A constant tensor. */
export interface OnnxTensor {
  readonly name: string;
  readonly elementType: OnnxElementType;
  readonly shape: readonly number[];
  /** Little-endian elements in row-major order; `undefined` for text and for external data not yet read. */
  readonly data?: Uint8Array | undefined;
  /** Elements of a `STRING` tensor. */
  readonly strings?: readonly Uint8Array[] | undefined;
  /** Where the elements lie, when not in the model's own file. */
  readonly external?: OnnxExternalData | undefined;
  readonly rest?: Uint8Array | undefined;
}

/** A place in a file beside the model. */
export interface OnnxExternalData {
  /** Relative path, with forward slashes, below the model's folder. */
  readonly location: string;
  readonly offset: number;
  /** Bytes; absent means up to the end of the file. */
  readonly length?: number | undefined;
  /** SHA-1 in hexadecimal digits, as ONNX has it. Kept, not trusted. */
  readonly checksum?: string | undefined;
}
