// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  isRmtcError,
  type MetricPoint,
  type PlatformTarget,
  RmtcError,
  type Trainer,
  type TrainerFile,
  type TrainingEvent,
  type TrainingJob,
} from "@rmtc/contract";
import { onnxToBytes, parseOnnx } from "@rmtc/onnx";
import type { PlanSample } from "@rmtc/spec";
import { parseSafetensors, safetensorsToBytes } from "@rmtc/tensor";
import { trainerTraits } from "../../../src/cases/trainer/operations.ts";
import type { Double } from "../double.ts";
import { traitDoubles } from "../trait-doubles.ts";
import { alsoCaughtBy } from "./also-caught-by.ts";
import { MemoryTrainer } from "./memory-trainer.ts";

type Events = AsyncIterable<TrainingEvent>;

let written = 0;

/** Every double of a trainer. */
export const trainerDoubles: readonly Double<Trainer>[] = [
  targeting("targets-a-year-to-come", { year: "CY1999", needs: { "onnx-opset": "17" } }),
  targeting("targets-a-year-without-a-need", { year: "CY2027", needs: {} }),
  targeting("needs-what-no-year-has", { year: "CY2027", needs: { "acme-engine": "1.0" } }),
  targeting("needs-more-than-the-year-has", { year: "CY2027", needs: { "onnx-opset": "99" } }),
  given("passes-unknown-options-over", "jobs.unknown", (job) => ({
    ...job,
    architecture: { name: "linear", options: only(job.architecture.options, "channels") },
    hyperparameters: only(job.hyperparameters, "learningRate"),
  })),
  double("describes-anything", "jobs.described", (good) => ({
    describe: (job) =>
      good.describe(job).catch((error: unknown) => {
        if (!isRmtcError(error, "RMTC_OPTION_INVALID")) throw error;
        return good.describe({ architecture: { name: "linear", options: {} }, hyperparameters: {} });
      }),
  })),
  double("counts-one-parameter-more", "jobs.network", (good) => ({
    async describe(job) {
      const network = await good.describe(job);
      return { ...network, parameterCount: network.parameterCount + 1 };
    },
  })),
  given("takes-l2-for-anything", "jobs.loss", (job) => ({
    ...job,
    losses: job.losses.map((term) =>
      /^(l1|l2|bce)$/.test(term.loss) ? term : { ...term, loss: "l2" as const },
    ),
  })),
  failing("names-no-item", "items.sizes", (error) =>
    isRmtcError(error, "RMTC_LAYOUT_MISMATCH")
      ? new RmtcError(error.code, "The slots differ in size.")
      : error,
  ),
  given("reads-the-channels-it-needs", "items.channel-count", (job) => ({
    ...job,
    trainItems: job.trainItems.map((item) => ({
      ...item,
      slots: Object.fromEntries(
        Object.entries(item.slots).map(([name, { path, channels }]) => [
          name,
          { path, channels: channels.filter((channel) => channel !== "unused.A") },
        ]),
      ),
    })),
  })),
  failing("names-no-file", "items.not-finite", (error) =>
    isRmtcError(error, "RMTC_VALUE_INVALID") ? new RmtcError(error.code, "A pixel is no number.") : error,
  ),
  otherCode("fails-on-damage", "items.damaged", "RMTC_FORMAT_INVALID", "RMTC_PROCESS_FAILED"),
  given("sorts-channels", "items.channels", (job) => ({
    ...job,
    trainItems: job.trainItems.map((item) => ({
      ...item,
      slots: Object.fromEntries(
        Object.entries(item.slots).map(([name, { path, channels }]) => [
          name,
          { path, channels: channels.toSorted() },
        ]),
      ),
    })),
  })),
  sampled("crops-at-the-corner", "sample.crop", (sample) => ({
    ...sample,
    crop: sample.crop.x === 5 ? { ...sample.crop, x: 0, y: 0 } : sample.crop,
  })),
  double("mirrors-inputs-across", "sample.mirrored-x", mirrorsInputs("flipY")),
  double("mirrors-inputs-down", "sample.mirrored-y", mirrorsInputs("flipX")),
  sampled("keeps-exposure", "sample.exposure", (sample) => ({ ...sample, exposureStops: 0 })),
  pointed("adds-losses-without-weights", "sample.loss", (point, all, { losses }) => {
    const sum = losses.reduce(
      (total, { name }) => total + Number(all.find(({ key }) => key === name)?.value),
      0,
    );
    return point.key === "loss" ? { ...point, value: sum } : point;
  }),
  given("hardly-learns", "sample.learns", (job) => ({ ...job, hyperparameters: { learningRate: 1e-7 } })),
  pointed("lets-bce-run-away", "sample.bce-finite", (point, _, { losses, steps }) =>
    losses[0]?.loss === "bce" && losses.length === 1 && steps === 4 ? { ...point, value: "Infinity" } : point,
  ),
  sampled("shows-items-a-step-late", "plan.samples", (sample, step) =>
    step === 4 ? { ...sample, item: 1 } : sample,
  ),
  double("asks-ahead", "plan.asked", (good) => ({
    train: (job, options) =>
      good.train(job, {
        ...options,
        async plan(request) {
          await options.plan({ ...request, fromStep: request.fromStep + request.stepCount });
          return await options.plan(request);
        },
      }),
  })),
  sampled("makes-samples-fit", "plan.misfit", (sample) => ({
    ...sample,
    item: Math.min(2, sample.item),
    crop: {
      ...sample.crop,
      x: Math.min(8, sample.crop.x),
      y: Math.min(4, sample.crop.y),
      height: Math.max(16, sample.crop.height),
    },
  })),
  given("draws-for-validation", "plan.validation", (job) => ({
    ...job,
    seed: job.seed + job.validationItems.length,
  })),
  reporting("says-goodbye", "events.order", async function* (events) {
    yield* events;
    yield { type: "metrics", points: [] };
  }),
  kept("reports-terms-now-and-then", "events.losses", ({ key, step }) => key !== "again" || step % 2 === 1),
  kept(
    "measures-no-end",
    "events.validation",
    ({ key, step }) => !key.startsWith("validation.") || step !== 5,
  ),
  reporting("writes-no-last-checkpoint", "events.checkpoints", async function* (events, { steps }) {
    for await (const event of events) {
      if (event.type !== "checkpoint" || event.step !== steps || steps !== 7) yield event;
    }
  }),
  reporting("measures-after-the-checkpoint", "events.before-checkpoint", async function* (events) {
    let held: TrainingEvent | undefined;
    for await (const event of events) {
      const measured =
        event.type === "metrics" && event.points.some(({ key }) => key.startsWith("validation."));
      if (measured) held = event;
      else yield event;
      if (measured || held === undefined) continue;
      yield held;
      held = undefined;
    }
  }),
  reporting("ends-files-later", "events.files", async function* (events, { checkpointEverySteps }) {
    let last: string | undefined;
    for await (const event of events) {
      if (last !== undefined) await appendFile(last, " ");
      last = event.type === "checkpoint" && checkpointEverySteps === 2 ? event.file.path : undefined;
      yield event;
    }
  }),
  reporting("keeps-a-log-beside", "events.folder", async function* (events, { outputFolder }) {
    await writeFile(join(dirname(outputFolder), "trainer.log"), "started");
    yield* events;
  }),
  reporting("consumes-everything", "events.consumed", async function* (events, { trainItems }) {
    for await (const event of events) {
      yield event.type === "weights" ? { ...event, consumed: trainItems.map(({ key }) => key) } : event;
    }
  }),
  otherCode("fails-on-large-losses", "events.not-finite", "RMTC_VALUE_INVALID", "RMTC_PROCESS_FAILED"),
  rewriting("writes-no-layouts", "weights.safetensors", ({ tensors }) => ({
    tensors: new Map([...tensors].map(([name, { layout: _, ...tensor }]) => [name, tensor])),
  })),
  rewriting("signs-its-work", "weights.anonymous", () => ({ metadata: { made: "2026-11-23T10:00:00Z" } })),
  double("runs-pickles", "weights.no-pickle", (good) => ({
    async *train(job, options) {
      for (const path of [job.resumeFrom, job.initializeFrom]) {
        const text = path === undefined ? "" : await readFile(path, "utf8").catch(() => "");
        const [, command] = /^cos\nsystem\n\(S"(.*)"/.exec(text) ?? [];
        if (command !== undefined) execFileSync("sh", ["-c", command]);
      }
      yield* good.train(job, options);
    },
  })),
  rewriting("counts-its-files", "weights.repeatable", () => ({ metadata: { count: String(++written) } })),
  given("starts-from-nothing", "weights.initialize", (job) => ({ ...job, initializeFrom: undefined })),
  variant("rounds-a-variant", "weights.variants", (model) => ({
    ...model,
    graph: {
      ...model.graph,
      initializers: model.graph.initializers.map((one) => ({
        ...one,
        data: one.data?.map((byte) => byte & 0xf0),
      })),
    },
  })),
  variant("exports-no-layouts", "weights.onnx-layouts", (model) => ({ ...model, metadata: new Map() })),
  given("starts-over", "resume.goes-on", (job) => ({ ...job, resumeFrom: undefined })),
  double("takes-any-checkpoint-for-the-end", "resume.refused", (good) => ({
    async *train(job, options) {
      try {
        yield* good.train(job, options);
      } catch (error) {
        if (!isRmtcError(error, "RMTC_STATE_INVALID") || job.resumeFrom === undefined) throw error;
      }
    },
  })),
  otherCode(
    "takes-other-networks-for-damage",
    "resume.other-architecture",
    "RMTC_DIGEST_MISMATCH",
    "RMTC_FORMAT_INVALID",
  ),
  double("writes-on", "ended.early", (good) => ({
    async *train(job, options) {
      let over = false;
      try {
        yield* good.train(job, options);
        over = true;
      } finally {
        if (!over)
          setTimeout(() => void writeFile(join(job.outputFolder, "late"), "").catch(() => undefined), 50);
      }
    },
  })),
  double("ends-in-silence-when-closed", "ended.closed", (good) => ({
    async *train(job, options) {
      let started = false;
      try {
        for await (const event of good.train(job, options)) {
          started = true;
          yield event;
        }
      } catch (error) {
        if (!started || !isRmtcError(error, "RMTC_STATE_INVALID")) throw error;
      }
    },
  })),
  otherCode("takes-a-death-for-a-state", "crash.failed", "RMTC_PROCESS_FAILED", "RMTC_STATE_INVALID"),
  pointed("repeats-a-step-after-a-crash", "crash.resumed", (point, _, { resumeFrom, steps }) =>
    resumeFrom !== undefined && steps === 60 ? { ...point, value: Number(point.value) + 1 } : point,
  ),
  reporting("leaves-halves", "crash.whole-files", async function* (events) {
    let last: TrainerFile | undefined;
    let step = 0;
    try {
      for await (const event of events) {
        if (event.type === "checkpoint") [last, step] = [event.file, event.step];
        yield event;
      }
    } catch (error) {
      if (last !== undefined && isRmtcError(error, "RMTC_PROCESS_FAILED")) {
        const half = (await readFile(last.path)).subarray(0, 200);
        await writeFile(join(dirname(last.path), `checkpoint-${step + 1}.safetensors`), half);
      }
      throw error;
    }
  }),
  ...traitDoubles({
    traits: trainerTraits,
    isHeavy: async (_, [job]) => (job as TrainingJob).steps === 3,
    alsoCaughtBy,
  }),
];

function given(id: string, breaks: string, change: (job: TrainingJob) => TrainingJob): Double<Trainer> {
  return double(id, breaks, (good) => ({ train: (job, options) => good.train(change(job), options) }));
}

/** A double that sees other samples than the plan has. */
function sampled(
  id: string,
  breaks: string,
  change: (sample: PlanSample, step: number) => PlanSample,
): Double<Trainer> {
  return double(id, breaks, (good) => ({
    train: (job, options) =>
      good.train(job, {
        ...options,
        async plan(request) {
          const { steps, ...rest } = await options.plan(request);
          const made = steps.map(({ step, samples }) => ({
            step,
            samples: samples.map((one) => change(one, step)),
          }));
          return { ...rest, steps: made };
        },
      }),
  }));
}

/** Mirrors inputs and not targets, one way; the other way it mirrors neither, which a linear network cannot tell. */
function mirrorsInputs(never: "flipX" | "flipY"): Double<Trainer>["alter"] {
  return (good) => ({
    train(job, options) {
      const wrong = new MemoryTrainer(true, false);
      const trainer = job.steps === 3 ? wrong : good;
      return trainer.train(job, {
        ...options,
        async plan(request) {
          const { steps, ...rest } = await options.plan(request);
          const without = (sample: PlanSample): PlanSample => ({ ...sample, [never]: false });
          return {
            ...rest,
            steps: steps.map(({ step, samples }) => ({ step, samples: samples.map(without) })),
          };
        },
      });
    },
  });
}

/** A double that reports other values. */
function pointed(
  id: string,
  breaks: string,
  change: (point: MetricPoint, all: readonly MetricPoint[], job: TrainingJob) => MetricPoint,
): Double<Trainer> {
  return reporting(id, breaks, async function* (events, job) {
    for await (const event of events) {
      if (event.type !== "metrics") yield event;
      else yield { ...event, points: event.points.map((point) => change(point, event.points, job)) };
    }
  });
}

/** A double that leaves points out. */
function kept(id: string, breaks: string, keeps: (point: MetricPoint) => boolean): Double<Trainer> {
  return reporting(id, breaks, async function* (events) {
    for await (const event of events) {
      yield event.type === "metrics" ? { ...event, points: event.points.filter(keeps) } : event;
    }
  });
}

/** A double that writes its weights otherwise. */
function rewriting(
  id: string,
  breaks: string,
  change: (file: ReturnType<typeof parseSafetensors>) => Partial<{
    readonly tensors: ReturnType<typeof parseSafetensors>["tensors"];
    readonly metadata: Readonly<Record<string, string>>;
  }>,
): Double<Trainer> {
  return reporting(id, breaks, async function* (events) {
    for await (const event of events) {
      if (event.type === "weights") {
        const file = parseSafetensors(await readFile(event.file.path));
        const { tensors = file.tensors, metadata = {} } = change(file);
        await writeFile(event.file.path, safetensorsToBytes(tensors, { metadata }));
      }
      yield event;
    }
  });
}

/** A double that exports another ONNX model. */
function variant(
  id: string,
  breaks: string,
  change: (model: ReturnType<typeof parseOnnx>) => ReturnType<typeof parseOnnx>,
): Double<Trainer> {
  return reporting(id, breaks, async function* (events) {
    for await (const event of events) {
      for (const { path } of event.type === "weights" ? event.variants : []) {
        await writeFile(path, onnxToBytes(change(parseOnnx(await readFile(path)))));
      }
      yield event;
    }
  });
}

function otherCode(
  id: string,
  breaks: string,
  code: RmtcError["code"],
  other: RmtcError["code"],
): Double<Trainer> {
  return failing(id, breaks, (error) =>
    isRmtcError(error, code) ? new RmtcError(other, error.message) : error,
  );
}

function failing(id: string, breaks: string, change: (error: unknown) => unknown): Double<Trainer> {
  return reporting(id, breaks, async function* (events) {
    try {
      yield* events;
    } catch (error) {
      throw change(error);
    }
  });
}

function reporting(
  id: string,
  breaks: string,
  change: (events: Events, job: TrainingJob) => Events,
): Double<Trainer> {
  return double(id, breaks, (good) => ({ train: (job, options) => change(good.train(job, options), job) }));
}

function only(options: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  return name in options ? { [name]: options[name] } : {};
}

/** A double that declares another target. */
function targeting(id: string, platform: PlatformTarget): Double<Trainer> {
  return double(id, "platform.fits", (good) => ({ capabilities: { ...good.capabilities, platform } }));
}

function double(id: string, breaks: string, alter: Double<Trainer>["alter"]): Double<Trainer> {
  return { id, breaks: `trainer.${breaks}`, alsoCaughtBy: alsoCaughtBy[id] ?? [], alter };
}
