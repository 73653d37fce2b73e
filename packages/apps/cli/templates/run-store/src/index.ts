// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { z } from "zod";
import packageJson from "../package.json" with { type: "json" };
import { AcmeRunStore } from "./acme-run-store.ts";

/** What a configuration can say beside the package's name: add your options here. */
export type AcmeRunStoreOptions = Readonly<Record<string, never>>;

const extension: Extension<"runStore", AcmeRunStoreOptions> = defineExtension({
  role: "runStore",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  options: z.strictObject({}),
  open: async () => new AcmeRunStore(),
});
export default extension;
