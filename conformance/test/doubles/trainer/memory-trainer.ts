// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type MetricPoint,
  RmtcError,
  type TrainedNetwork,
  type Trainer,
  type TrainerFile,
  type TrainingEvent,
  type TrainingItem,
  type TrainingJob,
  type TrainOptions,
} from "@rmtc/contract";
import { readImage } from "@rmtc/image";
import { GraphBuilder, onnxToBytes, tensorFromNumbers } from "@rmtc/onnx";
import type { NamedLayout, PlanSample } from "@rmtc/spec";
import {
  findNonFinite,
  openSafetensors,
  replaceFile,
  type Tensor,
  tensorOf,
  writeSafetensors,
} from "@rmtc/tensor";

interface LoadedItem {
  readonly key: string;
  readonly width: number;
  readonly height: number;
  readonly slots: ReadonlyMap<string, Tensor>;
}

interface State {
  step: number;
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly consumed: Uint8Array;
  sampler: unknown;
}

const outputName = "matte";
const checkpointKey = "rmtc.checkpoint";

/** Learns a linear function of each pixel with Adam: the smallest network there is. */
export class MemoryTrainer implements Trainer {
  readonly name = "memory";
  readonly capabilities: Trainer["capabilities"];
  #lives = 1;

  readonly #mirrorsTruth: boolean;

  /** @param mirrorsTruth false makes a trainer that mirrors inputs only: a linear function cannot tell both from none. */
  constructor(full: boolean, mirrorsTruth = true) {
    this.#mirrorsTruth = mirrorsTruth;
    this.capabilities = {
      architectures: ["linear"],
      losses: full ? ["l1", "l2", "bce"] : ["l2"],
      resume: full,
      deterministic: full,
      ...(full ? { platform: { year: "CY2027", needs: { "onnx-opset": "17" } } } : {}),
    };
  }

  /** What the death of its process would be. */
  crash(): void {
    this.#lives += 1;
  }

  async describe(job: Pick<TrainingJob, "architecture" | "hyperparameters">): Promise<TrainedNetwork> {
    const wrong = (pointer: string): RmtcError =>
      new RmtcError("RMTC_OPTION_INVALID", `${pointer} is unknown.`, { pointer });
    if (job.architecture.name !== "linear") throw wrong("/architecture/name");
    const option = Object.keys(job.architecture.options).find((name) => name !== "channels");
    if (option !== undefined) throw wrong(`/architecture/options/${option}`);
    const parameter = Object.keys(job.hyperparameters).find((name) => name !== "learningRate");
    if (parameter !== undefined) throw wrong(`/hyperparameters/${parameter}`);
    const channels = channelsOf(job);
    return {
      parameterCount: channels + 1,
      inputs: [imageLayout("input", channels)],
      outputs: [imageLayout(outputName, 1)],
    };
  }

  async *train(job: TrainingJob, { plan, signal }: TrainOptions): AsyncGenerator<TrainingEvent, void> {
    signal?.throwIfAborted();
    const { parameterCount } = await this.describe(job);
    const life = this.#lives;
    const turn = async (): Promise<void> => {
      await setImmediate();
      signal?.throwIfAborted();
      if (life !== this.#lives) throw new RmtcError("RMTC_PROCESS_FAILED", "The process died.");
    };
    for (const { loss } of job.losses) {
      if (this.capabilities.losses.includes(loss)) continue;
      throw new RmtcError("RMTC_OPTION_INVALID", `There is no loss ${loss}.`, { pointer: "/losses" });
    }
    const state = await startingState(job, parameterCount);
    const items = await loadItems(job.trainItems, channelsOf(job));
    const validation = await loadItems(job.validationItems, channelsOf(job));
    yield { type: "started", parameterCount, fromStep: state.step };
    while (state.step < job.steps) {
      await turn();
      const page = await plan({
        items: items.map(({ key, width, height }) => ({ key, width, height })),
        fromStep: state.step + 1,
        stepCount: 1,
      });
      const samples = page.steps[0]?.samples ?? [];
      for (const sample of samples) checkSample(sample, samples, items);
      state.sampler = page.state;
      const values = learn(job, state, samples, items, this.#mirrorsTruth);
      state.step += 1;
      yield { type: "metrics", points: points(state.step, values) };
      const due = (every: number): boolean => state.step % every === 0 || state.step === job.steps;
      if (due(job.validateEverySteps) && validation.length > 0) {
        const measured = measure(job, state.parameters, validation.map(wholeSample), validation);
        const entries = Object.entries(measured).map(([key, value]) => [`validation.${key}`, value] as const);
        yield { type: "metrics", points: points(state.step, Object.fromEntries(entries)) };
      }
      if (!due(job.checkpointEverySteps)) continue;
      yield { type: "checkpoint", step: state.step, file: await writeCheckpoint(job, state) };
    }
    await turn();
    const { file, variants } = await writeWeights(job, state.parameters);
    const consumed = items.filter((_, index) => state.consumed[index] === 1).map(({ key }) => key);
    yield { type: "weights", step: state.step, parameterCount, file, variants, consumed };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function channelsOf({ architecture }: Pick<TrainingJob, "architecture">): number {
  return Number(architecture.options.channels ?? 2);
}

function imageLayout(name: string, channels: number): NamedLayout {
  return { name, layout: { dtype: "F32", shape: [0, channels, 0, 0], axes: ["n", "c", "h", "w"] } };
}

function points(step: number, values: Readonly<Record<string, number>>): readonly MetricPoint[] {
  const at = new Date().toISOString();
  return Object.entries(values).map(([key, value]) => ({ key, step, value, at }));
}

async function loadItems(items: readonly TrainingItem[], inputs: number): Promise<readonly LoadedItem[]> {
  const loaded: LoadedItem[] = [];
  for (const { key, slots } of items) {
    const mismatch = (what: string): RmtcError =>
      new RmtcError("RMTC_LAYOUT_MISMATCH", `${key}: ${what}`, { subject: key });
    const tensors = new Map<string, Tensor>();
    const sizes = new Set<string>();
    let [width, height] = [0, 0];
    for (const [slot, wanted] of [
      ["plate", inputs],
      ["truth", 1],
    ] as const) {
      const { path, channels } = slots[slot] ?? { path: "", channels: [] };
      if (channels.length !== wanted) throw mismatch("it has other channels.");
      const tensor = await readImage(path, { channels });
      [height = 0, width = 0] = tensor.shape;
      sizes.add(`${width}x${height}`);
      const found = findNonFinite(tensor);
      if (found !== undefined) {
        const place = `column ${found.position[1]} of row ${found.position[0]}`;
        throw new RmtcError("RMTC_VALUE_INVALID", `${path} has ${found.value} at ${place}.`, {
          subject: key,
        });
      }
      tensors.set(slot, tensor);
    }
    if (sizes.size > 1) throw mismatch("its slots differ in size.");
    loaded.push({ key, width, height, slots: tensors });
  }
  return loaded;
}

function checkSample(
  { item, crop }: PlanSample,
  all: readonly PlanSample[],
  items: readonly LoadedItem[],
): void {
  const { width = -1, height = -1 } = items[item] ?? {};
  const inside = crop.x >= 0 && crop.y >= 0 && crop.x + crop.width <= width && crop.y + crop.height <= height;
  const alike = all.every((one) => one.crop.width === crop.width && one.crop.height === crop.height);
  if (!inside || !alike) throw new RmtcError("RMTC_LAYOUT_MISMATCH", "A sample does not fit.");
}

function wholeSample({ width, height }: LoadedItem, item: number): PlanSample {
  return { item, crop: { x: 0, y: 0, width, height }, flipX: false, flipY: false, exposureStops: 0 };
}

/** Takes one step of Adam and returns the losses before it. */
function learn(
  job: TrainingJob,
  state: State,
  samples: readonly PlanSample[],
  items: readonly LoadedItem[],
  mirrorsTruth: boolean,
): Readonly<Record<string, number>> {
  const gradient = new Float64Array(state.parameters.length);
  const values = measure(job, state.parameters, samples, items, gradient, mirrorsTruth);
  if (!Number.isFinite(values.loss)) {
    throw new RmtcError("RMTC_VALUE_INVALID", `The loss became ${values.loss}.`);
  }
  for (const { item } of samples) state.consumed[item] = 1;
  const rate = Number(job.hyperparameters.learningRate ?? 0.05);
  for (const [index, slope] of gradient.entries()) {
    const first = 0.9 * (state.first[index] ?? 0) + 0.1 * slope;
    const second = 0.999 * (state.second[index] ?? 0) + 0.001 * slope * slope;
    [state.first[index], state.second[index]] = [first, second];
    const corrected = first / (1 - 0.9 ** (state.step + 1));
    const spread = Math.sqrt(second / (1 - 0.999 ** (state.step + 1))) + 1e-8;
    state.parameters[index] = (state.parameters[index] ?? 0) - (rate * corrected) / spread;
  }
  return values;
}

/** Computes the losses of a batch, and adds up their gradient where one is given. */
function measure(
  { losses }: TrainingJob,
  parameters: Float32Array,
  samples: readonly PlanSample[],
  items: readonly LoadedItem[],
  gradient?: Float64Array,
  mirrorsTruth = true,
): Readonly<Record<string, number>> {
  const channels = parameters.length - 1;
  const sums = losses.map(() => 0);
  let pixels = 0;
  for (const { crop } of samples) pixels += crop.width * crop.height;
  for (const { item, crop, flipX, flipY, exposureStops } of samples) {
    const { slots, width = 0 } = items[item] ?? { slots: new Map<string, Tensor>() };
    const [plate, truth] = [slots.get("plate")?.data, slots.get("truth")?.data];
    for (let index = 0; index < crop.width * crop.height; index++) {
      const [column, row] = [index % crop.width, Math.floor(index / crop.width)];
      const x = crop.x + (flipX ? crop.width - 1 - column : column);
      const y = crop.y + (flipY ? crop.height - 1 - row : row);
      const at = y * width + x;
      const input = (channel: number): number =>
        Math.fround(Number(plate?.[at * channels + channel]) * 2 ** exposureStops);
      let output = parameters[channels] ?? 0;
      for (let channel = 0; channel < channels; channel++)
        output += (parameters[channel] ?? 0) * input(channel);
      const target = Number(truth?.[mirrorsTruth ? at : (crop.y + row) * width + crop.x + column]);
      for (const [number, { loss, weight }] of losses.entries()) {
        const [value, slope] = lossOf(loss, output, target);
        sums[number] = (sums[number] ?? 0) + value;
        if (gradient === undefined) continue;
        const share = (weight * slope) / pixels;
        for (let channel = 0; channel < channels; channel++) {
          gradient[channel] = (gradient[channel] ?? 0) + share * input(channel);
        }
        gradient[channels] = (gradient[channels] ?? 0) + share;
      }
    }
  }
  const terms = losses.map(({ name }, index) => [name, Math.fround((sums[index] ?? 0) / pixels)] as const);
  const loss = terms.reduce((sum, [, value], index) => sum + (losses[index]?.weight ?? 0) * value, 0);
  return { loss, ...Object.fromEntries(terms) };
}

/** Returns a loss and its slope. */
function lossOf(loss: string, output: number, target: number): readonly [number, number] {
  if (loss === "l1") return [Math.abs(output - target), Math.sign(output - target)];
  if (loss === "l2") return [(output - target) ** 2, 2 * (output - target)];
  const y = Math.min(1 - 1e-6, Math.max(1e-6, output));
  const value = -target * Math.log(y) - (1 - target) * Math.log(1 - y);
  return [value, y === output ? (y - target) / (y * (1 - y)) : 0];
}

async function startingState(job: TrainingJob, parameterCount: number): Promise<State> {
  const fresh = (): State => ({
    step: 0,
    parameters: Float32Array.from({ length: parameterCount }, (_, index) => drawn(job.seed, index)),
    first: new Float32Array(parameterCount),
    second: new Float32Array(parameterCount),
    consumed: new Uint8Array(job.trainItems.length),
    sampler: {},
  });
  const path = job.resumeFrom ?? job.initializeFrom;
  if (path === undefined) return fresh();
  await using file = await openSafetensors(path);
  const read = async (name: string): Promise<Float32Array> => (await file.read(name)).data as Float32Array;
  if (job.resumeFrom === undefined) {
    return { ...fresh(), parameters: await read("linear.weight") };
  }
  const { architecture, step, sampler } = JSON.parse(file.metadata.get(checkpointKey) ?? "{}") as {
    readonly architecture?: unknown;
    readonly step?: number;
    readonly sampler?: unknown;
  };
  if (step === undefined) throw new RmtcError("RMTC_FORMAT_INVALID", `${path} is no checkpoint.`);
  if (JSON.stringify(architecture) !== JSON.stringify(job.architecture)) {
    throw new RmtcError("RMTC_DIGEST_MISMATCH", `${path} belongs to another architecture.`);
  }
  if (step > job.steps) throw new RmtcError("RMTC_STATE_INVALID", `${path} is beyond the last step.`);
  return {
    step,
    sampler,
    parameters: await read("linear.weight"),
    first: await read("adam.first"),
    second: await read("adam.second"),
    consumed: (await file.read("consumed")).data as Uint8Array,
  };
}

/** A number from −0.5 to 0.5 by the seed. */
function drawn(seed: number, index: number): number {
  return ((Math.imul(seed + 1, 1_664_525) + Math.imul(index + 1, 1_013_904_223)) >>> 0) / 2 ** 32 - 0.5;
}

async function writeCheckpoint(job: TrainingJob, state: State): Promise<TrainerFile> {
  const path = join(job.outputFolder, `checkpoint-${state.step}.safetensors`);
  const { architecture } = job;
  const metadata = {
    [checkpointKey]: JSON.stringify({ architecture, step: state.step, sampler: state.sampler }),
  };
  const { parameters, first, second, consumed } = state;
  const tensors: (readonly [string, Tensor])[] = [
    ["linear.weight", vector("F32", parameters)],
    ["adam.first", vector("F32", first)],
    ["adam.second", vector("F32", second)],
    ["consumed", vector("U8", consumed)],
  ];
  await writeSafetensors(path, tensors, { metadata });
  return { path, mediaType: "application/vnd.safetensors" };
}

async function writeWeights(
  { outputFolder }: TrainingJob,
  parameters: Float32Array,
): Promise<{ readonly file: TrainerFile; readonly variants: readonly TrainerFile[] }> {
  const path = join(outputFolder, "weights.safetensors");
  await writeSafetensors(path, [["linear.weight", vector("F32", parameters)]]);
  const graph = new GraphBuilder();
  const channels = parameters.length - 1;
  const x = graph.input("input", "F32", ["n", channels, "h", "w"]);
  const all = graph.initializer(tensorFromNumbers("linear.weight", "F32", parameters, [parameters.length]));
  const split = graph.addAll("Split", [all, graph.integers([channels, 1])], { axis: 0 }, { outputs: 2 });
  const weight = graph.add("Reshape", [split[0], graph.integers([1, channels, 1, 1])]);
  graph.output(graph.add("Conv", [x, weight, split[1]], { kernel_shape: [1, 1] }), outputName);
  const layouts = [imageLayout("input", channels), imageLayout(outputName, 1)].map(
    ({ name, layout }) => [`rmtc.layout.${name}`, JSON.stringify(layout)] as const,
  );
  const metadata = new Map([["rmtc.stride", "1"], ...layouts]);
  const variant = join(outputFolder, "weights.onnx");
  await replaceFile(variant, [onnxToBytes(graph.finish({ metadata }))]);
  return {
    file: { path, mediaType: "application/vnd.safetensors" },
    variants: [{ path: variant, mediaType: "application/vnd.onnx" }],
  };
}

function vector(dtype: "F32" | "U8", data: Float32Array | Uint8Array): Tensor {
  const shape = [data.length];
  return tensorOf(dtype, shape, data.slice(), { dtype, shape, axes: ["n"] });
}
