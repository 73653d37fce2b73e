// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mainPath } from "../fixtures/run-rmtc.ts";
import { buildKillAt } from "./fault/build-kill-at.ts";
import { changeScenarios } from "./fault/change-scenario.ts";
import { KillMatrix } from "./fault/kill-matrix.ts";
import { runWithKill } from "./fault/run-with-kill.ts";

/** Kills for each change; `bench/kill-matrix` makes them all. */
const killCount = 30;

let folder = "";
let library = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-kill-points-"));
  library = await buildKillAt(folder);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("killed at any file-changing call, the listing is that before or after", () => {
  it.each(Object.keys(changeScenarios))("of %s, which can be repeated and leaves no files", async (name) => {
    const matrix = await KillMatrix.prepare(name, library, await mkdtemp(join(folder, "matrix-")));
    const stride = Math.ceil(matrix.points.length / killCount);
    // Every day other points, so that all are met in time.
    const offset = Math.floor(Date.now() / 86_400_000) % stride;
    const points = matrix.points.filter((_, index) => index % stride === offset);
    const found = new Set<string>();
    for await (const outcome of matrix.killAtEach(points, 2)) {
      expect(outcome).not.toHaveProperty("problem");
      found.add(outcome.found);
    }
    expect(found).toContain("before");
    expect(found).toContain("after");
  });

  it("of init, which leaves a whole configuration or none", async () => {
    const parent = await mkdtemp(join(folder, "init-"));
    const run = async (workspace: string, call: number, after: boolean): Promise<boolean> => {
      const { killed } = await runWithKill({
        library,
        command: [
          process.execPath,
          "--conditions=@rmtc/source",
          mainPath,
          "init",
          workspace,
          "--person",
          "Ada",
        ],
        folder: parent,
        log: join(folder, "init.log"),
        compileCache: join(folder, "init-cache"),
        point: { call, after },
      });
      return killed;
    };
    const whole = join(parent, "whole");
    expect(await run(whole, 0, false)).toBe(false);
    const expected = await readFile(join(whole, "rmtc.config.ts"), "utf8");
    let killed = true;
    let call = 0;
    while (killed) {
      call += 1;
      for (const after of [false, true]) {
        const workspace = join(parent, `${call}-${after}`);
        killed = await run(workspace, call, after);
        const config = await readFile(join(workspace, "rmtc.config.ts"), "utf8").catch(() => undefined);
        expect([expected, undefined]).toContain(config);
        if (config === undefined) await run(workspace, 0, false);
        expect(await readFile(join(workspace, "rmtc.config.ts"), "utf8")).toBe(expected);
      }
    }
    expect(call).toBeGreaterThan(3);
  });
});
