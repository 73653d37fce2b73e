// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolve } from "node:path";
import { defineExtension, type Extension, type OptionsIssue, type OptionsSchema } from "@rmtc/contract";
import packageJson from "../package.json" with { type: "json" };
import { FsBlobStore, type FsBlobStoreOptions } from "./fs-blob-store.ts";

const options: OptionsSchema<FsBlobStoreOptions> = {
  "~standard": {
    version: 1,
    vendor: "rmtc",
    validate: (value) => {
      const issues = findIssues(value);
      return issues.length > 0 ? { issues } : { value: value as FsBlobStoreOptions };
    },
  },
};

/** The extension `fs:<folder>`: blobs in a folder. */
export const blobStore: Extension<"blobStore", FsBlobStoreOptions> = defineExtension({
  role: "blobStore",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  scheme: "fs",
  options,
  open: async ({ path, threads }, { baseFolder }) =>
    await FsBlobStore.open({ path: resolve(baseFolder, path), threads }),
});

function findIssues(value: unknown): readonly OptionsIssue[] {
  if (typeof value !== "object" || value === null) return [{ message: "Give an object with a path." }];
  const issues: OptionsIssue[] = [];
  const { path, threads, ...others } = value as Record<string, unknown>;
  if (typeof path !== "string" || path === "") {
    issues.push({ message: "Give the path of a folder.", path: ["path"] });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && Number(threads) >= 1)) {
    issues.push({ message: "Give a whole number of 1 or more.", path: ["threads"] });
  }
  for (const name of Object.keys(others)) issues.push({ message: "There is no such option.", path: [name] });
  return issues;
}
