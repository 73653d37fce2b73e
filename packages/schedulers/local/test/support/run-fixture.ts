// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Starts a module of `fixtures` in a process of its own, with its output piped. */
export function runFixture(
  name: string,
  ...args: readonly string[]
): ChildProcessByStdio<null, Readable, null> {
  const module = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
  return spawn(process.execPath, ["--conditions=@rmtc/source", module, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
