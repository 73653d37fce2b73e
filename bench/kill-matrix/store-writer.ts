// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord } from "@rmtc/attest";
import type { MetricPoint } from "@rmtc/contract";
import { ExtensionHost } from "@rmtc/core";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { builtInExtensions } from "../../packages/apps/cli/src/defaults.ts";

/** Puts records and logs metrics until it is killed, and says what it is about to do and what was acknowledged: url, run. */
const [url = "", run = ""] = process.argv.slice(2);
const host = new ExtensionHost(builtInExtensions, process.cwd());
const records = (await host.open("recordStore", url)).instance;
const runs = (await host.open("runStore", url)).instance;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const { attempt } = await runs.startAttempt({ run, resumeAfterStep: Number.MAX_SAFE_INTEGER });
for (let batch = 1; ; batch += 1) {
  const put = Array.from({ length: 1 + Math.floor(150 * Math.random() ** 2) }, () =>
    makeRecord({ kind: "asset", name: "plate", tags: ["kill"] }),
  );
  say(`try ${put.map(({ id }) => id).join(" ")}`);
  await records.put({ records: put });
  say("put");
  const at = new Date().toISOString();
  const points = Array.from(
    { length: 20 },
    (_, step): MetricPoint => ({ key: `a${attempt}`, step: 20 * batch + step, value: batch, at }),
  );
  await runs.logMetrics({ run, attempt, batch, points });
  say(`points ${attempt} ${20 * batch}`);
}
