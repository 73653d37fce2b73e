// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { killChildProcesses, subjectFromExtension } from "@rmtc/conformance";
import { describeInferer } from "@rmtc/conformance/vitest";
import inferer from "../src/index.ts";

describeInferer("OnnxInferer", subjectFromExtension(inferer, {}, { kill: killChildProcesses }));
