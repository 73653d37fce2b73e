// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { realpath } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { type CallOptions, isRmtcError, RmtcError } from "@rmtc/contract";
import { fileError, openRegularFile, readFully } from "@rmtc/tensor";
import { bitsPerElement } from "./element-type.ts";
import { elementCount } from "./graph-value.ts";
import type {
  OnnxAttribute,
  OnnxExternalData,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
} from "./onnx-model.ts";
import { parseOnnx } from "./parse-onnx.ts";

/** Largest model file: protobuf itself ends at 2 GiB, beyond which weights must lie in other files. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * Reads an ONNX model from a file, with the weights that lie in files beside it.
 *
 * Those files must lie in the model's own folder or below and be reached without symbolic links; none is opened
 * otherwise.
 *
 * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when a file cannot be opened.
 * @throws RMTC_PATH_INVALID when the model names a file outside its folder.
 * @throws RMTC_FORMAT_INVALID when a file is truncated, damaged or no ONNX model.
 * @throws RMTC_FORMAT_UNSUPPORTED, RMTC_LIMIT_EXCEEDED as `parseOnnx`.
 */
export async function readOnnx(path: string, options: CallOptions = {}): Promise<OnnxModel> {
  const { handle, fileBytes } = await openRegularFile(path);
  try {
    if (fileBytes > MAX_FILE_BYTES) {
      throw new RmtcError("RMTC_LIMIT_EXCEEDED", `The ONNX file ${path} is larger than 2 GiB.`, {
        subject: path,
      });
    }
    const bytes = new Uint8Array(fileBytes);
    await readFully(handle, bytes, 0, options.signal);
    const model = parseOnnx(bytes);
    const folder = await realpath(dirname(resolve(path)));
    return {
      ...model,
      graph: await loadGraph(model.graph, { folder, taken: new Map(), signal: options.signal }),
    };
  } catch (error) {
    if (!isRmtcError(error) || error.subject !== undefined) throw error;
    throw new RmtcError(error.code, `${path}: ${error.message}`, { subject: path, cause: error });
  } finally {
    await handle.close();
  }
}

/** What is being loaded, and how much of each file so far: overlapping tensors must not add up without end. */
interface Loading {
  readonly folder: string;
  readonly taken: Map<string, number>;
  readonly signal: AbortSignal | undefined;
}

async function loadGraph(graph: OnnxGraph, loading: Loading): Promise<OnnxGraph> {
  const initializers: OnnxTensor[] = [];
  for (const tensor of graph.initializers) initializers.push(await loadTensor(tensor, loading));
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    const attributes = new Map<string, OnnxAttribute>();
    for (const [name, attribute] of node.attributes) {
      attributes.set(name, await loadAttribute(attribute, loading));
    }
    nodes.push({ ...node, attributes });
  }
  return { ...graph, initializers, nodes };
}

async function loadAttribute(attribute: OnnxAttribute, loading: Loading): Promise<OnnxAttribute> {
  if (attribute.type === "TENSOR") {
    return { ...attribute, value: await loadTensor(attribute.value, loading) };
  }
  if (attribute.type === "GRAPH") return { ...attribute, value: await loadGraph(attribute.value, loading) };
  return attribute;
}

async function loadTensor(tensor: OnnxTensor, loading: Loading): Promise<OnnxTensor> {
  const { external, ...rest } = tensor;
  if (external === undefined) return tensor;
  const path = await confinedPath(loading.folder, tensor, external);
  const { handle, fileBytes } = await openRegularFile(path);
  try {
    const size = Math.ceil((elementCount(tensor.shape) * bitsPerElement(tensor.elementType)) / 8);
    if (external.length !== undefined && external.length !== size) {
      throw damaged(tensor, path, `it says ${external.length} bytes, its shape needs ${size}`);
    }
    if (size > fileBytes - external.offset) {
      throw damaged(tensor, path, `${size} bytes at ${external.offset} run past the end`);
    }
    const taken = (loading.taken.get(path) ?? 0) + size;
    if (taken > 2 * fileBytes) {
      throw damaged(tensor, path, "tensors take more from the file than twice its size");
    }
    loading.taken.set(path, taken);
    const data = new Uint8Array(size);
    await readFully(handle, data, external.offset, loading.signal);
    return { ...rest, data };
  } finally {
    await handle.close();
  }
}

/** Resolves where a tensor's data lies. @throws RMTC_PATH_INVALID unless that is in `folder`, without links. */
async function confinedPath(folder: string, tensor: OnnxTensor, external: OnnxExternalData): Promise<string> {
  const { location } = external;
  const names = location.split("/");
  const isPlain =
    !/[\\:\0]/.test(location) && names.every((name) => name !== "" && name !== "." && name !== "..");
  const path = join(folder, ...names);
  const real = isPlain ? await realPath(path) : undefined;
  if (real === path && real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return real;
  throw new RmtcError(
    "RMTC_PATH_INVALID",
    `Tensor ${JSON.stringify(tensor.name)} has its data at ${JSON.stringify(location)}, outside the model's folder or behind a link.`,
    { subject: location },
  );
}

async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw fileError(error, path);
  }
}

function damaged(tensor: OnnxTensor, path: string, problem: string): RmtcError {
  return new RmtcError(
    "RMTC_FORMAT_INVALID",
    `The data of tensor ${JSON.stringify(tensor.name)} in ${path} is damaged: ${problem}.`,
    { subject: path },
  );
}
