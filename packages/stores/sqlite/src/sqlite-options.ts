// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { OptionsIssue, OptionsResult, OptionsSchema } from "@rmtc/contract";

/** Where a catalog file lies and how it is used. */
export interface SqliteOptions {
  /** The file; it is created when it does not exist, its folder is not. */
  readonly path: string;
  /** How long a call waits while another process writes; 10,000 unless given. */
  readonly busyTimeoutMilliseconds?: number | undefined;
}

/** How long a call waits while another process writes, unless an option says otherwise. */
export const defaultBusyTimeoutMilliseconds = 10_000;

/** Checks the options of both roles. */
export const sqliteOptions: OptionsSchema<SqliteOptions> = {
  "~standard": { version: 1, vendor: "rmtc", validate },
};

function validate(value: unknown): OptionsResult<SqliteOptions> {
  if (typeof value !== "object" || value === null) return { issues: [{ message: "must be an object" }] };
  const { path, busyTimeoutMilliseconds, ...unknown } = value as Readonly<Record<string, unknown>>;
  const issues: OptionsIssue[] = Object.keys(unknown).map((key) => ({
    message: "is not a known option",
    path: [key],
  }));
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    issues.push({ message: "must be the path of a file", path: ["path"] });
  }
  const timeout = busyTimeoutMilliseconds ?? defaultBusyTimeoutMilliseconds;
  if (!Number.isInteger(timeout) || (timeout as number) < 0 || (timeout as number) > maxTimeoutMilliseconds) {
    issues.push({
      message: `must be an integer from 0 to ${maxTimeoutMilliseconds}`,
      path: ["busyTimeoutMilliseconds"],
    });
  }
  if (issues.length > 0) return { issues };
  return { value: { path: path as string, busyTimeoutMilliseconds: timeout as number } };
}

/** An hour: whoever waits longer has a problem that waiting does not solve. */
const maxTimeoutMilliseconds = 3_600_000;
