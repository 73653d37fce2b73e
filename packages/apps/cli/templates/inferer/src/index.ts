// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { z } from "zod";
import packageJson from "../package.json" with { type: "json" };
import { AcmeInferer } from "./acme-inferer.ts";

/** What a configuration can say beside the package's name: add your options here. */
export type AcmeInfererOptions = Readonly<Record<string, never>>;

const extension: Extension<"inferer", AcmeInfererOptions> = defineExtension({
  role: "inferer",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  options: z.strictObject({}),
  open: async () => new AcmeInferer(),
});
export default extension;
