// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { z } from "zod";
import packageJson from "../package.json" with { type: "json" };
import { AcmeConverter } from "./acme-converter.ts";

/** What a configuration can say beside the package's name: add your options here. */
export type AcmeConverterOptions = Readonly<Record<string, never>>;

const extension: Extension<"converter", AcmeConverterOptions> = defineExtension({
  role: "converter",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  options: z.strictObject({}),
  open: async () => new AcmeConverter(),
});
export default extension;
