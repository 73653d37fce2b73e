// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Timestamp } from "@rmtc/spec";

/** The form of the standard's timestamps; days that a month does not have pass, and come back as they were. */
const form = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const dayMilliseconds = 86_400_000;

/**
 * Packs a timestamp into a number, ((year × 12 + month) × 31 + day) × 86,400,000 + milliseconds of the day, with
 * months and days from zero. Returns `undefined` for a text that is no timestamp.
 */
export function timestampToNumber(text: unknown): number | undefined {
  if (typeof text !== "string" || !form.test(text)) return undefined;
  const day = (digits(text, 0, 4) * 12 + digits(text, 5, 7) - 1) * 31 + digits(text, 8, 10) - 1;
  const seconds = (digits(text, 11, 13) * 60 + digits(text, 14, 16)) * 60 + digits(text, 17, 19);
  return day * dayMilliseconds + seconds * 1_000 + digits(text, 20, 23);
}

/** Restores the very text that {@link timestampToNumber} packed. */
export function timestampFromNumber(packed: number): Timestamp {
  const milliseconds = packed % dayMilliseconds;
  const day = (packed - milliseconds) / dayMilliseconds;
  const month = Math.floor(day / 31);
  const date = `${pad(Math.floor(month / 12), 4)}-${pad((month % 12) + 1, 2)}-${pad((day % 31) + 1, 2)}`;
  const seconds = Math.floor(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  const time = `${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}:${pad(seconds % 60, 2)}`;
  return `${date}T${time}.${pad(milliseconds % 1_000, 3)}Z`;
}

function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index++) value = value * 10 + text.charCodeAt(index) - 48;
  return value;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, "0");
}
