// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { subjectFromExtension } from "@rmtc/conformance";
import { describeTrainingStrategy } from "@rmtc/conformance/vitest";
import strategy, { pairedOptions } from "../src/index.ts";

const losses = [{ name: "matte", loss: "bce", output: "alpha", target: "matte" }] as const;
const exposureStops = { min: -1.2, max: 0.7 };
const options = { crop: { width: 128, height: 96 }, batchSize: 3, flipY: true, exposureStops, losses };
const fixture = { paired: pairedOptions.parse(options) };

describeTrainingStrategy("PairedStrategy", subjectFromExtension(strategy, options, { fixture }));
