// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { MetricPoint, MetricValue, RunStore } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";

/** The most points held back before a batch is written. */
const batchPoints = 1000;

/**
 * Logs the metrics of one attempt in numbered batches. Points are held back until there are 1,000 of them or
 * `flush` is called; what `flush` has acknowledged survives the end of the process.
 */
export class Tracker implements AsyncDisposable {
  readonly run: RecordId;
  readonly attempt: number;
  readonly #runs: RunStore;
  #points: MetricPoint[] = [];
  #batch = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(runs: RunStore, run: RecordId, attempt: number) {
    this.#runs = runs;
    this.run = run;
    this.attempt = attempt;
  }

  /**
   * Starts a new attempt of a run. Points of earlier attempts after `resumeAfterStep` stop counting.
   *
   * @throws RMTC_STATE_INVALID when the run is sealing or sealed.
   */
  static async start(runs: RunStore, run: RecordId, resumeAfterStep: number): Promise<Tracker> {
    const status = await runs.startAttempt({ run, resumeAfterStep });
    return new Tracker(runs, run, status.attempt);
  }

  /** Logs one value; a number that JSON cannot write is kept by its name. */
  log(key: string, step: number, value: number, at: string = new Date().toISOString()): void {
    this.add([{ key, step, value: toMetricValue(value), at }]);
  }

  /** Adds points to the next batch. */
  add(points: readonly MetricPoint[]): void {
    this.#points.push(...points);
    if (this.#points.length >= batchPoints) this.#write();
  }

  /** Writes everything logged so far, and returns when the run store has acknowledged it. */
  async flush(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush();
  }

  #write(): void {
    if (this.#points.length === 0) return;
    const points = this.#points;
    this.#points = [];
    this.#batch += 1;
    const batch = this.#batch;
    this.#writing = this.#writing.then(() =>
      this.#runs.logMetrics({ run: this.run, attempt: this.attempt, batch, points }),
    );
    this.#writing.catch(() => undefined);
  }
}

/** A number as metric stores keep it. */
export function toMetricValue(value: number): MetricValue {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}
