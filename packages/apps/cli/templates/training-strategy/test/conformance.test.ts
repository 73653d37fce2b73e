// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { subjectFromExtension } from "@rmtc/conformance";
import { describeTrainingStrategy } from "@rmtc/conformance/vitest";
import extension from "../src/index.ts";

const losses = [{ name: "matte", loss: "l2", output: "output", target: "matte" }];
describeTrainingStrategy("AcmeTrainingStrategy", subjectFromExtension(extension, { losses }));
