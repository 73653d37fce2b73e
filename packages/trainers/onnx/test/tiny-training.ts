// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlanSource, TrainingEvent, TrainingItem, TrainingJob, TrainOptions } from "@rmtc/contract";
import { exrPartFromTensor, writeExr } from "@rmtc/image";
import { tensorOf } from "@rmtc/tensor";
import { OnnxTrainer } from "../src/index.ts";

const WIDTH = 24;
const HEIGHT = 20;

/** A folder with a few pictures of a bright disc on noise, and jobs that learn to find it. */
export class TinyTraining implements AsyncDisposable {
  readonly folder: string;
  readonly items: readonly TrainingItem[];

  private constructor(folder: string, items: readonly TrainingItem[]) {
    this.folder = folder;
    this.items = items;
  }

  static async create(): Promise<TinyTraining> {
    const folder = await mkdtemp(join(tmpdir(), "rmtc-trainer-"));
    const items: TrainingItem[] = [];
    for (let index = 0; index < 4; index++) items.push(await writeItem(folder, index));
    return new TinyTraining(folder, items);
  }

  /** A job whose files go to a new folder. */
  async job(change: Partial<TrainingJob> = {}): Promise<TrainingJob> {
    return {
      architecture: {
        name: "unet",
        options: { widths: [4, 8], encoderConvolutions: 1, inputTransform: "sqrt" },
      },
      inputs: { plate: "input" },
      trainItems: this.items.slice(0, 3),
      validationItems: this.items.slice(3),
      losses: [{ name: "bce", loss: "bce", output: "matte", target: "matte", weight: 1 }],
      hyperparameters: { learningRate: 0.02 },
      seed: 7,
      steps: 12,
      checkpointEverySteps: 4,
      validateEverySteps: 6,
      outputFolder: await mkdtemp(join(this.folder, "output-")),
      ...change,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

async function writeItem(folder: string, index: number): Promise<TrainingItem> {
  const path = join(folder, `frame.${index}.exr`);
  const values = new Float32Array(WIDTH * HEIGHT * 4);
  let noise = index + 1;
  for (let at = 0; at < WIDTH * HEIGHT; at++) {
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
    const inside = Math.hypot(x - 8 - 2 * index, y - 9) < 6 ? 1 : 0;
    const level = 0.1 + 0.5 * inside + (noise / 2 ** 32) * 0.2;
    values.set([level, level * 0.9, level * 0.8, inside], at * 4);
  }
  const tensor = tensorOf("F32", [HEIGHT, WIDTH, 4], values);
  await writeExr(path, { parts: [await exrPartFromTensor(tensor, { names: ["R", "G", "B", "matte.A"] })] });
  return {
    key: `frame-${index}`,
    slots: { plate: { path, channels: ["R", "G", "B"] }, matte: { path, channels: ["matte.A"] } },
  };
}

/** A plan that is a function of the step alone: two crops of 16x16, wandering over the items. */
export const plan: PlanSource = async ({ items, fromStep, stepCount }) => ({
  losses: [],
  state: { step: fromStep + stepCount - 1 },
  steps: Array.from({ length: stepCount }, (_, index) => {
    const step = fromStep + index;
    return {
      step,
      samples: [0, 1].map((place) => {
        const choice = step * 7 + place * 3;
        return {
          item: choice % items.length,
          crop: { x: choice % 9, y: choice % 5, width: 16, height: 16 },
          flipX: choice % 2 === 0,
          flipY: choice % 3 === 0,
          exposureStops: ((choice % 5) - 2) / 4,
        };
      }),
    };
  }),
});

/** Trains to the end and returns all events. */
export async function train(
  job: TrainingJob,
  options: Partial<TrainOptions> = {},
  threads = 1,
): Promise<readonly TrainingEvent[]> {
  await using trainer = new OnnxTrainer({ threads });
  const events: TrainingEvent[] = [];
  for await (const event of trainer.train(job, { plan, ...options })) events.push(event);
  return events;
}

/** What a finished training left: file digests by name, and every metric without its time. */
export interface Outcome {
  readonly files: Readonly<Record<string, string>>;
  readonly metrics: readonly string[];
}

/** Gathers what events say; files are digested at once. */
export class OutcomeRecorder {
  readonly #files: Record<string, string> = {};
  #metrics: { readonly step: number; readonly line: string }[] = [];
  lastCheckpoint: { readonly step: number; readonly path: string } | undefined;

  /** Forgets what came after the last checkpoint, as a run store does with a new attempt. */
  resume(): void {
    const step = this.lastCheckpoint?.step ?? 0;
    this.#metrics = this.#metrics.filter((point) => point.step <= step);
  }

  async add(event: TrainingEvent): Promise<void> {
    if (event.type === "metrics") {
      for (const { key, step, value } of event.points)
        this.#metrics.push({ step, line: `${key} ${step} ${value}` });
    }
    if (event.type === "checkpoint") {
      this.lastCheckpoint = { step: event.step, path: event.file.path };
      this.#files[`checkpoint-${event.step}`] = await digest(event.file.path);
    }
    if (event.type === "weights") {
      this.#files.weights = await digest(event.file.path);
      this.#files.onnx = await digest(event.variants[0]?.path ?? "");
      this.#files.consumed = event.consumed.join(" ");
    }
  }

  get outcome(): Outcome {
    return { files: this.#files, metrics: this.#metrics.map((point) => point.line).sort() };
  }
}

/** Trains to the end and returns what it left. */
export async function outcomeOf(job: TrainingJob, threads = 1): Promise<Outcome> {
  const recorder = new OutcomeRecorder();
  for (const event of await train(job, {}, threads)) await recorder.add(event);
  return recorder.outcome;
}

async function digest(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
