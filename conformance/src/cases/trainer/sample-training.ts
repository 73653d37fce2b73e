// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@rmtc/attest";
import type {
  MetricPoint,
  PlanSource,
  Trainer,
  TrainingEvent,
  TrainingItem,
  TrainingJob,
  TrainOptions,
} from "@rmtc/contract";
import type { NamedLayout, PlanSample } from "@rmtc/spec";
import type { CaseContext } from "../../conformance-case.ts";
import { type Pixel, writeSampleImage } from "./sample-image.ts";

type Context = Pick<CaseContext<Trainer>, "store" | "fixture" | "folder">;

/** Columns and rows of every item. */
export const itemSize = [24, 20] as const;

/** What the images of an item hold: each input channel, and the truth in every output channel. */
export interface ItemPixels {
  readonly input: (channel: number) => Pixel;
  readonly truth: Pixel;
}

/** A training to be: its job and the files of its items. */
export interface SampleTraining {
  readonly job: TrainingJob;
  /** Names of the input and output channels in the images, in the order of slots. */
  readonly channels: { readonly input: readonly string[]; readonly truth: readonly string[] };
}

/** A linear function of each pixel, and so something that every network can learn. */
export function linearPixels(index: number): ItemPixels {
  const input =
    (channel: number): Pixel =>
    (x, y) =>
      ((x * 7 + y * 13 + channel * 5 + index * 3) % 32) / 32;
  return { input, truth: (x, y) => 0.2 + 0.6 * input(0)(x, y) };
}

/** Writes four items of {@link linearPixels}, and makes a job that learns from three and is measured by one. */
export async function sampleTraining(
  context: Context,
  change: Partial<TrainingJob> = {},
  pixels: (index: number) => ItemPixels = linearPixels,
  size: readonly [number, number] = itemSize,
): Promise<SampleTraining> {
  const { store, fixture, folder } = context;
  const { architectures, losses } = store.capabilities;
  const architecture = fixture.architecture ?? { name: architectures[0] ?? "", options: {} };
  const hyperparameters = fixture.hyperparameters ?? {};
  const { inputs, outputs } = await store.describe({ architecture, hyperparameters });
  const [input, output] = [inputs[0], outputs[0]];
  assert.ok(input && output && inputs.length === 1, "the fixture's network needs one input");
  const channels = {
    input: Array.from({ length: channelCount(input) }, (_, channel) => `in.${channel}`),
    truth: Array.from({ length: channelCount(output) }, (_, channel) => `truth.${channel}`),
  };
  const items: TrainingItem[] = [];
  const images = await mkdtemp(join(folder, "images-"));
  for (let index = 0; index < 4; index++) {
    items.push(await writeItem(join(images, `frame.${index}.exr`), index, channels, pixels(index), size));
  }
  await mkdir(join(folder, "out"), { recursive: true });
  const job: TrainingJob = {
    architecture,
    inputs: { plate: input.name },
    trainItems: items.slice(0, 3),
    validationItems: items.slice(3),
    losses: [
      {
        name: "fit",
        loss: losses.includes("l2") ? "l2" : (losses[0] ?? "l2"),
        output: output.name,
        target: "truth",
        weight: 1,
      },
    ],
    hyperparameters,
    seed: 7,
    steps: 6,
    checkpointEverySteps: 4,
    validateEverySteps: 3,
    outputFolder: await mkdtemp(join(folder, "out", "run-")),
    ...change,
  };
  return { job, channels };
}

/** Gives a job another output folder, and what else changes. */
export async function again(
  { folder }: Pick<Context, "folder">,
  job: TrainingJob,
  change: Partial<TrainingJob> = {},
): Promise<TrainingJob> {
  return { ...job, outputFolder: await mkdtemp(join(folder, "out", "run-")), ...change };
}

/** Counts the channels of an image's layout. */
export function channelCount({ layout }: NamedLayout): number {
  return layout.channels?.length ?? layout.shape[layout.axes.indexOf("c")] ?? 1;
}

async function writeItem(
  path: string,
  index: number,
  channels: SampleTraining["channels"],
  pixels: ItemPixels,
  size: readonly [number, number],
): Promise<TrainingItem> {
  const all: Record<string, Pixel> = { "unused.A": (x, y) => 1_000 * (x + y + index) };
  for (const [channel, name] of channels.input.entries()) all[name] = pixels.input(channel);
  for (const name of channels.truth) all[name] = pixels.truth;
  await writeSampleImage(path, size, all);
  const slots = { plate: { path, channels: channels.input }, truth: { path, channels: channels.truth } };
  return { key: `frame-${index}`, slots };
}

/** A plan of two samples a step that is a function of the step: crops of 16 by 16 that wander over the items. */
export const samplePlan: PlanSource = planOf((step, count) =>
  [0, 1].map((place) => {
    const choice = step * 7 + place * 3;
    return {
      item: choice % count,
      crop: { x: choice % 9, y: choice % 5, width: 16, height: 16 },
      flipX: choice % 2 === 0,
      flipY: choice % 3 === 0,
      exposureStops: 0,
    };
  }),
);

/** Makes a plan from what each step sees; `count` is the number of items. */
export function planOf(samplesOf: (step: number, count: number) => PlanSample[]): PlanSource {
  return async ({ items, fromStep, stepCount }) => ({
    losses: [{ name: "fit", loss: "l2", output: "out", target: "truth", weight: 1 }],
    steps: Array.from({ length: stepCount }, (_, index) => ({
      step: fromStep + index,
      samples: samplesOf(fromStep + index, items.length),
    })),
    state: { step: fromStep + stepCount - 1 },
  });
}

/** Trains to the end and returns every event. */
export async function train(
  { store }: Pick<Context, "store">,
  job: TrainingJob,
  options: Partial<TrainOptions> = {},
): Promise<readonly TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of store.train(job, { plan: samplePlan, ...options })) events.push(event);
  return events;
}

/** Returns the points of a metric, or of all. */
export function pointsOf(events: readonly TrainingEvent[], key?: string): readonly MetricPoint[] {
  const points = events.flatMap((event) => (event.type === "metrics" ? event.points : []));
  return key === undefined ? points : points.filter((point) => point.key === key);
}

/** Returns the values of a metric as numbers. */
export function valuesOf(events: readonly TrainingEvent[], key: string): readonly number[] {
  return pointsOf(events, key).map(({ value }) => Number(value));
}

/** Returns the last event, which has to be `weights`. */
export function weightsOf(
  events: readonly TrainingEvent[],
): Extract<TrainingEvent, { readonly type: "weights" }> {
  const last = events.at(-1);
  assert.ok(last?.type === "weights", `the last event is ${last?.type}`);
  return last;
}

/** Returns the checkpoints in their order. */
export function checkpointsOf(
  events: readonly TrainingEvent[],
): readonly Extract<TrainingEvent, { readonly type: "checkpoint" }>[] {
  return events.filter((event) => event.type === "checkpoint");
}

/** What a training left: digests of its files, its history and the items it read, without times and paths. */
export async function outcomeOf(
  events: readonly TrainingEvent[],
): Promise<Readonly<Record<string, unknown>>> {
  const { file, variants, consumed, step, parameterCount } = weightsOf(events);
  const checkpoints: Record<number, string> = {};
  for (const checkpoint of checkpointsOf(events)) {
    checkpoints[checkpoint.step] = await digestOf(checkpoint.file.path);
  }
  const history = pointsOf(events).map((point) => `${point.key} ${point.step} ${point.value}`);
  return {
    step,
    parameterCount,
    weights: await digestOf(file.path),
    variants: await Promise.all(variants.map(({ path }) => digestOf(path))),
    checkpoints,
    history: history.sort(),
    consumed,
  };
}

/** Returns the digest of a file's bytes. */
export async function digestOf(path: string): Promise<string> {
  return sha256(await readFile(path));
}
