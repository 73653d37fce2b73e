// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type MetricPoint,
  RmtcError,
  type TrainedNetwork,
  type Trainer,
  type TrainerCapabilities,
  type TrainerFile,
  type TrainingEvent,
  type TrainingJob,
  type TrainOptions,
} from "@rmtc/contract";
import type { NamedLayout } from "@rmtc/spec";
import { openSafetensors, type Tensor, tensorOf, writeSafetensors } from "@rmtc/tensor";
import { checkSamples, type LoadedItem, loadItem, wholeSample } from "./loaded-item.ts";
import { AdamState, measureLosses } from "./pixel-function.ts";

/** Learns a linear function of each pixel by Adam. It cannot go on from a checkpoint. */
export class AcmeTrainer implements Trainer {
  readonly name: string = "acme";
  readonly capabilities: TrainerCapabilities = {
    architectures: ["linear"],
    losses: ["l2"],
    resume: false,
    deterministic: true,
  };
  #closed = false;

  async describe(job: Pick<TrainingJob, "architecture" | "hyperparameters">): Promise<TrainedNetwork> {
    this.#check(undefined);
    const { architecture, hyperparameters } = job;
    if (architecture.name !== "linear") throw wrong("/architecture/name", "there is only linear");
    checkNames(architecture.options, "channels", "/architecture/options");
    checkNames(hyperparameters, "learningRate", "/hyperparameters");
    const { channels = 3 } = architecture.options;
    if (!Number.isSafeInteger(channels) || Number(channels) < 1 || Number(channels) > 64) {
      throw wrong("/architecture/options/channels", "it is an integer from 1 to 64");
    }
    const { learningRate = 0.05 } = hyperparameters;
    if (typeof learningRate !== "number" || !(learningRate > 0)) {
      throw wrong("/hyperparameters/learningRate", "it is a number above 0");
    }
    return {
      parameterCount: Number(channels) + 1,
      inputs: [imageLayout("input", Number(channels))],
      outputs: [imageLayout("output", 1)],
    };
  }

  async *train(job: TrainingJob, { plan, signal }: TrainOptions): AsyncGenerator<TrainingEvent, void> {
    const turn = async (): Promise<void> => {
      await setImmediate();
      this.#check(signal);
    };
    this.#check(signal);
    const { parameterCount } = await this.describe(job);
    const unknown = job.losses.findIndex(({ loss }) => loss !== "l2");
    if (unknown >= 0) throw wrong(`/losses/${unknown}/loss`, "there is only l2");
    if (job.resumeFrom !== undefined) {
      throw new RmtcError("RMTC_UNSUPPORTED", "This trainer cannot go on from a checkpoint.");
    }
    const state = new AdamState(await startingParameters(job, parameterCount));
    const items: LoadedItem[] = [];
    for (const item of job.trainItems) items.push(await loadItem(job, item, parameterCount - 1, turn));
    const validation: LoadedItem[] = [];
    for (const item of job.validationItems)
      validation.push(await loadItem(job, item, parameterCount - 1, turn));
    const consumed = new Set<number>();
    let sampler: unknown = {};
    yield { type: "started", parameterCount, fromStep: 0 };

    for (let step = 1; step <= job.steps; step++) {
      await turn();
      const sizes = items.map(({ key, width, height }) => ({ key, width, height }));
      const page = await plan({ items: sizes, fromStep: step, stepCount: 1 });
      const samples = page.steps[0]?.samples ?? [];
      checkSamples(samples, items);
      const { values, gradient } = await measureLosses(job, state.parameters, samples, items, turn);
      if (!Number.isFinite(values.loss)) {
        throw new RmtcError("RMTC_VALUE_INVALID", `The loss became ${values.loss} at step ${step}.`);
      }
      state.learn(gradient, Number(job.hyperparameters.learningRate ?? 0.05));
      for (const { item } of samples) consumed.add(item);
      sampler = page.state;
      yield { type: "metrics", points: pointsOf(step, values) };
      const isDue = (every: number): boolean => step % every === 0 || step === job.steps;
      if (isDue(job.validateEverySteps) && validation.length > 0) {
        const whole = validation.map(wholeSample);
        const measured = await measureLosses(job, state.parameters, whole, validation, turn);
        yield { type: "metrics", points: pointsOf(step, measured.values, "validation.") };
      }
      if (isDue(job.checkpointEverySteps)) {
        yield { type: "checkpoint", step, file: await writeCheckpoint(job, state, step, sampler, consumed) };
      }
    }
    await turn();
    const file = await writeTensors(job, "weights", [["weight", vector("F32", state.parameters)]]);
    const keys = items.filter((_, index) => consumed.has(index)).map(({ key }) => key);
    yield { type: "weights", step: job.steps, parameterCount, file, variants: [], consumed: keys };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw new RmtcError("RMTC_STATE_INVALID", "The trainer was closed; open another.");
  }
}

function checkNames(given: Readonly<Record<string, unknown>>, known: string, pointer: string): void {
  const unknown = Object.keys(given).find((name) => name !== known);
  if (unknown !== undefined) throw wrong(`${pointer}/${unknown}`, `there is only ${known}`);
}

function wrong(pointer: string, problem: string): RmtcError {
  return new RmtcError("RMTC_OPTION_INVALID", `"${pointer}" of the job cannot be: ${problem}.`, { pointer });
}

function imageLayout(name: string, channels: number): NamedLayout {
  return { name, layout: { dtype: "F32", shape: [0, channels, 0, 0], axes: ["n", "c", "h", "w"] } };
}

function pointsOf(
  step: number,
  values: Readonly<Record<string, number>>,
  prefix: string = "",
): readonly MetricPoint[] {
  const at = new Date().toISOString();
  return Object.entries(values).map(([key, value]) => ({ key: `${prefix}${key}`, step, value, at }));
}

/** The parameters of given weights, or small numbers that the seed gives. */
async function startingParameters(job: TrainingJob, count: number): Promise<Float32Array> {
  const path = job.initializeFrom;
  if (path === undefined) {
    const drawn = (index: number): number =>
      (Math.imul((job.seed >>> 0) + 1, 1_664_525) + Math.imul(index + 1, 1_013_904_223)) >>> 0;
    return Float32Array.from({ length: count }, (_, index) => drawn(index) / 2 ** 32 - 0.5);
  }
  await using file = await openSafetensors(path);
  const { dtype, data } = await file.read("weight");
  if (dtype === "F32" && data.length === count) return Float32Array.from(data as Float32Array);
  throw new RmtcError("RMTC_LAYOUT_MISMATCH", `${path} has no "weight" of ${count} F32 numbers.`, {
    subject: path,
  });
}

async function writeCheckpoint(
  job: TrainingJob,
  state: AdamState,
  step: number,
  sampler: unknown,
  consumed: ReadonlySet<number>,
): Promise<TrainerFile> {
  const read = Uint8Array.from(job.trainItems, (_, index) => Number(consumed.has(index)));
  const tensors: [string, Tensor][] = [
    ["weight", vector("F32", state.parameters)],
    ["adam.first", vector("F32", state.first)],
    ["adam.second", vector("F32", state.second)],
    ["consumed", vector("U8", read)],
  ];
  const progress = JSON.stringify({ architecture: job.architecture, step, sampler });
  return await writeTensors(job, `checkpoint-${step}`, tensors, { "acme.checkpoint": progress });
}

async function writeTensors(
  { outputFolder }: TrainingJob,
  name: string,
  tensors: readonly (readonly [string, Tensor])[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<TrainerFile> {
  const path = join(outputFolder, `${name}.safetensors`);
  await writeSafetensors(path, tensors, { metadata });
  return { path, mediaType: "application/vnd.safetensors" };
}

function vector(dtype: "F32" | "U8", data: Float32Array | Uint8Array): Tensor {
  const shape = [data.length];
  return tensorOf(dtype, shape, data.slice(), { dtype, shape, axes: ["n"] });
}
