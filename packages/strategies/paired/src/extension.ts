// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { type PairedOptions, pairedOptions } from "./paired-options.ts";
import { PairedStrategy } from "./paired-strategy.ts";

/** The strategy as an extension: `paired` in a configuration. */
export const strategy: Extension<"trainingStrategy", PairedOptions> = defineExtension({
  role: "trainingStrategy",
  name: "@rmtc/strategy-paired",
  version: "0.1.0",
  contract: 1,
  scheme: "paired",
  options: pairedOptions,
  open: async (options) => new PairedStrategy(options),
});
