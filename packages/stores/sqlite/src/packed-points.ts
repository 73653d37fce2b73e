// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { type MetricPoint, type MetricValue, RmtcError } from "@rmtc/contract";
import { timestampFromNumber, timestampToNumber } from "./timestamp-number.ts";

/**
 * Points by key, as they cross to and from the thread and as they lie in the file.
 *
 * For each key in turn, `numbers` has its steps, its values and its packed times, `count` of each, in order of
 * step and arrival, as little-endian doubles.
 */
export interface PackedPoints {
  readonly keys: readonly { readonly name: string; readonly count: number }[];
  readonly numbers: Float64Array<ArrayBuffer>;
}

/** Doubles that one point takes: step, value and time. */
export const numbersPerPoint = 3;
/** Points that are unpacked before the event loop gets a turn. */
const pointsPerTurn = 5_000;
const maxKeyLength = 250;
const notFinite: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

interface KeyColumns {
  readonly steps: number[];
  readonly values: number[];
  readonly times: number[];
  sorted: boolean;
}

/**
 * Checks points and packs them.
 *
 * @throws RMTC_VALUE_INVALID with a pointer to the first thing that is wrong.
 */
export function packPoints(points: readonly MetricPoint[]): PackedPoints {
  const columns = new Map<string, KeyColumns>();
  let lastAt: unknown;
  let lastTime: number | undefined;
  for (let index = 0; index < points.length; index++) {
    const { key, step, value, at } = points[index] as MetricPoint;
    let ofKey = columns.get(key);
    if (ofKey === undefined) {
      if (!isKey(key)) throw invalid(index, "key", `must be a text of 1 to ${maxKeyLength} characters`);
      ofKey = { steps: [], values: [], times: [], sorted: true };
      columns.set(key, ofKey);
    }
    if (!Number.isSafeInteger(step) || step < 0) throw invalid(index, "step", "must be an integer from 0 on");
    const number = Number.isFinite(value) ? (value as number) : notFinite.get(value);
    if (number === undefined) {
      throw invalid(index, "value", 'must be a finite number, "NaN", "Infinity" or "-Infinity"');
    }
    if (at !== lastAt) {
      lastAt = at;
      lastTime = timestampToNumber(at);
    }
    if (lastTime === undefined)
      throw invalid(index, "at", "must be a time of the form YYYY-MM-DDThh:mm:ss.sssZ");
    const { steps, values, times } = ofKey;
    if (steps.length > 0 && (steps[steps.length - 1] as number) > step) ofKey.sorted = false;
    steps.push(step);
    values.push(number);
    times.push(lastTime);
  }
  return joinColumns(columns, points.length);
}

function joinColumns(columns: ReadonlyMap<string, KeyColumns>, count: number): PackedPoints {
  const numbers = new Float64Array(count * numbersPerPoint);
  const keys: PackedPoints["keys"][number][] = [];
  let start = 0;
  for (const [name, { steps, values, times, sorted }] of columns) {
    const order = sorted
      ? undefined
      : steps.map((_, index) => index).sort((a, b) => (steps[a] as number) - (steps[b] as number));
    for (const column of [steps, values, times]) {
      numbers.set(order === undefined ? column : order.map((index) => column[index] as number), start);
      start += column.length;
    }
    keys.push({ name, count: steps.length });
  }
  return { keys, numbers };
}

/** Restores points, letting the event loop run between some thousands of them. */
export async function unpackPoints({ keys, numbers }: PackedPoints): Promise<MetricPoint[]> {
  const points: MetricPoint[] = [];
  let start = 0;
  let lastTime = Number.NaN;
  let at = "";
  for (const { name, count } of keys) {
    for (let index = start; index < start + count; index++) {
      const time = numbers[index + 2 * count] as number;
      if (time !== lastTime) {
        lastTime = time;
        at = timestampFromNumber(time);
      }
      const step = numbers[index] as number;
      points.push({ key: name, step, value: valueFromNumber(numbers[index + count] as number), at });
      if (points.length % pointsPerTurn === 0) await setImmediate();
    }
    start += count * numbersPerPoint;
  }
  return points;
}

function valueFromNumber(number: number): MetricValue {
  return Number.isFinite(number) ? number : (String(number) as MetricValue);
}

function isKey(key: unknown): boolean {
  if (typeof key !== "string" || key === "" || key.length > maxKeyLength) return false;
  return key.isWellFormed() && !key.includes("\0");
}

function invalid(index: number, field: string, reason: string): RmtcError {
  const pointer = `/points/${index}/${field}`;
  return new RmtcError("RMTC_VALUE_INVALID", `"${pointer}" ${reason}; nothing was logged.`, { pointer });
}
