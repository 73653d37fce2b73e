// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** One line of a benchmark: medians of interleaved repetitions. */
export interface Measurement {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer?: number | undefined;
  readonly peerName?: string | undefined;
  /** `ours / peer`. */
  readonly ratio?: number | undefined;
  /** What must hold: of `ratio` where there is a peer, else of `ours`. */
  readonly budget?: number | undefined;
  /** Which way is better, of `ratio` or `ours`. */
  readonly better: "higher" | "lower";
  /** One of many that another line sums up: without `--json` it is listed when it misses its budget. */
  readonly detail?: boolean | undefined;
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Tells whether a measurement keeps its budget; `undefined` if it has none. */
export function keepsBudget({ ours, ratio, peer, budget, better }: Measurement): boolean | undefined {
  if (budget === undefined) return undefined;
  const value = peer === undefined ? ours : (ratio ?? ours / peer);
  return better === "higher" ? value >= budget : value <= budget;
}
