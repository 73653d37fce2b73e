// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { killChildProcesses, subjectFromExtension } from "@rmtc/conformance";
import { describeTrainer } from "@rmtc/conformance/vitest";
import trainer from "../src/index.ts";

const fixture = {
  architecture: { name: "unet", options: { widths: [4, 8], encoderConvolutions: 1 } },
  otherArchitecture: { name: "unet", options: { widths: [4, 9], encoderConvolutions: 1 } },
  hyperparameters: { learningRate: 0.02 },
};

describeTrainer(
  "OnnxTrainer",
  subjectFromExtension(trainer, { threads: 1 }, { fixture, kill: killChildProcesses }),
);
