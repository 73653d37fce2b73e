// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { z } from "zod";
import packageJson from "../package.json" with { type: "json" };
import { AcmeTrainingStrategy, type AcmeTrainingStrategyOptions } from "./acme-training-strategy.ts";

const loss: z.ZodType<AcmeTrainingStrategyOptions["losses"][number]> = z.strictObject({
  name: z.string().min(1),
  loss: z.enum(["l1", "l2", "bce"]),
  output: z.string().min(1),
  target: z.string().min(1),
  weight: z.number().positive().default(1),
});

const extension: Extension<"trainingStrategy", AcmeTrainingStrategyOptions> = defineExtension({
  role: "trainingStrategy",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  // `rmtc train` gives the losses: one for each output of the network.
  options: z.strictObject({ losses: z.array(loss).min(1) }),
  open: async ({ losses }) => new AcmeTrainingStrategy(losses),
});
export default extension;
