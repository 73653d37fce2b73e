// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type RunStatus, type StoredRecord } from "@rmtc/contract";
import { referenceOf } from "../record-link.ts";
import { digestHistory, findCheckpoints } from "../train/execute-run.ts";
import type { Workspace } from "../workspace.ts";
import { completeSeal, makeSeal } from "./seal-activity.ts";
import { findJob } from "./submit-activity.ts";

/**
 * Ends a run for good: its job is killed, and it is sealed as cancelled with the checkpoints it has made.
 *
 * @throws RMTC_STATE_INVALID when it is sealed already.
 */
export async function cancelRun(workspace: Workspace, run: StoredRecord): Promise<RunStatus> {
  const { id } = run.record;
  const [before] = await workspace.runs.getRuns([id]);
  if (before?.state === "sealed") {
    throw new RmtcError("RMTC_STATE_INVALID", `Run ${id} is sealed: it has ended already.`, { subject: id });
  }
  if (workspace.taskCommand !== undefined) {
    await using scheduler = (await workspace.openScheduler()).instance;
    const job = await findJob(scheduler, id);
    if (job?.state === "running") await scheduler.kill(job.job);
  }
  await workspace.runs.openRun({ run: id });
  let [status] = await workspace.runs.getRuns([id]);
  if (status?.state === "open") status = await workspace.runs.startAttempt({ run: id, resumeAfterStep: 0 });
  if (status?.state === "running") {
    await workspace.runs.endAttempt({ run: id, attempt: status.attempt, state: "cancelled" });
  }
  const outputs = (await findCheckpoints(workspace, run)).map(referenceOf);
  const seal = makeSeal(referenceOf(run), outputs, {
    state: "cancelled",
    endedAt: new Date().toISOString(),
    ...(await digestHistory(workspace, run)),
  });
  await completeSeal(workspace, id, [seal]);
  const [after] = await workspace.runs.getRuns([id]);
  if (after) return after;
  throw new RmtcError("RMTC_NOT_FOUND", `Run ${id} is not in the run store.`, { subject: id });
}
