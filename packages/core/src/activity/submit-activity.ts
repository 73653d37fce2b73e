// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { JobStatus, Scheduler, StoredRecord } from "@rmtc/contract";
import { executeRun } from "../train/execute-run.ts";
import type { Workspace } from "../workspace.ts";

/**
 * Sees to it that an opened run is carried out: its job is submitted if there is none, and started again if it
 * has failed. Without a scheduler the run is carried out here, before the call returns.
 */
export async function submitRun(workspace: Workspace, run: StoredRecord): Promise<JobStatus | undefined> {
  if (workspace.taskCommand === undefined) {
    await executeRun(workspace, run);
    return undefined;
  }
  await using scheduler = (await workspace.openScheduler()).instance;
  const known = await findJob(scheduler, run.record.id);
  if (known?.state === "failed" || known?.state === "cancelled") return await scheduler.retry(known.job);
  if (known !== undefined) return known;
  return await scheduler.submit({
    name: run.record.id,
    tasks: [
      {
        name: "train",
        command: workspace.taskCommand(run.record.id, workspace.folder),
        workingFolder: workspace.folder,
      },
    ],
  });
}

/** Finds the job that carries out an activity, by its name. */
export async function findJob(scheduler: Scheduler, activity: string): Promise<JobStatus | undefined> {
  let cursor: string | undefined;
  do {
    const page = await scheduler.list({ limit: 100, cursor });
    const job = page.jobs.find((candidate) => candidate.name === activity);
    if (job !== undefined) return job;
    cursor = page.next;
  } while (cursor !== undefined);
  return undefined;
}
