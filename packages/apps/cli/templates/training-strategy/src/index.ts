// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { z } from "zod";
import packageJson from "../package.json" with { type: "json" };
import { AcmeTrainingStrategy } from "./acme-training-strategy.ts";

/** What a configuration can say beside the package's name: add your options here. */
export type AcmeTrainingStrategyOptions = Readonly<Record<string, never>>;

const extension: Extension<"trainingStrategy", AcmeTrainingStrategyOptions> = defineExtension({
  role: "trainingStrategy",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  options: z.strictObject({}),
  open: async () => new AcmeTrainingStrategy(),
});
export default extension;
