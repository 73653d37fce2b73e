// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import type { Database, SqlInput, SqlRow } from "./database.ts";
import { numbersPerPoint, type PackedPoints } from "./packed-points.ts";
import { type RunTable, wrongState } from "./run-table.ts";

/** A batch on its way into the table. */
export interface PackedBatch {
  readonly run: RecordId;
  readonly attempt: number;
  readonly batch: number;
  readonly points: PackedPoints;
}

/** A row of `metric`: one batch's points of one key, in order of step. */
export interface MetricChunk {
  readonly lowStep: number;
  readonly arrival: number;
  /** How many points count: those of steps up to the last that the attempt may have. */
  readonly count: number;
  /** Steps, values and packed times. */
  readonly numbers: Float64Array;
}

/** What there is of one key. */
export interface SeriesSummary {
  readonly count: number;
  /** The chunk whose last counting point is the last of the highest step. */
  readonly last: MetricChunk;
}

/** A key of a run. */
export interface Series {
  readonly code: number;
  readonly name: string;
  /** The longest way from the first to the last step of one chunk. */
  readonly span: number;
}

/** The points of runs. */
export class MetricTable {
  readonly #database: Database;
  readonly #runs: RunTable;

  constructor(database: Database, runs: RunTable) {
    this.#database = database;
    this.#runs = runs;
  }

  /** Takes a batch, all or none; one that was taken already is passed over. */
  log({ run: id, attempt, batch, points }: PackedBatch): void {
    this.#database.write(() => {
      const run = this.#runs.getRunning(id, attempt);
      if (Number.isSafeInteger(batch) && batch >= 1 && batch <= run.batch) return;
      if (batch !== run.batch + 1) {
        throw wrongState(run, `batch ${run.batch + 1} comes before batch ${batch}`);
      }
      const arrival = run.arrival + 1;
      this.#database.run("UPDATE run SET batch = ?, arrival = ? WHERE key = ?", batch, arrival, run.key);
      let start = 0;
      for (const { name, count } of points.keys) {
        const length = count * numbersPerPoint;
        const numbers = points.numbers.subarray(start, start + length);
        start += length;
        const low = numbers[0] as number;
        const high = numbers[count - 1] as number;
        const series = this.#series(run.key, name, high - low);
        this.#database.run(
          "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?, ?)",
          series,
          low,
          arrival,
          attempt,
          high,
          count,
          numbers,
        );
      }
    });
  }

  /** Lists the keys of a run in order of UTF-8 bytes. */
  list(run: number): readonly Series[] {
    return this.#database
      .all<[number, string, number]>("SELECT code, name, span FROM series WHERE run = ? ORDER BY name", run)
      .map(([code, name, span]) => ({ code, name, span }));
  }

  /** Reads the chunks of a series from a first step on, in its order, a few at a time. */
  *chunks(run: number, series: number, lowStep: number): Generator<MetricChunk> {
    for (let after: readonly [number, number] = [lowStep, -1]; ; ) {
      const chunks = this.#readChunks(
        "m.series = ?2 AND (m.low_step, m.arrival) > (?3, ?4) ORDER BY m.low_step, m.arrival",
        chunksPerRead,
        [run, series, ...after],
      );
      yield* chunks;
      const last = chunks.at(-1);
      if (last === undefined || chunks.length < chunksPerRead) return;
      after = [last.lowStep, last.arrival];
    }
  }

  /** Counts the points of a series that count, and finds the last of those with the highest step. */
  summarize(run: number, series: number): SeriesSummary | undefined {
    const whole = "m.series = ?2 AND (a.last_step IS NULL OR m.high_step <= a.last_step)";
    const [count, highStep] = this.#database.get<[number | null, number | null]>(
      `SELECT sum(m.count), max(m.high_step) FROM ${chunksOfRun} WHERE ${whole}`,
      run,
      series,
    ) ?? [null, null];
    const cut = "m.series = ?2 AND m.low_step <= a.last_step AND m.high_step > a.last_step";
    const candidates = [...this.#readChunks(cut, -1, [run, series])];
    let total = count ?? 0;
    for (const chunk of candidates) total += chunk.count;
    const newest = `${whole} AND m.high_step = ?3 ORDER BY m.arrival DESC`;
    if (highStep !== null) candidates.push(...this.#readChunks(newest, 1, [run, series, highStep]));
    const last = candidates.reduce<MetricChunk | undefined>(
      (best, chunk) => (best === undefined || endsLater(chunk, best) ? chunk : best),
      undefined,
    );
    return last && { count: total, last };
  }

  #readChunks(condition: string, limit: number, parameters: readonly SqlInput[]): readonly MetricChunk[] {
    return this.#database
      .all<SqlRow>(
        `SELECT m.low_step, m.arrival, a.last_step, m.count, m.points FROM ${chunksOfRun} WHERE ${condition} LIMIT ${limit}`,
        ...parameters,
      )
      .map(chunkFromRow);
  }

  #series(run: number, name: string, span: number): number {
    const known = this.#database.get<[number, number]>(
      "SELECT code, span FROM series WHERE run = ? AND name = ?",
      run,
      name,
    );
    if (known === undefined) {
      this.#database.run("INSERT INTO series (run, name, span) VALUES (?, ?, ?)", run, name, span);
      return this.#series(run, name, span);
    }
    if (known[1] < span) this.#database.run("UPDATE series SET span = ? WHERE code = ?", span, known[0]);
    return known[0];
  }
}

/** Takes the run as its first parameter. */
const chunksOfRun = "metric m CROSS JOIN attempt a ON a.run = ?1 AND a.attempt = m.attempt";
/** A chunk can have a batch's 100,000 points, so that is not many. */
const chunksPerRead = 16;

function endsLater(a: MetricChunk, b: MetricChunk): boolean {
  const difference = (a.numbers[a.count - 1] as number) - (b.numbers[b.count - 1] as number);
  return difference > 0 || (difference === 0 && a.arrival > b.arrival);
}

function chunkFromRow([lowStep, arrival, lastStep, stored, bytes]: SqlRow): MetricChunk {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength !== Number(stored) * numbersPerPoint * 8) {
    throw new RmtcError("RMTC_STORE_DAMAGED", "Stored points are damaged; restore the store from a backup.");
  }
  const numbers = new Float64Array(bytes.slice().buffer);
  let count = Number(stored);
  if (lastStep !== null) while (count > 0 && (numbers[count - 1] as number) > Number(lastStep)) count -= 1;
  return { lowStep: Number(lowStep), arrival: Number(arrival), count, numbers };
}
