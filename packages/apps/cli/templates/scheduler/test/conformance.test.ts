// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { killChildProcesses, subjectFromExtension } from "@rmtc/conformance";
import { describeScheduler } from "@rmtc/conformance/vitest";
import extension from "../src/index.ts";

describeScheduler("AcmeScheduler", subjectFromExtension(extension, {}, { kill: killChildProcesses }));
