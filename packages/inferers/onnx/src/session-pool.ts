// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { BandTask, InferCall } from "./lane.ts";
import { lanesPerSession, type Session } from "./session.ts";

/** How often a tile is run again after its process died, and not of this tile as far as is known. */
const MAX_RETRIES = 1;

interface QueuedTask {
  readonly task: BandTask;
  readonly done: PromiseWithResolvers<void>;
  retries: number;
  settled: boolean;
}

/** A place for a process, which is started when it is needed and again when it died. */
interface Seat {
  session: Promise<Session> | undefined;
  /** The process that runs, once it does. */
  running: Session | undefined;
  readonly freeLanes: number[];
}

/** Runs tiles in as many processes as it is told, first come, first served. */
export class SessionPool implements AsyncDisposable {
  readonly #start: () => Promise<Session>;
  readonly #seats: readonly Seat[];
  readonly #queue: QueuedTask[] = [];
  readonly #active = new Set<QueuedTask>();
  #closed = false;

  /** Takes over the first process, and starts more when there is work for them. */
  constructor(first: Session, processes: number, start: () => Promise<Session>) {
    this.#start = start;
    this.#seats = Array.from({ length: processes }, (_, index) => ({
      session: index === 0 ? Promise.resolve(first) : undefined,
      running: index === 0 ? first : undefined,
      freeLanes: Array.from({ length: lanesPerSession }, (_, lane) => lane),
    }));
  }

  /** Process ids of the children that run. */
  get processIds(): readonly number[] {
    return this.#seats.flatMap(({ running }) => {
      const id = running?.alive === true ? running.processId : undefined;
      return id === undefined ? [] : [id];
    });
  }

  /**
   * Runs a band.
   *
   * @throws RMTC_PROCESS_FAILED when the process died of it; the next tile gets a new one.
   * @throws RMTC_STATE_INVALID when the pool was closed.
   */
  run(task: BandTask): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    const queued: QueuedTask = { task, done: Promise.withResolvers(), retries: 0, settled: false };
    this.#queue.push(queued);
    this.#active.add(queued);
    this.#pump();
    return queued.done.promise;
  }

  /** Drops every tile of a call; their promises reject with `reason`. */
  cancel(call: InferCall, reason: unknown): void {
    call.cancelled = true;
    for (const queued of this.#active) if (queued.task.call === call) this.#settle(queued, reason);
    this.#dropSettled();
  }

  /** Kills the processes that compute a tile of a call, since ONNX Runtime cannot be stopped otherwise. */
  kill(call: InferCall): void {
    for (const { running } of this.#seats) {
      if (running?.alive === true && running.isComputing(call)) void running.kill();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const queued of this.#active) this.#settle(queued, closedError());
    this.#dropSettled();
    await Promise.all(
      this.#seats.map(async ({ session }) => {
        const started = await session?.catch(() => undefined);
        await started?.[Symbol.asyncDispose]();
      }),
    );
  }

  #pump(): void {
    while (this.#queue.length > 0) {
      const seat = this.#seats.reduce((best, next) =>
        next.freeLanes.length > best.freeLanes.length ? next : best,
      );
      const lane = seat.freeLanes.shift();
      if (lane === undefined) return;
      const queued = this.#queue.shift() as QueuedTask;
      void this.#attempt(seat, lane, queued).finally(() => {
        seat.freeLanes.push(lane);
        this.#pump();
      });
    }
  }

  async #attempt(seat: Seat, lane: number, queued: QueuedTask): Promise<void> {
    let session: Session | undefined;
    try {
      session = await this.#sessionOf(seat);
      if (!queued.settled) await session.run(lane, queued.task);
      this.#settle(queued);
    } catch (error) {
      const tryAgain = !queued.settled && session?.alive === false && this.#mayRetry(session, queued);
      if (tryAgain) this.#queue.unshift(queued);
      else this.#settle(queued, error);
    }
  }

  /** A tile whose process was killed for another call, or died of another tile, runs again. */
  #mayRetry(session: Session, queued: QueuedTask): boolean {
    if (session.wasKilled) return true;
    queued.retries += 1;
    return !session.isSuspect(queued.task) && queued.retries <= MAX_RETRIES;
  }

  async #sessionOf(seat: Seat): Promise<Session> {
    if (seat.running?.alive === false) {
      seat.session = undefined;
      seat.running = undefined;
    }
    seat.session ??= this.#start().then(
      (session) => {
        seat.running = session;
        return session;
      },
      (error: unknown) => {
        seat.session = undefined;
        throw error;
      },
    );
    return seat.session;
  }

  #settle(queued: QueuedTask, error?: unknown): void {
    if (queued.settled) return;
    queued.settled = true;
    this.#active.delete(queued);
    if (error === undefined) queued.done.resolve();
    else queued.done.reject(error);
  }

  #dropSettled(): void {
    const waiting = this.#queue.filter(({ settled }) => !settled);
    this.#queue.splice(0, this.#queue.length, ...waiting);
  }
}

function closedError(): RmtcError {
  return new RmtcError("RMTC_STATE_INVALID", "The network was closed; open it again.");
}
