// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkAfterKill } from "../support/check-after-kill.ts";

test.for(["main:before", "main:after", "thread:before", "thread:after"])(
  "shows only whole blobs and all that it acknowledged when it is killed %s each file-changing call",
  async (moment) => {
    const folder = await mkdtemp(join(tmpdir(), "rmtc-blob-fs-"));
    try {
      let number = 1;
      while (await checkAfterKill(await mkdtemp(join(folder, "run-")), `${moment}:${number}`)) number += 1;
      expect(number).toBeGreaterThan(15);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
