// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Workspace } from "@rmtc/core";
import { builtInExtensions, defaultLocations } from "./defaults.ts";

/**
 * Opens the workspace that a folder lies in, with the extensions that come with the command. Trainings work in
 * this process.
 *
 * @throws RMTC_NOT_FOUND when the folder lies in no workspace.
 */
export async function openWorkspace(folder?: string): Promise<Workspace> {
  return await Workspace.open({ folder, extensions: builtInExtensions, defaults: defaultLocations });
}
