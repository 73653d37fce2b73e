// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { CallOptions, Trainer, TrainingJob } from "@rmtc/contract";
import type { CaseContext } from "../../conformance-case.ts";
import type { Operation, TraitSubject } from "../../traits/operation.ts";
import { again, outcomeOf, sampleTraining, train } from "./sample-training.ts";

/** Every method of a trainer, for the traits. */
export const trainerTraits: TraitSubject<Trainer> = {
  prefix: "trainer",
  spec: {
    closed: "trainer.md#rmtc-trn-054",
    closedTwice: "trainer.md#rmtc-trn-054",
    aborted: "trainer.md#rmtc-trn-050",
    abortedMidway: "trainer.md#rmtc-trn-050",
    blocking: "trainer.md#rmtc-trn-052",
    concurrent: "trainer.md#rmtc-trn-046",
  },
  closedCode: "RMTC_STATE_INVALID",
  operations: ["describe", "train"],
  withoutSignal: ["describe"],
  midway: ["train"],
  concurrent: ["train"],
  needs: {},
  prepare: async (context) => operationsOn(context, (await sampleTraining(context)).job),
  async observe(_, { folder }) {
    const entries = await readdir(join(folder, "out"), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  },
  async prepareHeavy(context) {
    const { size } = context;
    const edge = size(512, 32);
    const { job } = await sampleTraining(context, { steps: 3 }, undefined, [edge, edge]);
    return operationsOn(context, job);
  },
  async prepareLong(context) {
    const every = { steps: 1_000_000, checkpointEverySteps: 1_000_000, validateEverySteps: 1_000_000 };
    return operationsOn(context, (await sampleTraining(context, every)).job);
  },
};

function operationsOn(context: CaseContext<Trainer>, job: TrainingJob): readonly Operation<Trainer>[] {
  return [
    { name: "describe", call: (on) => on.describe(job) },
    {
      name: "train",
      async call(on, options: CallOptions) {
        const own = await again(context, job);
        return await outcomeOf(await train({ store: on }, own, options));
      },
    },
  ];
}
