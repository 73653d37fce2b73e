// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import { generateKernels, readKernels } from "../scripts/generate-kernels.ts";

it("carries the kernels that their source assembles to", async () => {
  expect(await readKernels()).toBe(await generateKernels());
});
