// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import type {
  CallOptions,
  JobSpec,
  JobStatus,
  Scheduler,
  SchedulerCapabilities,
  TaskReference,
} from "@rmtc/contract";
import { LocalScheduler } from "@rmtc/scheduler-local";

/**
 * Runs jobs on this machine.
 *
 * The local scheduler stands where your farm will: replace the calls of it one after the other. The suite says at once
 * where a method of yours answers otherwise.
 */
export class AcmeScheduler implements Scheduler {
  readonly name: string = "acme";
  readonly capabilities: SchedulerCapabilities;
  readonly #farm: Scheduler;

  private constructor(farm: Scheduler) {
    this.#farm = farm;
    this.capabilities = farm.capabilities;
  }

  /** Opens a scheduler that keeps its jobs in `.rmtc/acme-jobs` of a folder. */
  static async open(folder: string): Promise<AcmeScheduler> {
    const path = join(folder, ".rmtc", "acme-jobs");
    return new AcmeScheduler(await LocalScheduler.open({ path, slots: 4, graceSeconds: 0.1 }));
  }

  async submit(job: JobSpec, options?: CallOptions): Promise<JobStatus> {
    return await this.#farm.submit(job, options);
  }

  async status(job: string, options?: CallOptions): Promise<JobStatus> {
    return await this.#farm.status(job, options);
  }

  async list(...call: Parameters<Scheduler["list"]>): ReturnType<Scheduler["list"]> {
    return await this.#farm.list(...call);
  }

  watch(job: string, options?: CallOptions): AsyncIterable<JobStatus> {
    return this.#farm.watch(job, options);
  }

  logs(
    task: TaskReference,
    options?: CallOptions & { readonly follow?: boolean | undefined },
  ): AsyncIterable<Uint8Array> {
    return this.#farm.logs(task, options);
  }

  async kill(job: string, options?: CallOptions): Promise<JobStatus> {
    return await this.#farm.kill(job, options);
  }

  async retry(job: string, options?: CallOptions): Promise<JobStatus> {
    return await this.#farm.retry(job, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#farm[Symbol.asyncDispose]();
  }
}
