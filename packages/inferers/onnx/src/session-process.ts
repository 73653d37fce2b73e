// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { stat } from "node:fs/promises";
import { readOnnx } from "@rmtc/onnx";
import { serveProcess } from "@rmtc/wire";
import { InferenceSession, type Tensor } from "onnxruntime-node";
import { describeModel } from "./describe-model.ts";
import { LaneGuest } from "./lane-guest.ts";
import { loadingError, runningError } from "./runtime-error.ts";
import type { AttachCall, CollectCall, OpenAnswer, OpenCall, RunAnswer, RunCall } from "./session-calls.ts";

/** The one network this process runs: a crash of ONNX Runtime ends the process and nothing else. */
let loaded: { readonly path: string; readonly session: InferenceSession } | undefined;
const lanes = new Map<number, LaneGuest>();
/** The last run that was asked for: bands are computed one after the other, in the order they came. */
let turn: Promise<unknown> = Promise.resolve();

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

async function run(call: RunCall): Promise<RunAnswer> {
  const lane = laneOf(call.lane);
  const result = turn.then(() => lane.run(call, runNetwork));
  turn = result.catch(() => undefined);
  const outputs = await result;
  return { outputs, written: lane.writeResults() };
}

async function runNetwork(
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> {
  if (loaded === undefined) throw new Error("No network is open.");
  try {
    return (await loaded.session.run(feeds, outputs)) as Readonly<Record<string, Tensor>>;
  } catch (error) {
    throw runningError(error, loaded.path);
  }
}

function laneOf(number: number): LaneGuest {
  let lane = lanes.get(number);
  if (lane === undefined) {
    lane = new LaneGuest();
    lanes.set(number, lane);
  }
  return lane;
}

serveProcess({
  open,
  run,
  attach: ({ lane, path }: AttachCall) => laneOf(lane).attach(path),
  collect: ({ lane, path }: CollectCall) => laneOf(lane).collect(path),
});
