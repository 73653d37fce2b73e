// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { join } from "node:path";

/** Files in one folder; more make some file systems and most people slow. */
export const shardFiles = 1_000;

/** A file of a journal, known by its path alone. */
export interface EntryFile {
  readonly writer: string;
  readonly number: number;
  readonly name: string;
}

const namePattern = /^(\d{8,12})-([0-9a-f]{16})\.json$/;
export const writerPattern: RegExp = /^[0-9a-f]{16}$/;
export const shardPattern: RegExp = /^\d{4,9}$/;

/** Names a file by its number and its bytes, so that a copy that was cut short does not have its name. */
export function entryName(number: number, bytes: Uint8Array): string {
  return `${String(number).padStart(8, "0")}-${hash("sha256", bytes).slice(0, 16)}.json`;
}

/** Reads a file's number from its name; `undefined` for the name of anything else. */
export function entryNumber(name: string): number | undefined {
  const digits = namePattern.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The start of the hash that a file's bytes must have. */
export function entryHash(name: string): string | undefined {
  return namePattern.exec(name)?.[2];
}

/** The folder of a number. */
export function shardOf(number: number): string {
  return String(Math.floor(number / shardFiles)).padStart(4, "0");
}

/** Where a file lies under `records/`. */
export function entryPath(records: string, { writer, number, name }: EntryFile): string {
  return join(records, writer, shardOf(number), name);
}
