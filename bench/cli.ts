// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Measurement, median } from "./measurement.ts";

const rmtc = fileURLToPath(new URL("../packages/apps/cli/bin/rmtc.js", import.meta.url));

/** Milliseconds from starting the built command to its end, which is when a person sees the first output. */
export async function measure(): Promise<readonly Measurement[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let repetition = 0; repetition < 11; repetition += 1) {
    bare.push(timed(["-e", "0"]));
    ours.push(timed([rmtc, "--version"]));
  }
  const help: number[] = [];
  for (let repetition = 0; repetition < 11; repetition += 1) help.push(timed([rmtc, "find", "--help"]));
  return [
    {
      bench: "cli",
      case: "rmtc --version, built",
      unit: "ms",
      ours: median(ours),
      budget: 150,
      better: "lower",
    },
    {
      bench: "cli",
      case: "rmtc find --help, built",
      unit: "ms",
      ours: median(help),
      budget: 150,
      better: "lower",
    },
    { bench: "cli", case: "node alone, for comparison", unit: "ms", ours: median(bare), better: "lower" },
  ];
}

function timed(args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} failed; run \`npm run build\` first.\n${stderr}`);
  return performance.now() - started;
}
