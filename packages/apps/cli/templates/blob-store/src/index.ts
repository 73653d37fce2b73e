// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { z } from "zod";
import packageJson from "../package.json" with { type: "json" };
import { AcmeBlobStore } from "./acme-blob-store.ts";

/** What a configuration can say beside the package's name: add your options here. */
export type AcmeBlobStoreOptions = Readonly<Record<string, never>>;

const extension: Extension<"blobStore", AcmeBlobStoreOptions> = defineExtension({
  role: "blobStore",
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  options: z.strictObject({}),
  open: async () => new AcmeBlobStore(),
});
export default extension;
