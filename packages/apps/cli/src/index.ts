// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { builtInExtensions, defaultLocations } from "./defaults.ts";
export { openWorkspace } from "./open-workspace.ts";
