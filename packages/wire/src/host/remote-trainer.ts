// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PlanSource, Trainer, TrainerFile, TrainingEvent } from "@rmtc/contract";
import type { WireTrainer } from "@rmtc/spec";
import { checkReportedFiles } from "./check-reported-files.ts";
import type { RemoteInstance } from "./remote-instance.ts";

/** A trainer in a guest. It asks for the plan while it trains. */
export function remoteTrainer(remote: RemoteInstance<WireTrainer>): Trainer {
  const { name, capabilities } = remote.opened;
  return {
    name,
    capabilities,
    describe: (job) => remote.call("trainer/describe", { job }),
    async *train(job, { signal, plan }) {
      const events = remote.stream<TrainingEvent>(
        "trainer/train",
        (lending) => ({
          job,
          plan: lending.callback(async ({ items, fromStep, stepCount }) =>
            plan({ items, fromStep, stepCount } as Parameters<PlanSource>[0]),
          ),
        }),
        { signal },
      );
      for await (const event of events) {
        await checkReportedFiles(remote, filesOf(event), job.outputFolder);
        yield event;
      }
    },
    [Symbol.asyncDispose]: () => remote.close(),
  };
}

function filesOf(event: TrainingEvent): readonly TrainerFile[] {
  if (event.type === "checkpoint") return [event.file];
  return event.type === "weights" ? [event.file, ...event.variants] : [];
}
