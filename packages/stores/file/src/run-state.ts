// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson } from "@rmtc/attest";
import type { MetricPoint, RunStatus, SealIntent } from "@rmtc/contract";
import { compareUtf8 } from "@rmtc/query";
import type { RunEntry } from "./run-entry.ts";

/** A point that counts, with its place in the order of arrival. */
export interface CountedPoint {
  readonly point: MetricPoint;
  readonly arrival: number;
}

/**
 * What the entries of one run come to, taken in their order. An entry that does not fit where it stands changes
 * nothing: one of an attempt that another one has overtaken, a batch before which one is missing, a second seal.
 */
export class RunState {
  status: RunStatus | undefined;
  /** The entry that started the current attempt: its writer and number. */
  start = "";
  /** The newest batch of the current attempt. */
  batch = 0;
  /** Where the opening stands among those of the same millisecond. */
  sequence = 0;
  /** The canonical JSON of the seal, once there is one. */
  seal: string | undefined;
  readonly #points = new Map<string, CountedPoint[]>();
  #arrivals = 0;

  apply(entry: RunEntry): void {
    const { status } = this;
    if (entry.call === "openRun") {
      if (status !== undefined) return;
      this.status = { run: entry.run, state: "open", attempt: 0, openedAt: entry.at, updatedAt: entry.at };
      this.sequence = entry.sequence;
      return;
    }
    if (status === undefined) return;
    const running = status.state === "running";
    switch (entry.call) {
      case "startAttempt":
        if (status.state === "sealing" || status.state === "sealed") return;
        this.#drop(entry.resumeAfterStep);
        this.batch = 0;
        this.start = startOf(entry);
        this.#move(entry, "running", { attempt: Math.max(entry.attempt, status.attempt) });
        return;
      case "endAttempt":
        if (!running || entry.start !== this.start) return;
        this.#move(entry, entry.state, entry.message === undefined ? {} : { message: entry.message });
        return;
      case "logMetrics":
        if (!running || entry.start !== this.start || entry.batch !== this.batch + 1) return;
        this.batch = entry.batch;
        this.#add(entry.points);
        return;
      case "beginSeal":
        if (this.seal !== undefined || status.state === "running" || status.state === "open") return;
        this.seal = sealText({ run: entry.run, records: entry.records, partition: entry.partition });
        this.#move(entry, "sealing");
        return;
      case "finishSeal":
        if (status.state === "sealing") this.#move(entry, "sealed");
    }
  }

  /** The keys that have points, in order of UTF-8 bytes. */
  keys(): string[] {
    return [...this.#points.keys()].sort(compareUtf8);
  }

  /** The points of a key that count, in order of step and arrival. */
  points(key: string): readonly CountedPoint[] {
    return this.#points.get(key) ?? [];
  }

  #add(points: readonly MetricPoint[]): void {
    const unordered = new Set<string>();
    for (const point of points) {
      this.#arrivals += 1;
      const counted = { point, arrival: this.#arrivals };
      const ofKey = this.#points.get(point.key);
      if (ofKey === undefined) this.#points.set(point.key, [counted]);
      else {
        if ((ofKey.at(-1)?.point.step ?? 0) > point.step) unordered.add(point.key);
        ofKey.push(counted);
      }
    }
    for (const key of unordered) this.#points.get(key)?.sort((a, b) => a.point.step - b.point.step);
  }

  #drop(step: number): void {
    for (const [key, ofKey] of this.#points) {
      const kept = ofKey.filter(({ point }) => point.step <= step);
      if (kept.length === 0) this.#points.delete(key);
      else this.#points.set(key, kept);
    }
  }

  #move({ at }: RunEntry, state: RunStatus["state"], change: Partial<RunStatus> = {}): void {
    const { message: _, ...rest } = this.status as RunStatus;
    this.status = { ...rest, ...change, state, updatedAt: at };
  }
}

/** How entries name the one that started an attempt. */
export function startOf({ writer, number }: RunEntry): string {
  return `${writer} ${number}`;
}

/** What tells one seal from another. */
export function sealText({ run, records, partition }: SealIntent): string {
  return canonicalJson({ run, records, partition });
}
