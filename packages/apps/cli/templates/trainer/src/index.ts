// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { z } from "zod";
import packageJson from "../package.json" with { type: "json" };
import { AcmeTrainer } from "./acme-trainer.ts";

/** What a configuration can say beside the package's name: add your options here. */
export type AcmeTrainerOptions = Readonly<Record<string, never>>;

const extension: Extension<"trainer", AcmeTrainerOptions> = defineExtension({
  role: "trainer",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  options: z.strictObject({}),
  open: async () => new AcmeTrainer(),
});
export default extension;
