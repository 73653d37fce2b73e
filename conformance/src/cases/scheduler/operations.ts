// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { JobSpec, JobStatus, Scheduler } from "@rmtc/contract";
import type { CaseContext } from "../../conformance-case.ts";
import type { Operation, TraitSubject } from "../../traits/operation.ts";
import { collect } from "../support/collect.ts";
import { ended, running, shell, signal, waitFor } from "./sample-jobs.ts";

/** Every method of a scheduler, for the traits. */
export const schedulerTraits: TraitSubject<Scheduler> = {
  prefix: "scheduler",
  spec: {
    closed: "scheduler.md#rmtc-sch-065",
    closedTwice: "scheduler.md#rmtc-sch-066",
    aborted: "scheduler.md#rmtc-sch-063",
    abortedMidway: "scheduler.md#rmtc-sch-063",
    blocking: "scheduler.md#rmtc-sch-063",
  },
  operations: ["submit", "status", "list", "watch", "logs", "kill", "retry"],
  midway: ["watch", "logs"],
  needs: {},
  prepare: (context) => operationsOn(context, 2, 10),
  async idle() {
    await once(spawn(process.execPath, ["--version"], { stdio: "ignore" }), "exit");
  },
  observe: (store) => store.list({ limit: 100 }),
  prepareHeavy: (context) =>
    operationsOn(context, context.size(20_000, 300), context.size(5_000_000, 100_000)),
  async prepareLong(context) {
    const { store, folder } = context;
    const { job } = await store.submit({ name: "long", tasks: [shell("one", waitFor(folder, "go"))] });
    await running(context, job);
    return [
      { name: "watch", call: (on, options) => collect(on.watch(job, options)) },
      {
        name: "logs",
        call: (on, options) => collect(on.logs({ job, task: "one" }, { ...options, follow: true })),
      },
    ];
  },
  async release(context) {
    await signal(context.folder, "go");
    const { jobs } = await context.store.list({ limit: 100 });
    for (const { job } of jobs) await ended(context, job);
  },
};

/** Operations on a job that has ended: one element failed after it printed, all others are blocked. */
async function operationsOn(
  context: CaseContext<Scheduler>,
  blocked: number,
  printed: number,
): Promise<readonly Operation<Scheduler>[]> {
  const { store, folder } = context;
  const spec: JobSpec = {
    name: "shot",
    tasks: [
      shell("prints", `head -c ${printed} /dev/zero; exit 1`, { workingFolder: folder }),
      shell("blocked", `touch '${join(folder, "never")}'`, { after: ["prints"], count: blocked }),
    ],
  };
  const { job } = await store.submit(spec);
  await ended(context, job);
  /** Whoever starts a job waits for its end, so that none outlives its case. */
  const finished = async (status: JobStatus, on: Scheduler): Promise<unknown> =>
    await ended(context, status.job, on);
  return [
    { name: "submit", call: async (on, options) => await finished(await on.submit(spec, options), on) },
    { name: "status", call: (on, options) => on.status(job, options) },
    { name: "list", call: (on, options) => on.list({ limit: 10 }, options) },
    { name: "watch", call: (on, options) => collect(on.watch(job, options)) },
    { name: "logs", call: (on, options) => collect(on.logs({ job, task: "prints" }, options)) },
    { name: "kill", call: (on, options) => on.kill(job, options) },
    { name: "retry", call: async (on, options) => await finished(await on.retry(job, options), on) },
  ];
}
