// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type PlanRequest, RmtcError, type TrainingStrategy } from "@rmtc/contract";
import type { PlanSample, TrainingPlan } from "@rmtc/spec";
import { trainingStrategyTraits } from "../../../src/cases/training-strategy/operations.ts";
import { planItems } from "../../../src/cases/training-strategy/sample-requests.ts";
import type { Double } from "../double.ts";
import { traitDoubles } from "../trait-doubles.ts";
import { alsoCaughtBy } from "./also-caught-by.ts";

type Change = (plan: TrainingPlan, request: PlanRequest) => TrainingPlan;

const samples = (change: (sample: PlanSample, at: number) => PlanSample): Change => {
  return (plan) => ({
    ...plan,
    steps: plan.steps.map((step) => ({ ...step, samples: step.samples.map(change) })),
  });
};

/** Every double of a training strategy. */
export const trainingStrategyDoubles: readonly Double<TrainingStrategy>[] = [
  planned("adds-a-field", "plan.schema", (plan) => ({ ...plan, made: "by chance" }) as TrainingPlan),
  double("counts-requests", "plan.repeatable", (good) => {
    let requests = 0;
    return {
      async plan(request, options) {
        const plan = await good.plan(request, options);
        requests += 1;
        return requests > 2 ? { ...plan, losses: plan.losses.map((term) => ({ ...term, weight: 9 })) } : plan;
      },
    };
  }),
  double("begins-every-page-anew", "plan.pages", (good) => ({
    async plan(request, options) {
      const { fromStep } = request;
      const { steps, ...rest } = await good.plan({ ...request, fromStep: 1 }, options);
      return { ...rest, steps: steps.map((step, index) => ({ ...step, step: fromStep + index })) };
    },
  })),
  double("counts-in-32-bits", "plan.far", (good) => ({
    async plan(request, options) {
      const { fromStep } = request;
      const near = fromStep > 2 ** 32 ? (fromStep % 2 ** 31) * request.stepCount + 1 : fromStep;
      const { steps, ...rest } = await good.plan({ ...request, fromStep: near }, options);
      return { ...rest, steps: steps.map((step, index) => ({ ...step, step: fromStep + index })) };
    },
  })),
  planned("counts-from-nought", "plan.steps", (plan) => ({
    ...plan,
    steps: plan.steps.map((step) => ({ ...step, step: step.step + 1 })),
  })),
  double("gives-one-step-at-least", "plan.no-steps", (good) => ({
    plan: (request, options) => good.plan({ ...request, stepCount: Math.max(1, request.stepCount) }, options),
  })),
  planned("has-empty-steps", "plan.samples", (plan) => ({
    ...plan,
    steps: plan.steps.map((step) => (step.step === 33 ? { ...step, samples: [] } : step)),
  })),
  planned("mixes-sizes", "plan.one-size", (plan) => ({
    ...plan,
    steps: plan.steps.map(({ step, samples: [one, ...others] }) => ({
      step,
      samples: one === undefined ? [] : [{ ...one, crop: { ...one.crop, width: 8 } }, ...others],
    })),
  })),
  planned(
    "crops-beyond-the-edge",
    "plan.inside",
    samples((sample) => ({ ...sample, crop: { ...sample.crop, x: sample.crop.x + 1 } })),
  ),
  double("refuses-small-items-by-another-code", "plan.too-small", (good) => ({
    plan: (request, options) =>
      good.plan(request, options).catch((error: unknown) => {
        if (!isRmtcError(error, "RMTC_LAYOUT_MISMATCH")) throw error;
        throw new RmtcError("RMTC_OPTION_INVALID", error.message);
      }),
  })),
  planned("names-losses-by-page", "plan.losses", (plan, { fromStep }) => ({
    ...plan,
    losses: plan.losses.map((term) => (fromStep > 100 ? { ...term, name: `${term.name}-late` } : term)),
  })),
  planned("keeps-the-epoch-only", "plan.state", (plan) => ({ ...plan, state: { epoch: plan.state.epoch } })),
  double("takes-negative-steps", "refused.request", (good) => ({
    plan: (request, options) => good.plan({ ...request, fromStep: Math.max(1, request.fromStep) }, options),
  })),
  double("points-nowhere", "refused.pointer", (good) => ({
    plan: (request, options) =>
      good.plan(request, options).catch((error: unknown) => {
        throw isRmtcError(error)
          ? new RmtcError(error.code, error.message, { subject: error.subject })
          : error;
      }),
  })),
  double("takes-small-seeds-only", "refused.largest-seed", (good) => ({
    async plan(request, options) {
      if (request.seed === 2 ** 53 - 1) {
        throw new RmtcError("RMTC_OPTION_INVALID", "The seed is too large.", { pointer: "/seed" });
      }
      return await good.plan(request, options);
    },
  })),
  planned("teaches-from-nowhere", "refused.targets", (plan) => ({
    ...plan,
    losses: plan.losses.map((term) => ({ ...term, target: "" })),
  })),
  double("has-a-key-of-32-bits", "paired.words", (good) => ({
    plan: (request, options) =>
      good.plan(
        { ...request, seed: request.seed >= 2 ** 32 ? request.seed % 2 ** 32 : request.seed },
        options,
      ),
  })),
  planned("visits-items-in-order", "paired.items", (plan, { items }) =>
    samples((sample, at) => ({ ...sample, item: at % items.length }))(plan, never),
  ),
  planned("shuffles-few-items-well", "paired.order", (plan, { items }) =>
    items.length < 40
      ? plan
      : samples((sample) => ({ ...sample, item: items.length - 1 - sample.item }))(plan, never),
  ),
  planned("shifts-choices-by-a-sample", "paired.choices", (plan) => ({
    ...plan,
    steps: plan.steps.map(({ step, samples: all }) => ({
      step,
      samples: all.map(({ item }, at) => ({ ...(all[(at + 1) % all.length] as PlanSample), item })),
    })),
  })),
  planned(
    "crops-one-to-the-left",
    "paired.crop",
    samples((sample) => ({ ...sample, crop: { ...sample.crop, x: Math.max(0, sample.crop.x - 1) } })),
  ),
  planned(
    "flips-the-other-half",
    "paired.flips",
    samples((sample) => ({ ...sample, flipX: !sample.flipX })),
  ),
  planned(
    "changes-exposure-evenly",
    "paired.exposure",
    samples((sample) => ({ ...sample, exposureStops: sample.exposureStops + 1 / 512 })),
  ),
  planned("tells-another-position", "paired.state", (plan) => ({
    ...plan,
    state: { ...plan.state, position: Number(plan.state.position) + 1 },
  })),
  ...traitDoubles({
    traits: trainingStrategyTraits,
    isHeavy: async (_, [request]) => (request as PlanRequest).stepCount === 300,
    alsoCaughtBy,
  }),
];

const never: PlanRequest = { items: planItems, seed: 0, fromStep: 1, stepCount: 0 };

function planned(id: string, breaks: string, change: Change): Double<TrainingStrategy> {
  return double(id, breaks, (good) => ({
    plan: async (request, options) => change(await good.plan(request, options), request),
  }));
}

function double(
  id: string,
  breaks: string,
  alter: Double<TrainingStrategy>["alter"],
): Double<TrainingStrategy> {
  return { id, breaks: `training-strategy.${breaks}`, alsoCaughtBy: alsoCaughtBy[id] ?? [], alter };
}
