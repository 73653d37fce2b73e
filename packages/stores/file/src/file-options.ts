// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import type { OptionsIssue, OptionsResult, OptionsSchema } from "@rmtc/contract";

/** Where a store's folder lies. */
export interface FileOptions {
  /** The folder; it is created when it does not exist, the folder around it is not. */
  readonly path: string;
  /** The folder of this machine's index, which nobody else may use; a folder of the user's cache unless given. */
  readonly index?: string | undefined;
}

/** Checks the options of both roles. */
export const fileOptions: OptionsSchema<FileOptions> = {
  "~standard": { version: 1, vendor: "rmtc", validate },
};

function validate(value: unknown): OptionsResult<FileOptions> {
  if (typeof value !== "object" || value === null) return { issues: [{ message: "must be an object" }] };
  const { path, index, ...unknown } = value as Readonly<Record<string, unknown>>;
  const issues: OptionsIssue[] = Object.keys(unknown).map((key) => ({
    message: "is not a known option",
    path: [key],
  }));
  const isPath = (text: unknown): text is string =>
    typeof text === "string" && text !== "" && !text.includes("\0");
  if (!isPath(path)) issues.push({ message: "must be the path of a folder", path: ["path"] });
  if (index !== undefined && !isPath(index)) {
    issues.push({ message: "must be the path of a folder", path: ["index"] });
  }
  if (issues.length > 0) return { issues };
  return { value: index === undefined ? { path: path as string } : (value as FileOptions) };
}

/** The index of a folder, by the folder's real path. */
export function defaultIndexFolder(realPath: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "rmtc", hash("sha256", realPath).slice(0, 32));
}
