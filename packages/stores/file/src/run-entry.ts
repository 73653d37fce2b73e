// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { MetricPoint, RunState } from "@rmtc/contract";
import type { RecordId, RmtcRecord } from "@rmtc/spec";

/** What a call about a run did. `start` names the entry that started the attempt: its writer and number. */
export type RunCall =
  | { readonly call: "openRun"; readonly sequence: number }
  | { readonly call: "startAttempt"; readonly attempt: number; readonly resumeAfterStep: number }
  | {
      readonly call: "endAttempt";
      readonly attempt: number;
      readonly start: string;
      readonly state: RunState;
      readonly message?: string | undefined;
    }
  | {
      readonly call: "logMetrics";
      readonly attempt: number;
      readonly start: string;
      readonly batch: number;
      readonly points: readonly MetricPoint[];
    }
  | { readonly call: "beginSeal"; readonly partition: string; readonly records: readonly RmtcRecord[] }
  | { readonly call: "finishSeal" };

/** One accepted call about a run: what one file says. */
export type RunEntry = RunCall & {
  readonly writer: string;
  readonly number: number;
  readonly run: RecordId;
  /** One more than that of every entry of the run that the writer knew. */
  readonly clock: number;
  readonly at: string;
};

const format = "rmtc-run-journal";
const version = 1;

/** JSON has a literal for -0, but `JSON.stringify` does not write it. */
export function runEntryToText(entry: RunEntry): string {
  const text = (_: string, value: unknown): unknown => (Object.is(value, -0) ? "-0" : value);
  return `${JSON.stringify({ format, version, ...entry }, text, 1)}\n`;
}

/** Reads an entry; `undefined` when the text is none. */
export function runEntryFromText(text: string): RunEntry | undefined {
  try {
    const entry = JSON.parse(text);
    if (entry?.format !== format || entry.version !== version || !isSound(entry)) return undefined;
    if (entry.call !== "logMetrics") return entry;
    const points = entry.points.map((point: Record<string, unknown>) =>
      point.value === "-0" ? { ...point, value: -0 } : point,
    );
    return { ...entry, points };
  } catch {
    return undefined;
  }
}

function isSound(entry: Readonly<Record<string, unknown>>): boolean {
  const { writer, number, run, clock, at, call } = entry;
  if (typeof writer !== "string" || typeof run !== "string" || typeof at !== "string") return false;
  if (!Number.isSafeInteger(number) || !Number.isSafeInteger(clock)) return false;
  switch (call) {
    case "openRun":
      return Number.isSafeInteger(entry.sequence);
    case "startAttempt":
      return Number.isSafeInteger(entry.attempt) && typeof entry.resumeAfterStep === "number";
    case "endAttempt":
      return typeof entry.state === "string" && typeof entry.start === "string";
    case "logMetrics":
      return Number.isSafeInteger(entry.batch) && Array.isArray(entry.points);
    case "beginSeal":
      return Array.isArray(entry.records) && typeof entry.partition === "string";
    default:
      return call === "finishSeal";
  }
}

/**
 * The order in which entries count, the same for every reader: whoever knew of an entry comes after it; of those
 * that did not know of each other the earlier by their clocks comes first, then that of the lower writer.
 */
export function compareRunEntries(a: RunEntry, b: RunEntry): number {
  if (a.clock !== b.clock) return a.clock - b.clock;
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.writer !== b.writer) return a.writer < b.writer ? -1 : 1;
  return a.number - b.number;
}
