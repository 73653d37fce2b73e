// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  defineExtension,
  type Extension,
  type Inferable,
  type Inferer,
  type OptionsSchema,
} from "@rmtc/contract";

const options: OptionsSchema<unknown> = {
  "~standard": { version: 1, vendor: "rmtc", validate: (value) => ({ value }) },
};

const image = {
  name: "x",
  layout: { dtype: "F32" as const, shape: [1, 4, 0, 0], axes: ["n", "c", "h", "w"] },
};

const network: Inferable = {
  capabilities: { tiles: false, concurrency: 1 },
  inputs: [image],
  outputs: [image],
  run: async ({ inputs }) => ({ outputs: inputs }),
  [Symbol.asyncDispose]: async () => undefined,
};

/** An inferer whose network returns what it is given, so that nothing but the way there and back is measured. */
export const echoInferer: Extension<"inferer", unknown> = defineExtension({
  role: "inferer",
  name: "echo",
  version: "1.0.0",
  contract: 1,
  options,
  open: async (): Promise<Inferer> => ({
    name: "echo",
    capabilities: { mediaTypes: ["application/octet-stream"] },
    open: async () => network,
    [Symbol.asyncDispose]: async () => undefined,
  }),
});
