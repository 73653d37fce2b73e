// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { lstat, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { RmtcError } from "@rmtc/contract";
import { fileError } from "../file-error.ts";
import { configFileName } from "./load-config.ts";
import { parseConfig, type WorkspaceConfig } from "./workspace-config.ts";

/**
 * Makes a folder a workspace by writing its `rmtc.config.ts`, and returns the folder's absolute path.
 *
 * The file is written aside and renamed: a kill leaves a whole one or none.
 *
 * @throws RMTC_STATE_INVALID when it is one already; RMTC_ACCESS_DENIED, RMTC_PATH_INVALID when it cannot be one.
 */
export async function initWorkspace(folder: string, config: WorkspaceConfig): Promise<string> {
  const absolute = resolve(folder);
  const path = join(absolute, configFileName);
  parseConfig(config, path);
  try {
    await mkdir(absolute, { recursive: true });
    await writeConfig(path, config);
  } catch (error) {
    throw fileError(error, absolute);
  }
  return absolute;
}

async function writeConfig(path: string, config: WorkspaceConfig): Promise<void> {
  if (await isThere(path)) {
    throw new RmtcError(
      "RMTC_STATE_INVALID",
      `${dirname(path)} is a workspace already: ${configFileName} exists.`,
      { subject: dirname(path) },
    );
  }
  const text = `// RMTC workspace: which extensions keep records, bytes and run state, and which train and infer.\nexport default ${JSON.stringify(config, null, 2)};\n`;
  const aside = `${path}.part`;
  await writeFile(aside, text, { flush: true });
  await rename(aside, path);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
