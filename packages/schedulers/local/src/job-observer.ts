// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { JobStatus } from "@rmtc/contract";
import { journalPath, readJob } from "./job-folder.ts";
import { JobProgress } from "./job-progress.ts";
import { JournalReader } from "./journal.ts";

/** Looks at a job from outside, by its files. */
export class JobObserver implements AsyncDisposable {
  readonly progress: JobProgress;
  readonly #journal: JournalReader;

  private constructor(folder: string, progress: JobProgress) {
    this.progress = progress;
    this.#journal = new JournalReader(journalPath(folder, progress.job.id));
  }

  /** Opens a job and reads its journal. Throws what {@link readJob} throws. */
  static async open(folder: string, id: string): Promise<JobObserver> {
    const observer = new JobObserver(folder, new JobProgress(await readJob(folder, id)));
    await observer.refresh();
    return observer;
  }

  /** Applies what was added to the journal; returns whether anything was. */
  async refresh(): Promise<boolean> {
    let changed = false;
    for await (const event of this.#journal.read()) {
      this.progress.apply(event);
      changed = true;
    }
    return changed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal[Symbol.asyncDispose]();
  }
}

/** Reads the status of a job once. */
export async function readJobStatus(folder: string, id: string): Promise<JobStatus> {
  await using observer = await JobObserver.open(folder, id);
  return observer.progress.status();
}
