// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { getCompileCacheDir } from "node:module";
import { RmtcError } from "@rmtc/contract";
import { GuestProcess, siblingModule } from "@rmtc/wire";
import { type BandTask, type InferCall, Lane } from "./lane.ts";
import type { OpenAnswer, OpenCall, RunAnswer, RunCall } from "./session-calls.ts";

/** Lanes of each process: while one computes, the other is emptied and filled. */
export const lanesPerSession = 2;

/** A network in a child process of its own. */
export class Session implements AsyncDisposable {
  readonly answer: OpenAnswer;
  readonly #guest: GuestProcess;
  readonly #lanes: readonly Lane[];
  /** Tasks that the process has before it, in its order. */
  readonly #sent: BandTask[] = [];
  #wasKilled = false;
  #suspect: BandTask | undefined;

  private constructor(guest: GuestProcess, answer: OpenAnswer) {
    this.#guest = guest;
    this.answer = answer;
    this.#lanes = Array.from({ length: lanesPerSession }, (_, number) => new Lane(guest, number));
    void guest.exited.then(async () => {
      if (!this.#wasKilled) this.#suspect = this.#sent[0];
      for (const lane of this.#lanes) await lane.close();
    });
  }

  /**
   * Starts a process and loads a network.
   *
   * @throws RMTC_FORMAT_INVALID when the file is damaged, even if that ends the process.
   * @throws RMTC_PROCESS_FAILED when it takes too long.
   */
  static async start(
    call: OpenCall,
    options: { readonly timeoutSeconds: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Session> {
    options.signal?.throwIfAborted();
    const guest = new GuestProcess(siblingModule(import.meta.url, "session-process"), {
      env: guestEnvironment(),
    });
    const timeout = AbortSignal.timeout(options.timeoutSeconds * 1000);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    try {
      return new Session(guest, await guest.call<OpenAnswer>("open", call, { signal }));
    } catch (error) {
      const died = !guest.alive;
      await guest.terminate();
      options.signal?.throwIfAborted();
      if (timeout.aborted) {
        throw new RmtcError(
          "RMTC_PROCESS_FAILED",
          `${call.path} did not load within ${options.timeoutSeconds} seconds; raise openTimeoutSeconds or check the file.`,
          { subject: call.path, cause: error },
        );
      }
      if (!died) throw error;
      throw new RmtcError(
        "RMTC_FORMAT_INVALID",
        `ONNX Runtime crashed while it loaded ${call.path}: the file is damaged. Export it again.`,
        { subject: call.path, cause: error },
      );
    }
  }

  get alive(): boolean {
    return this.#guest.alive;
  }

  /** Process id of the child. */
  get processId(): number | undefined {
    return this.#guest.pid;
  }

  /** Runs a task in a lane that is free. */
  async run(laneNumber: number, task: BandTask): Promise<void> {
    const lane = this.#lanes[laneNumber] as Lane;
    try {
      await lane.run(task, (call) => this.#compute(task, call));
    } finally {
      if (!this.alive) await lane.close();
    }
  }

  /** Tells whether the process may be computing a tile of `call`. */
  isComputing(call: InferCall): boolean {
    return this.#sent.some((task) => task.call === call);
  }

  /** Whether the process was killed, and did not die of itself. */
  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  /** Tells whether the process died of itself while `task` was first in its line. */
  isSuspect(task: BandTask): boolean {
    return this.#suspect === task;
  }

  /** Kills the process; what other calls have in it can be run again elsewhere. */
  async kill(): Promise<void> {
    this.#wasKilled = true;
    await this.#guest.terminate();
  }

  async #compute(task: BandTask, call: RunCall): Promise<RunAnswer> {
    this.#sent.push(task);
    try {
      return await this.#guest.call<RunAnswer>("run", call);
    } finally {
      this.#sent.splice(this.#sent.indexOf(task), 1);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    for (const lane of this.#lanes) await lane.close();
  }
}

/** The child shares the compile cache of its host, if that uses one: it starts four times as fast. */
function guestEnvironment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? process.env : { NODE_COMPILE_CACHE: folder, ...process.env };
}
