// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const source = fileURLToPath(new URL("kill-at.c", import.meta.url));

/** Compiles the library that kills a process at a file-changing call, and returns its path. */
export async function buildKillAt(folder: string): Promise<string> {
  const library = join(folder, "kill-at.so");
  const flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"];
  await promisify(execFile)("gcc", [...flags, "-o", library, source, "-ldl"]);
  return library;
}
