// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setTimeout } from "node:timers/promises";
import type { JobStatus, MetricSummary, RunStatus, StoredRecord } from "@rmtc/contract";
import { bodyOf } from "../body-of.ts";
import type { Workspace } from "../workspace.ts";
import { findJob } from "./submit-activity.ts";

/** How far a run has come. */
export interface RunProgress {
  readonly status: RunStatus | null;
  readonly job: JobStatus | undefined;
  /** The newest point of each metric. */
  readonly metrics: readonly MetricSummary[];
  /** Steps that the run is to make. */
  readonly steps: number;
}

/**
 * Yields how far a run has come, every `intervalMilliseconds`, and ends when it is sealed or its job has
 * stopped without that.
 */
export async function* watchRun(
  workspace: Workspace,
  run: StoredRecord,
  options: {
    readonly intervalMilliseconds?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): AsyncGenerator<RunProgress, void> {
  const { intervalMilliseconds = 250, signal } = options;
  const steps = bodyOf(run.record, "run")?.hyperparameters?.steps;
  await using scheduler = (await workspace.openScheduler()).instance;
  for (;;) {
    const job = await findJob(scheduler, run.record.id);
    const [status = null] = await workspace.runs.getRuns([run.record.id], { signal });
    const metrics = await workspace.runs.summarizeMetrics(run.record.id, { signal });
    yield { status, job, metrics, steps: typeof steps === "number" ? steps : 0 };
    if (status?.state === "sealed") return;
    if (job === undefined || job.state !== "running") return;
    await setTimeout(intervalMilliseconds, undefined, { signal });
  }
}
