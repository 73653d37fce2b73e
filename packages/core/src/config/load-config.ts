// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { RmtcError } from "@rmtc/contract";
import { parseConfig, type WorkspaceConfig } from "./workspace-config.ts";

/** The file that makes a folder a workspace. */
export const configFileName = "rmtc.config.ts";

/** A workspace's configuration and the folder it was found in. */
export interface LoadedConfig {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly config: WorkspaceConfig;
}

/**
 * Finds `rmtc.config.ts` in a folder or the nearest one above it, and loads it.
 *
 * The file is a program and is run: open only workspaces that you trust.
 *
 * @throws RMTC_NOT_FOUND when no folder up to the root has one.
 * @throws RMTC_OPTION_INVALID when it does not hold a configuration.
 */
export async function loadConfig(startFolder: string): Promise<LoadedConfig> {
  const folder = await findWorkspaceFolder(resolve(startFolder));
  if (folder === undefined) {
    throw new RmtcError(
      "RMTC_NOT_FOUND",
      `No ${configFileName} in ${resolve(startFolder)} or above it. Run \`rmtc init\` to make this folder a workspace.`,
      { subject: startFolder },
    );
  }
  const path = join(folder, configFileName);
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  return { folder, config: parseConfig(module.default ?? {}, path) };
}

async function findWorkspaceFolder(start: string): Promise<string | undefined> {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = await access(join(folder, configFileName)).then(
      () => true,
      () => false,
    );
    if (found) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
