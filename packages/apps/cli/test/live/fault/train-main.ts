// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { executeRun, getRecord } from "@rmtc/core";
import { openWorkspace } from "../../fixtures/open-workspace.ts";

// Carries out a run, and ends when it is sealed.
const [folder = "", run = ""] = process.argv.slice(2);
await using workspace = await openWorkspace(folder);
await executeRun(workspace, await getRecord(workspace.records, run));
