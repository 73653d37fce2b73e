// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { openWorkspace } from "../../fixtures/open-workspace.ts";
import { scenarioOf } from "./change-scenario.ts";

const [name = "", folder = ""] = process.argv.slice(2);
await using workspace = await openWorkspace(folder);
await scenarioOf(name).change(workspace);
