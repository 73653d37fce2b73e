// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { newRecordId } from "@rmtc/attest";
import type { MetricPoint, MetricValue, RunState, RunStatus, RunStore } from "@rmtc/contract";
import { collectPages } from "../support/collect.ts";

/** A time for points; stores keep it as it is. */
export const pointTime = "2026-11-22T10:00:00.000Z";

/** Makes a point. */
export function point(key: string, step: number, value: MetricValue = step): MetricPoint {
  return { key, step, value, at: pointTime };
}

/** Opens a run and starts its first attempt; returns the run's id. */
export async function startedRun(store: RunStore): Promise<string> {
  const run = newRecordId();
  await store.openRun({ run });
  await store.startAttempt({ run, resumeAfterStep: 0 });
  return run;
}

/** Opens a run and brings it into a state by the shortest way; returns the run's id. */
export async function runInState(store: RunStore, state: RunState): Promise<string> {
  const run = newRecordId();
  await store.openRun({ run });
  if (state === "open") return run;
  await store.startAttempt({ run, resumeAfterStep: 0 });
  if (state === "running") return run;
  const end = state === "failed" || state === "cancelled" ? state : "succeeded";
  await store.endAttempt({ run, attempt: 1, state: end });
  if (state === end) return run;
  await store.beginSeal({ run, records: [], partition: "" });
  if (state === "sealed") await store.finishSeal({ run });
  return run;
}

/** Returns the status of one run. */
export async function statusOf(store: RunStore, run: string): Promise<RunStatus | null> {
  return (await store.getRuns([run]))[0] ?? null;
}

/** Reads every point that counts, page by page. */
export async function readPoints(
  store: RunStore,
  run: string,
  options: { readonly keys?: readonly string[]; readonly limit?: number } = {},
): Promise<MetricPoint[]> {
  const { keys, limit = 1_000 } = options;
  const pages = await collectPages((cursor) => store.readMetrics({ run, keys, limit, cursor }));
  return pages.flatMap(({ points }) => points);
}

/** Writes points short, to compare them. */
export function short(points: readonly MetricPoint[]): string[] {
  return points.map(({ key, step, value }) => `${key} ${step} ${value}`);
}

/** Waits until the clock shows another millisecond, so that two times differ. */
export async function nextMillisecond(): Promise<void> {
  for (const start = Date.now(); Date.now() === start; ) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
