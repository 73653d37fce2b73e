// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type StoredRecord } from "@rmtc/contract";
import { findAll, type RunProgress, type Workspace, watchRun } from "@rmtc/core";
import { printJson } from "./output/print-json.ts";
import { Progress } from "./output/progress.ts";
import { style } from "./output/style.ts";
import type { WorkspaceOptions } from "./with-workspace.ts";

/**
 * Watches a run with its live loss until it is sealed, and says what came out of it.
 *
 * @throws RMTC_PROCESS_FAILED when its job ended without a seal.
 */
export async function followRun(
  workspace: Workspace,
  signal: AbortSignal,
  run: StoredRecord,
  options: WorkspaceOptions,
): Promise<void> {
  using progress = new Progress("train", { silent: options.json });
  let last: RunProgress | undefined;
  for await (const now of watchRun(workspace, run, { signal })) {
    last = now;
    const done = Math.max(0, ...now.metrics.map((metric) => metric.last.step));
    progress.update(done, now.steps, formatMetrics(now));
  }
  progress[Symbol.dispose]();
  const { id, name } = run.record;
  if (last?.status?.state !== "sealed") {
    const why = last?.status?.message ?? "its process ended";
    throw new RmtcError(
      "RMTC_PROCESS_FAILED",
      `Run ${name ?? id} did not finish: ${why}. Look with \`rmtc runs log ${id}\`; go on with \`rmtc runs attach ${id}\`.`,
      { subject: id },
    );
  }
  const outputs = [];
  for await (const stored of findAll(workspace.records, {
    where: [
      { field: "kind", op: "eq", value: "weights" },
      { field: "link.generatedBy", op: "eq", value: id },
    ],
  }))
    outputs.push(stored);
  const metrics = Object.fromEntries(last.metrics.map((metric) => [metric.key, metric.last.value]));
  if (options.json === true) {
    return printJson({
      run: id,
      state: "sealed",
      steps: last.steps,
      metrics,
      weights: outputs.map(({ record, digest }) => ({ id: record.id, digest, file: record.files?.[0] })),
    });
  }
  console.log(
    `run ${style("bold", name ?? "")} ${id.slice("urn:uuid:".length)} sealed after ${last.steps} steps`,
  );
  for (const [key, value] of Object.entries(metrics))
    console.log(
      `  ${style("dim", key.padEnd(20))} ${typeof value === "number" ? value.toPrecision(4) : value}`,
    );
  for (const { record } of outputs)
    console.log(
      `  ${style("cyan", "weights")} ${record.name ?? ""} ${record.files?.[0]?.path ?? ""} ${record.id.slice("urn:uuid:".length)}`,
    );
}

function formatMetrics({ metrics, job }: RunProgress): string {
  const shown = metrics.filter(({ key }) => !key.startsWith("rate.")).slice(0, 3);
  if (shown.length === 0) return job === undefined ? "waiting" : "starting";
  return shown
    .map(
      ({ key, last }) => `${key} ${typeof last.value === "number" ? last.value.toPrecision(3) : last.value}`,
    )
    .join("  ");
}
