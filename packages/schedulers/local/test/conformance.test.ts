// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { killChildProcesses, subjectFromExtension } from "@rmtc/conformance";
import { describeScheduler } from "@rmtc/conformance/vitest";
import scheduler from "../src/index.ts";

const options = { path: "jobs", slots: 4, graceSeconds: 0.1 };

describeScheduler("LocalScheduler", subjectFromExtension(scheduler, options, { kill: killChildProcesses }));
