// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { fileURLToPath } from "node:url";
import type { BuiltInExtensions, DefaultLocations, OpenWorkspaceOptions } from "@rmtc/core";

/** The extensions that come with the command, loaded when a workspace first needs them. */
export const builtInExtensions: BuiltInExtensions = {
  sqlite: [
    {
      name: "@rmtc/store-sqlite",
      roles: ["recordStore", "runStore"],
      load: () => import("@rmtc/store-sqlite"),
    },
  ],
  memory: [
    {
      name: "@rmtc/store-memory",
      roles: ["recordStore", "runStore", "blobStore"],
      load: () => import("@rmtc/store-memory"),
    },
  ],
  postgres: [
    {
      name: "@rmtc/store-postgres",
      roles: ["recordStore", "runStore"],
      load: () => import("@rmtc/store-postgres"),
    },
  ],
  age: [
    { name: "@rmtc/store-age", roles: ["recordStore", "runStore"], load: () => import("@rmtc/store-age") },
  ],
  file: [
    { name: "@rmtc/store-file", roles: ["recordStore", "runStore"], load: () => import("@rmtc/store-file") },
  ],
  fs: [{ name: "@rmtc/blob-fs", roles: ["blobStore"], load: () => import("@rmtc/blob-fs") }],
  onnx: [
    { name: "@rmtc/trainer-onnx", roles: ["trainer"], load: () => import("@rmtc/trainer-onnx") },
    { name: "@rmtc/inferer-onnx", roles: ["inferer"], load: () => import("@rmtc/inferer-onnx") },
  ],
  paired: [
    {
      name: "@rmtc/strategy-paired",
      roles: ["trainingStrategy"],
      load: () => import("@rmtc/strategy-paired"),
    },
  ],
  local: [
    { name: "@rmtc/scheduler-local", roles: ["scheduler"], load: () => import("@rmtc/scheduler-local") },
  ],
};

/** What a workspace uses where its configuration says nothing. */
export const defaultLocations: DefaultLocations = {
  records: "sqlite:.rmtc/catalog.db",
  runs: "sqlite:.rmtc/catalog.db",
  blobs: "fs:.rmtc/blobs",
  trainer: "onnx:",
  strategy: "paired:",
  scheduler: "local:.rmtc/jobs",
  inferer: "onnx:",
};

/** The command that carries out an opened run: this program's hidden `task`. */
export const taskCommand: NonNullable<OpenWorkspaceOptions["taskCommand"]> = (activity, folder) => [
  process.execPath,
  ...process.execArgv,
  fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "../bin/rmtc.js", import.meta.url)),
  "task",
  activity,
  "--workspace",
  folder,
];
