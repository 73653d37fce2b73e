// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { MetricPoint, RunState, RunStatus, SealIntent } from "@rmtc/contract";
import { compareUtf8 } from "@rmtc/query";

/** A point that counts, with its place in the order of arrival. */
export interface CountedPoint {
  readonly point: MetricPoint;
  readonly arrival: number;
}

/** One run as the memory store holds it. */
export interface MemoryRun {
  status: RunStatus;
  /** The newest batch of the current attempt. */
  batch: number;
  /** Those that count: of each key in order of step and arrival. */
  readonly points: Map<string, CountedPoint[]>;
  /** The canonical JSON of the seal intent, once there is one. */
  sealed?: string;
}

/** Adds points that count. */
export function addPoints(run: MemoryRun, counted: readonly CountedPoint[]): void {
  for (const one of counted) {
    const { key } = one.point;
    const ofKey = run.points.get(key);
    if (ofKey === undefined) run.points.set(key, [one]);
    else ofKey.push(one);
  }
  // Sorting is stable and costs next to nothing for what is in order already.
  for (const key of new Set(counted.map(({ point }) => point.key))) {
    run.points.get(key)?.sort((a, b) => a.point.step - b.point.step);
  }
}

/** Drops the points after a step: they stop counting. */
export function dropPointsAfter(run: MemoryRun, step: number): void {
  for (const [key, ofKey] of run.points) {
    const kept = ofKey.filter(({ point }) => point.step <= step);
    if (kept.length === 0) run.points.delete(key);
    else run.points.set(key, kept);
  }
}

/** The keys that have points, in order of UTF-8 bytes. */
export function keysOf(run: MemoryRun): string[] {
  return [...run.points.keys()].sort(compareUtf8);
}

/** Compares points by key in UTF-8 bytes, then step, then arrival. */
export function comparePoints(a: CountedPoint, b: CountedPoint): number {
  return compareUtf8(a.point.key, b.point.key) || a.point.step - b.point.step || a.arrival - b.arrival;
}

/** Changes a run's status. */
export function moveRun(run: MemoryRun, state: RunState, change: Partial<RunStatus> = {}): RunStatus {
  const { message: _, ...rest } = run.status;
  run.status = { ...rest, ...change, state, updatedAt: new Date().toISOString() };
  return { ...run.status };
}

/** Reads the intent of a seal that is on its way. */
export function pendingSealOf(run: MemoryRun): SealIntent[] {
  return run.sealed === undefined || run.status.state !== "sealing"
    ? []
    : [JSON.parse(run.sealed) as SealIntent];
}
