// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolve } from "node:path";
import { defineExtension, type Extension, type OptionsIssue, type OptionsSchema } from "@rmtc/contract";
import packageJson from "../package.json" with { type: "json" };
import { LocalScheduler, type LocalSchedulerOptions } from "./local-scheduler.ts";

const options: OptionsSchema<LocalSchedulerOptions> = {
  "~standard": {
    version: 1,
    vendor: "rmtc",
    validate: (value) => {
      const issues = findIssues(value);
      return issues.length > 0 ? { issues } : { value: value as LocalSchedulerOptions };
    },
  },
};

/** The extension `local:<folder>`: jobs as child processes. */
export const scheduler: Extension<"scheduler", LocalSchedulerOptions> = defineExtension({
  role: "scheduler",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  scheme: "local",
  options,
  open: async ({ path, ...others }, { baseFolder }) =>
    await LocalScheduler.open({ ...others, path: resolve(baseFolder, path) }),
});

function findIssues(value: unknown): readonly OptionsIssue[] {
  if (typeof value !== "object" || value === null) return [{ message: "Give an object with a path." }];
  const issues: OptionsIssue[] = [];
  const { path, slots, graceSeconds, ...others } = value as Record<string, unknown>;
  if (typeof path !== "string" || path === "") {
    issues.push({ message: "Give the path of a folder.", path: ["path"] });
  }
  if (slots !== undefined && !(Number.isSafeInteger(slots) && Number(slots) >= 1)) {
    issues.push({ message: "Give a whole number of 1 or more.", path: ["slots"] });
  }
  if (graceSeconds !== undefined && !(typeof graceSeconds === "number" && graceSeconds >= 0)) {
    issues.push({ message: "Give a number of 0 or more.", path: ["graceSeconds"] });
  }
  for (const name of Object.keys(others)) issues.push({ message: "There is no such option.", path: [name] });
  return issues;
}
