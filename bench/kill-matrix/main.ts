// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { buildKillAt } from "../../packages/apps/cli/test/live/fault/build-kill-at.ts";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { changeScenarios } from "../../packages/apps/cli/test/live/fault/change-scenario.ts";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { KillMatrix } from "../../packages/apps/cli/test/live/fault/kill-matrix.ts";

/**
 * Kills `ingest` and `publish` before and after every file-changing call, and prints what a second process finds.
 * The live tests take every nth of these points.
 *
 *   node --conditions=@rmtc/source bench/kill-matrix/main.ts [--parallel <n>] [scenario …]
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { parallel: { type: "string", default: String(availableParallelism()) } },
});
const folder = await mkdtemp(join(tmpdir(), "rmtc-kill-matrix-"));
const library = await buildKillAt(folder);
let problems = 0;
for (const name of positionals.length > 0 ? positionals : Object.keys(changeScenarios)) {
  const place = join(folder, name.replaceAll(" ", "-"));
  await mkdir(place);
  const started = performance.now();
  const matrix = await KillMatrix.prepare(name, library, place);
  const counts = { before: 0, after: 0, late: 0, problem: 0 };
  for await (const outcome of matrix.killAtEach(matrix.points, Number(values.parallel))) {
    counts[outcome.problem === undefined ? outcome.found : "problem"] += 1;
    if (outcome.problem === undefined) continue;
    const { call, after } = outcome.point;
    console.log(
      `${name}: killed ${after ? "after" : "before"} call ${call} (${outcome.call}): ${outcome.problem}`,
    );
  }
  problems += counts.problem;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${name}: ${matrix.calls.length} calls, ${matrix.points.length} kills; found the state before ${counts.before} times, after ${counts.after} times, not reached ${counts.late}, problems ${counts.problem} (${seconds} s)`,
  );
}
if (problems === 0) await rm(folder, { recursive: true });
else console.log(`The workspaces with problems are kept in ${folder}.`);
process.exitCode = problems === 0 ? 0 : 1;
