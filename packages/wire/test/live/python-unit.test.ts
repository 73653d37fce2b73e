// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { pythonFolder } from "../fixtures/python-command.ts";

it("the reference in Python passes its own tests", async () => {
  const { stderr } = await promisify(execFile)("python3", ["-B", "-m", "unittest"], { cwd: pythonFolder });
  expect(stderr).toMatch(/Ran \d+ tests/);
});
