// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { stat } from "node:fs/promises";
import { readOnnx } from "@rmtc/onnx";
import { type TensorData, zeroTensor } from "@rmtc/tensor";
import { serveProcess } from "@rmtc/wire";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describeModel } from "./describe-model.ts";
import { OpenSlot } from "./open-slot.ts";
import { dtypeFromRuntime, dtypeToRuntime, isRuntimeDtype, type RuntimeDtype } from "./runtime-dtype.ts";
import { loadingError, runningError } from "./runtime-error.ts";
import {
  type AttachCall,
  type CollectCall,
  type OpenAnswer,
  type OpenCall,
  type RunAnswer,
  type RunCall,
  type SlotTensor,
  sameTensors,
} from "./session-calls.ts";

/** An input as ONNX Runtime takes it, on memory that is filled anew for each run. */
interface Feed {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly tensor: Tensor;
}

/** A place for one run at a time; while one lane computes, the host fills the other. */
interface Lane {
  input?: OpenSlot;
  feeds: readonly Feed[];
  output?: OpenSlot;
  results: readonly (SlotTensor & { readonly bytes: Uint8Array })[];
}

/** The one network this process runs: a crash of ONNX Runtime ends the process and nothing else. */
let loaded: { readonly path: string; readonly session: InferenceSession } | undefined;
const lanes = new Map<number, Lane>();

async function open({ path, threads }: OpenCall): Promise<OpenAnswer> {
  const description = describeModel(await readOnnx(path));
  const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
  try {
    const session = await InferenceSession.create(path, {
      executionProviders: ["cpu"],
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    loaded = { path, session };
  } catch (error) {
    throw loadingError(error, path);
  }
  return { description, fileIdentity: [dev, ino, size, mtimeNs].join(".") };
}

async function attach({ lane: number, path }: AttachCall): Promise<void> {
  const lane = laneOf(number);
  const input = await OpenSlot.open(path);
  lane.input?.close();
  lane.input = input;
  lane.feeds = input.tensors.map(({ name, dtype, shape }) => {
    const { data } = zeroTensor(dtype, shape);
    if (!isRuntimeDtype(dtype)) throw new Error(`Input ${name} cannot be of type ${dtype}.`);
    return { name, bytes: bytesOf(data), tensor: runtimeTensor(dtype, data, shape) };
  });
}

function runtimeTensor(dtype: RuntimeDtype, data: TensorData, shape: readonly number[]): Tensor {
  const tensor = new Tensor(dtypeToRuntime(dtype), data as Tensor.DataType, shape);
  // ONNX Runtime 1.30 wraps half floats in a Float16Array, which its own native part cannot read.
  if (data instanceof Float16Array) {
    const halves = new Uint16Array(data.buffer, data.byteOffset, data.length);
    Object.defineProperty(tensor, "data", { value: halves });
  }
  return tensor;
}

async function run({ lane: number, outputs }: RunCall): Promise<RunAnswer> {
  const lane = laneOf(number);
  if (loaded === undefined || lane.input === undefined) throw new Error("Nothing is open in this lane.");
  for (const { name, bytes } of lane.feeds) lane.input.read(name, bytes);
  const feeds = Object.fromEntries(lane.feeds.map(({ name, tensor }) => [name, tensor]));
  let values: InferenceSession.OnnxValueMapType;
  try {
    values = await loaded.session.run(feeds, outputs);
  } catch (error) {
    throw runningError(error, loaded.path);
  }
  lane.results = outputs.map((name) => {
    const value = values[name];
    const dtype = value === undefined ? undefined : dtypeFromRuntime(value.type);
    if (value === undefined || dtype === undefined) throw new Error(`Output ${name} cannot be handed over.`);
    return { name, dtype, shape: value.dims, bytes: bytesOf(value.data as TensorData) };
  });
  const tensors = lane.results.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const written = lane.output !== undefined && sameTensors(lane.output.tensors, tensors);
  if (written) writeResults(lane);
  return { outputs: tensors, written };
}

async function collect({ lane: number, path }: CollectCall): Promise<void> {
  const lane = laneOf(number);
  const output = await OpenSlot.open(path);
  lane.output?.close();
  lane.output = output;
  writeResults(lane);
}

function writeResults(lane: Lane): void {
  for (const { name, bytes } of lane.results) lane.output?.write(name, bytes);
  lane.results = [];
}

function laneOf(number: number): Lane {
  let lane = lanes.get(number);
  if (lane === undefined) {
    lane = { feeds: [], results: [] };
    lanes.set(number, lane);
  }
  return lane;
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

serveProcess({ open, attach, run, collect });
