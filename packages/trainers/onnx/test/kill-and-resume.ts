// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TrainingJob } from "@rmtc/contract";
import { OnnxTrainer } from "../src/index.ts";
import { childProcesses } from "./child-processes.ts";
import { type Outcome, OutcomeRecorder, plan, type TinyTraining } from "./tiny-training.ts";

/**
 * Trains a job, killing its process with SIGKILL `kills` times at random moments, and going on from the last
 * checkpoint each time.
 *
 * @param windowMilliseconds Longest time from a start to the kill; with the undisturbed time over `kills`, all of
 *   them come before the end.
 */
export async function killAndResume(
  tiny: TinyTraining,
  job: Partial<TrainingJob>,
  kills: number,
  windowMilliseconds: number,
): Promise<{ readonly outcome: Outcome; readonly killed: number }> {
  const recorder = new OutcomeRecorder();
  let killed = 0;
  for (;;) {
    recorder.resume();
    const attempt = await tiny.job({ ...job, resumeFrom: recorder.lastCheckpoint?.path });
    try {
      await runOnce(attempt, recorder, killed < kills ? Math.random() * windowMilliseconds : undefined);
      return { outcome: recorder.outcome, killed };
    } catch (error) {
      if ((error as { code?: unknown }).code !== "RMTC_PROCESS_FAILED") throw error;
      killed += 1;
    }
  }
}

/** Runs a job; `killAfterMilliseconds` counts from the moment that its process is ready. */
async function runOnce(
  job: TrainingJob,
  recorder: OutcomeRecorder,
  killAfterMilliseconds: number | undefined,
): Promise<void> {
  await using trainer = new OnnxTrainer({ threads: 1 });
  const strangers = new Set(await childProcesses());
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const event of trainer.train(job, { plan })) {
      if (event.type === "started" && killAfterMilliseconds !== undefined) {
        const [child] = (await childProcesses()).filter((pid) => !strangers.has(pid));
        if (child === undefined) throw new Error("The training has no process of its own.");
        timer = setTimeout(() => process.kill(child, "SIGKILL"), killAfterMilliseconds);
      }
      await recorder.add(event);
    }
  } finally {
    clearTimeout(timer);
  }
}
