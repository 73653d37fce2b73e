// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { subjectFromExtension } from "@rmtc/conformance";
import { describeTrainer } from "@rmtc/conformance/vitest";
import extension from "../src/index.ts";

// The suite's plates have two channels.
const fixture = {
  architecture: { name: "linear", options: { channels: 2 } },
  otherArchitecture: { name: "linear", options: { channels: 3 } },
};
describeTrainer("AcmeTrainer", subjectFromExtension(extension, {}, { fixture }));
