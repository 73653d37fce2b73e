// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { totalmem } from "node:os";
import { join } from "node:path";
import { canonicalJson, sha256 } from "@rmtc/attest";
import { RmtcError, type TrainerFile, type TrainingItem, type TrainingJob } from "@rmtc/contract";
import {
  adamScalars,
  buildEvaluation,
  buildTrainingStep,
  onnxToBytes,
  type TrainingStepOptions,
} from "@rmtc/onnx";
import type { PlanSample, PlanStep } from "@rmtc/spec";
import { replaceFile } from "@rmtc/tensor";
import { assembleBatch, type BatchSample, isInside } from "./assemble-batch.ts";
import { buildNetwork } from "./build-network.ts";
import { readCheckpoint, type TrainingState, writeCheckpoint } from "./checkpoint-file.ts";
import { type Hyperparameters, hyperparameterSchema, learningRateAt } from "./hyperparameters.ts";
import { initializeParameters } from "./initialize-parameters.ts";
import type { Network } from "./network.ts";
import { parseOptions } from "./parse-options.ts";
import { type FloatTensor, RuntimeSession } from "./runtime-session.ts";
import { type LoadedItem, loadItem, type SlotChannels } from "./training-item.ts";
import type { FinishedTraining, OpenedTraining, OpenRequest, StepMetrics } from "./training-protocol.ts";
import { validationTiles } from "./validation-tiles.ts";
import { networkToOnnx, readWeights, writeWeights } from "./weights-file.ts";
import { Xoshiro128 } from "./xoshiro128.ts";

/** Sessions kept for different batch shapes; a plan seldom has more than one. */
const MAX_SESSIONS = 4;

/** A training in memory: items, network, optimizer. It runs in a process of its own, which each step blocks. */
export class TrainingWorker {
  readonly #job: TrainingJob;
  readonly #threads: number;
  readonly #network: Network;
  readonly #hyperparameters: Hyperparameters;
  readonly #channels: SlotChannels;
  readonly #trainItems: readonly LoadedItem[];
  readonly #validationItems: readonly LoadedItem[];
  readonly #sessions = new Map<string, RuntimeSession>();
  #state: TrainingState;

  private constructor(
    request: OpenRequest,
    network: Network,
    items: readonly [readonly LoadedItem[], readonly LoadedItem[]],
    channels: SlotChannels,
    state: TrainingState,
  ) {
    this.#job = request.job;
    this.#threads = request.threads;
    this.#network = network;
    this.#hyperparameters = parseOptions(
      hyperparameterSchema,
      request.job.hyperparameters,
      "/hyperparameters",
    );
    [this.#trainItems, this.#validationItems] = items;
    this.#channels = channels;
    this.#state = state;
  }

  /** Reads items and starting values; see `Trainer.train` for what it throws. */
  static async open(request: OpenRequest): Promise<TrainingWorker> {
    const { job } = request;
    const network = buildNetwork(job.architecture);
    const channels = slotChannels(job, network);
    const state = await startingState(job, network);
    const memory = { bytes: 0 };
    const items = [
      await loadItems(job.trainItems, channels, memory),
      await loadItems(job.validationItems, channels, memory),
    ] as const;
    return new TrainingWorker(request, network, items, channels, state);
  }

  get opened(): OpenedTraining {
    return {
      parameterCount: this.#state.parameters.length,
      fromStep: this.#state.step,
      items: this.#trainItems.map(({ key, width, height }) => ({ key, width, height })),
    };
  }

  /** Runs consecutive steps of the plan and returns the loss and its terms at each. */
  async run(steps: readonly PlanStep[]): Promise<readonly StepMetrics[]> {
    const metrics: StepMetrics[] = [];
    for (const step of steps) metrics.push(await this.#step(step));
    return metrics;
  }

  /** Measures the losses on the validation items, each cut into tiles; no metrics without such items. */
  async validate(): Promise<readonly StepMetrics[]> {
    const sums = new Map<string, number>();
    let count = 0;
    for (const item of this.#validationItems) {
      for (const crop of validationTiles(item, this.#network.stride)) {
        const sample: BatchSample = { item, crop, flipX: false, flipY: false, gain: 1 };
        const session = await this.#session("validate", [sample]);
        const { parameters } = this.#state;
        const results = await session.run({
          ...this.#feeds([sample], [sample]),
          parameters: { shape: [parameters.length], data: parameters },
        });
        for (const [key, value] of this.#lossValues(results)) sums.set(key, (sums.get(key) ?? 0) + value);
        count += 1;
      }
    }
    if (count === 0) return [];
    const values = [...sums].map(([key, sum]) => [`validation.${key}`, sum / count] as const);
    return [{ step: this.#state.step, values: Object.fromEntries(values) }];
  }

  /** Writes a checkpoint of the last step. */
  async saveCheckpoint(sampler: Readonly<Record<string, unknown>>): Promise<TrainerFile> {
    this.#state = { ...this.#state, sampler };
    const path = join(this.#job.outputFolder, `checkpoint-${this.#state.step}.safetensors`);
    await writeCheckpoint(path, this.#state, this.#network);
    return { path, mediaType: "application/vnd.safetensors" };
  }

  /** Writes the weights and their ONNX variant. */
  async finish(): Promise<FinishedTraining> {
    const { parameters, consumed } = this.#state;
    const weights = join(this.#job.outputFolder, "weights.safetensors");
    const onnx = join(this.#job.outputFolder, "weights.onnx");
    await writeWeights(weights, this.#network, parameters);
    await replaceFile(onnx, [onnxToBytes(networkToOnnx(this.#network, parameters))]);
    return {
      file: { path: weights, mediaType: "application/vnd.safetensors" },
      variants: [{ path: onnx, mediaType: "application/vnd.onnx" }],
      consumed: this.#trainItems.filter((_, index) => consumed[index] === 1).map((item) => item.key),
    };
  }

  async #step(planned: PlanStep): Promise<StepMetrics> {
    const { step } = planned;
    if (step !== this.#state.step + 1) {
      throw new RmtcError(
        "RMTC_STATE_INVALID",
        `The plan gives step ${step} after step ${this.#state.step}.`,
      );
    }
    const samples = planned.samples.map((sample) => this.#sample(planned, sample));
    const session = await this.#session("train", samples);
    const { parameters, firstMoment, secondMoment } = this.#state;
    const rate = learningRateAt(step, this.#job.steps, this.#hyperparameters);
    const scalars = adamScalars(step, rate, adamOptions(this.#hyperparameters));
    const vector = (data: Float32Array): FloatTensor => ({ shape: [data.length], data });
    const scalar = (value: number): FloatTensor => ({ shape: [], data: Float32Array.of(value) });
    const plain = samples.map((sample) => ({ ...sample, gain: 1 }));
    const results = await session.run({
      ...this.#feeds(samples, plain),
      parameters: vector(parameters),
      firstMoment: vector(firstMoment),
      secondMoment: vector(secondMoment),
      stepSize: scalar(scalars.stepSize),
      secondScale: scalar(scalars.secondScale),
    });
    const values = this.#lossValues(results);
    requireFiniteLoss(step, values);
    const consumed = this.#state.consumed.slice();
    for (const { item } of planned.samples) consumed[item] = 1;
    this.#state = {
      ...this.#state,
      step,
      consumed,
      parameters: outputOf(results, "nextParameters"),
      firstMoment: outputOf(results, "nextFirstMoment"),
      secondMoment: outputOf(results, "nextSecondMoment"),
    };
    return { step, values: Object.fromEntries(values) };
  }

  #sample({ step, samples }: PlanStep, sample: PlanSample): BatchSample {
    const item = this.#trainItems[sample.item];
    const { crop } = sample;
    const [first] = samples;
    const { stride } = this.#network;
    const isAlike = crop.width === first?.crop.width && crop.height === first.crop.height;
    if (item === undefined || !isInside(crop, item) || !isAlike) {
      throw new RmtcError(
        "RMTC_LAYOUT_MISMATCH",
        `Step ${step} of the plan has a crop outside its item, or of another size than the step's others.`,
      );
    }
    if (crop.width % stride !== 0 || crop.height % stride !== 0) {
      throw new RmtcError(
        "RMTC_LAYOUT_MISMATCH",
        `Crops of ${crop.width}x${crop.height} pixels do not fit the network, which takes multiples of ${stride}; choose such a crop.`,
      );
    }
    return { item, crop, flipX: sample.flipX, flipY: sample.flipY, gain: 2 ** sample.exposureStops };
  }

  /** Batches of the network's inputs and of the targets, which exposure leaves alone. */
  #feeds(inputs: readonly BatchSample[], targets: readonly BatchSample[]): Record<string, FloatTensor> {
    const feeds: Record<string, FloatTensor> = {};
    const batch = (samples: readonly BatchSample[], slot: string): FloatTensor => {
      const channels = this.#channels.get(slot) ?? 0;
      return { shape: batchShape(samples, channels), data: assembleBatch(samples, slot, channels) };
    };
    for (const [slot, input] of Object.entries(this.#job.inputs)) feeds[input] = batch(inputs, slot);
    for (const { target } of this.#job.losses) feeds[`target.${target}`] ??= batch(targets, target);
    return feeds;
  }

  /** Losses by metric key: `loss` for the weighted sum, and each term under its own name. */
  #lossValues(results: ReadonlyMap<string, Float32Array>): ReadonlyMap<string, number> {
    const value = (output: string): number => results.get(output)?.[0] ?? Number.NaN;
    const terms = this.#job.losses.map(({ name }) => [name, value(`loss.${name}`)] as const);
    return new Map([["loss", value("loss")], ...terms]);
  }

  /** Finds or builds the session for a batch of this shape. */
  async #session(purpose: "train" | "validate", samples: readonly BatchSample[]): Promise<RuntimeSession> {
    const key = `${purpose} ${batchShape(samples, 0)}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const shapes = (slots: Iterable<readonly [string, string]>): Record<string, readonly number[]> =>
      Object.fromEntries(
        [...slots].map(([slot, name]) => [name, batchShape(samples, this.#channels.get(slot) ?? 0)]),
      );
    const options: TrainingStepOptions = {
      forward: this.#network.model,
      parameters: this.#network.parameters.map((spec) => spec.name),
      inputShapes: shapes(Object.entries(this.#job.inputs)),
      targetShapes: shapes(this.#job.losses.map(({ target }) => [target, target] as const)),
      losses: this.#job.losses,
      adam: adamOptions(this.#hyperparameters),
    };
    const { model } = purpose === "train" ? buildTrainingStep(options) : buildEvaluation(options);
    const [oldest] = this.#sessions;
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) {
      this.#sessions.delete(oldest[0]);
      await oldest[1][Symbol.asyncDispose]();
    }
    const session = await RuntimeSession.open(model, this.#threads);
    this.#sessions.set(key, session);
    return session;
  }
}

/** Reads items into memory, of which they may take half; they are all kept, since every step may need any of them. */
async function loadItems(
  items: readonly TrainingItem[],
  channels: SlotChannels,
  memory: { bytes: number },
): Promise<readonly LoadedItem[]> {
  const loaded: LoadedItem[] = [];
  for (const item of items) {
    const next = await loadItem(item, channels);
    for (const { data } of next.slots.values()) memory.bytes += data.byteLength;
    if (memory.bytes > totalmem() / 2) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `The items up to ${item.key} take ${Math.round(memory.bytes / 2 ** 20)} MiB, more than half of the memory. Train on fewer or smaller ones.`,
        { subject: item.key },
      );
    }
    loaded.push(next);
  }
  return loaded;
}

/** Tells how many channels the network and the losses need of each slot. */
function slotChannels(job: TrainingJob, network: Network): SlotChannels {
  const channels = new Map<string, number>();
  const add = (slot: string, layouts: Network["inputs"], name: string): void => {
    const count = layouts.find((entry) => entry.name === name)?.layout.channels?.length;
    if (count === undefined) {
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `The network has no ${JSON.stringify(name)}; it has ${layouts.map((entry) => entry.name).join(", ")}.`,
      );
    }
    channels.set(slot, count);
  };
  for (const [slot, input] of Object.entries(job.inputs)) add(slot, network.inputs, input);
  for (const { output, target } of job.losses) add(target, network.outputs, output);
  return channels;
}

async function startingState(job: TrainingJob, network: Network): Promise<TrainingState> {
  const itemsDigest = sha256(canonicalJson(job.trainItems.map((item) => item.key)));
  const nothingConsumed = new Uint8Array(job.trainItems.length);
  if (job.resumeFrom !== undefined) {
    const state = await readCheckpoint(job.resumeFrom, network);
    if (state.step > job.steps) {
      throw new RmtcError(
        "RMTC_STATE_INVALID",
        `The checkpoint is at step ${state.step}; the job ends at ${job.steps}.`,
      );
    }
    const isSame = state.itemsDigest === itemsDigest && state.consumed.length === nothingConsumed.length;
    return { ...state, itemsDigest, consumed: isSame ? state.consumed : nothingConsumed };
  }
  const random = Xoshiro128.fromSeed(job.seed);
  const drawn = initializeParameters(network.parameters, random);
  const parameters =
    job.initializeFrom === undefined ? drawn : await readWeights(job.initializeFrom, network.parameters);
  return {
    step: 0,
    parameters,
    firstMoment: new Float32Array(parameters.length),
    secondMoment: new Float32Array(parameters.length),
    sampler: {},
    random: random.state,
    itemsDigest,
    consumed: nothingConsumed,
  };
}

function adamOptions(hyperparameters: Hyperparameters): { beta1: number; beta2: number; epsilon: number } {
  const { adamBeta1, adamBeta2, adamEpsilon } = hyperparameters;
  return { beta1: adamBeta1, beta2: adamBeta2, epsilon: adamEpsilon };
}

function batchShape(samples: readonly BatchSample[], channels: number): readonly number[] {
  const [first] = samples;
  return [samples.length, channels, first?.crop.height ?? 0, first?.crop.width ?? 0];
}

function outputOf(results: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const data = results.get(name);
  if (data === undefined) throw new Error(`The training step has no output ${name}.`);
  return data;
}

function requireFiniteLoss(step: number, values: ReadonlyMap<string, number>): void {
  const loss = values.get("loss") ?? Number.NaN;
  if (Number.isFinite(loss)) return;
  throw new RmtcError(
    "RMTC_VALUE_INVALID",
    `The loss became ${loss} at step ${step}. Lower the learning rate.`,
  );
}
