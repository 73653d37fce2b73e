// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  type MetricPoint,
  type MetricValue,
  RmtcError,
  type TrainedNetwork,
  type Trainer,
  type TrainerCapabilities,
  type TrainerFile,
  type TrainingEvent,
  type TrainingJob,
  type TrainOptions,
} from "@rmtc/contract";
import { elementCount } from "@rmtc/tensor";
import { GuestProcess, siblingModule } from "@rmtc/wire";
import { architectureNames, buildNetwork } from "./build-network.ts";
import { hyperparameterSchema } from "./hyperparameters.ts";
import type { OnnxTrainerOptions } from "./onnx-trainer-options.ts";
import { parseOptions } from "./parse-options.ts";
import type {
  CheckpointRequest,
  FinishedTraining,
  OpenedTraining,
  OpenRequest,
  RunStepsRequest,
  StepMetrics,
} from "./training-protocol.ts";

/** Steps are asked for so many at a time that news of them come about this often. */
const PAGE_MILLISECONDS = 1000;

/** Most steps in one page, so that an abort or a dead host is noticed. */
const MAX_PAGE_STEPS = 100;

/**
 * Trains small convolutional networks with onnxruntime: forward pass, losses, backward pass and Adam are one ONNX
 * graph that a child process runs.
 *
 * The same job gives the same bits on the same machine, with any number of threads, and also when it is killed
 * and goes on from its last checkpoint.
 *
 * @see spec/draft/trainer.md
 */
export class OnnxTrainer implements Trainer {
  readonly name = "onnx";
  readonly capabilities: TrainerCapabilities = {
    architectures: architectureNames,
    losses: ["l1", "l2", "bce"],
    resume: true,
    deterministic: true,
    platform: { year: "CY2027", needs: { "onnx-opset": "17", "onnx-ir": "8" } },
  };
  readonly #options: OnnxTrainerOptions;
  readonly #guests = new Set<GuestProcess>();
  #closed = false;

  constructor(options: OnnxTrainerOptions) {
    this.#options = options;
  }

  async describe(job: Pick<TrainingJob, "architecture" | "hyperparameters">): Promise<TrainedNetwork> {
    if (this.#closed) throw closedError();
    parseOptions(hyperparameterSchema, job.hyperparameters, "/hyperparameters");
    const { inputs, outputs, parameters } = buildNetwork(job.architecture);
    return {
      parameterCount: parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0),
      inputs,
      outputs,
    };
  }

  async *train(job: TrainingJob, options: TrainOptions): AsyncGenerator<TrainingEvent, void> {
    await this.describe(job);
    checkJob(job, this.capabilities);
    const guest = new GuestProcess(siblingModule(import.meta.url, "./training-process"));
    this.#guests.add(guest);
    try {
      yield* this.#events(guest, job, options);
    } catch (error) {
      throw this.#closed ? closedError() : error;
    } finally {
      const ended = guest.terminate().finally(() => this.#guests.delete(guest));
      // An abort is answered at once; whoever disposes of the trainer waits for the process.
      if (options.signal?.aborted !== true) await ended;
    }
  }

  /** Ends every training that is under way with `RMTC_STATE_INVALID`, and starts none from now on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#guests].map((guest) => guest.terminate()));
  }

  async *#events(
    guest: GuestProcess,
    job: TrainingJob,
    options: TrainOptions,
  ): AsyncGenerator<TrainingEvent, void> {
    const { signal } = options;
    const request: OpenRequest = { job, threads: this.#options.threads };
    const opened = await guest.call<OpenedTraining>("open", request, { signal });
    const { parameterCount, items } = opened;
    let step = opened.fromStep;
    yield { type: "started", parameterCount, fromStep: step };
    let pageSteps = 1;
    while (step < job.steps) {
      const stepCount = Math.min(pageSteps, nextStop(step, job) - step);
      const plan = await options.plan({ items, fromStep: step + 1, stepCount });
      if (plan.steps.length !== stepCount) {
        throw new RmtcError(
          "RMTC_STATE_INVALID",
          `The plan gave ${plan.steps.length} steps for ${stepCount}.`,
        );
      }
      const started = performance.now();
      const page: RunStepsRequest = { steps: plan.steps };
      yield metricsEvent(await guest.call<readonly StepMetrics[]>("run", page, { signal }));
      const milliseconds = (performance.now() - started) / stepCount;
      pageSteps = Math.max(1, Math.min(MAX_PAGE_STEPS, Math.round(PAGE_MILLISECONDS / milliseconds)));
      step += stepCount;
      if (isDue(step, job.validateEverySteps, job) && job.validationItems.length > 0) {
        yield metricsEvent(await guest.call<readonly StepMetrics[]>("validate", undefined, { signal }));
      }
      if (isDue(step, job.checkpointEverySteps, job)) {
        const checkpoint: CheckpointRequest = { sampler: plan.state };
        const file = await guest.call<TrainerFile>("saveCheckpoint", checkpoint, { signal });
        yield { type: "checkpoint", step, file };
      }
    }
    const finished = await guest.call<FinishedTraining>("finish", undefined, { signal });
    yield { type: "weights", step, parameterCount, ...finished };
  }
}

function closedError(): RmtcError {
  return new RmtcError("RMTC_STATE_INVALID", "The trainer was closed; open another.");
}

/** The next step after `step` at which something is due. */
function nextStop(step: number, job: TrainingJob): number {
  const after = (every: number): number => (Math.floor(step / every) + 1) * every;
  return Math.min(job.steps, after(job.checkpointEverySteps), after(job.validateEverySteps));
}

function isDue(step: number, every: number, job: TrainingJob): boolean {
  return step % every === 0 || step === job.steps;
}

function metricsEvent(metrics: readonly StepMetrics[]): TrainingEvent {
  const at = new Date().toISOString();
  const points = metrics.flatMap(({ step, values }) =>
    Object.entries(values).map(([key, value]): MetricPoint => ({ key, step, value: metricValue(value), at })),
  );
  return { type: "metrics", points };
}

function metricValue(value: number): MetricValue {
  return Number.isFinite(value) ? value : (String(value) as MetricValue);
}

function checkJob(job: TrainingJob, { losses }: TrainerCapabilities): void {
  const fail = (pointer: string, problem: string): never => {
    throw new RmtcError("RMTC_OPTION_INVALID", problem, { pointer });
  };
  for (const field of ["steps", "checkpointEverySteps", "validateEverySteps"] as const) {
    if (!Number.isSafeInteger(job[field]) || job[field] < 1) {
      fail(`/${field}`, `${field} is ${job[field]}; it must be a whole number from 1.`);
    }
  }
  if (!Number.isSafeInteger(job.seed) || job.seed < 0)
    fail("/seed", "The seed must be a whole number from 0.");
  if (job.trainItems.length === 0) fail("/trainItems", "A training needs at least one item.");
  for (const [index, { loss }] of job.losses.entries()) {
    if (!losses.includes(loss)) {
      fail(
        `/losses/${index}/loss`,
        `There is no loss ${JSON.stringify(loss)}; there are ${losses.join(", ")}.`,
      );
    }
  }
  const names = job.losses.map((term) => term.name);
  if (names.length === 0) fail("/losses", "A training needs at least one loss term.");
  if (new Set(names).size !== names.length) fail("/losses", "Loss terms must differ in name.");
  if (names.includes("loss") && (names.length > 1 || job.losses[0]?.weight !== 1)) {
    fail("/losses", "The weighted sum of terms is called loss; give the term of that name another.");
  }
}
