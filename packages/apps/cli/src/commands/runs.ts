// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type StoredRecord } from "@rmtc/contract";
import { cancelRun, findJobOfRun, getRecords, resolveReference, submitRun, type Workspace } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { followRun } from "../follow-run.ts";
import { printJson } from "../output/print-json.ts";
import { style } from "../output/style.ts";
import { formatTable } from "../output/table.ts";
import { parseInteger } from "../parse-number.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

/** `rmtc runs`: what trains, and what has trained. */
export function register(program: Command): void {
  const runs = program
    .command("runs")
    .summary("list, watch, attach to or cancel trainings")
    .description("Lists trainings, newest first.")
    .addHelpText("after", "\nExamples:\n  rmtc runs\n  rmtc runs attach hero-roto");
  addCommonOptions(
    runs
      .command("list", { isDefault: true })
      .summary("list trainings")
      .option("-n, --limit <count>", "the most to print", parseInteger("--limit", 1, 1000), 20),
  )
    .addHelpText("after", "\nExamples:\n  rmtc runs\n  rmtc runs attach hero-roto\n  rmtc runs log hero-roto")
    .action(
      async (options: WorkspaceOptions & { limit: number }) =>
        await withWorkspace(options, (workspace) => list(workspace, options)),
    );
  addCommonOptions(
    runs
      .command("attach")
      .summary("watch a training; start its job again if it died")
      .argument("<run>", "a run's name or id"),
  )
    .addHelpText("after", "\nExamples:\n  rmtc runs attach hero-roto")
    .action(
      async (text: string, options: WorkspaceOptions) =>
        await withWorkspace(options, async (workspace, signal) => {
          const run = await findRun(workspace, text);
          const [status] = await workspace.runs.getRuns([run.record.id]);
          if (status?.state !== "sealed") await submitRun(workspace, run);
          await followRun(workspace, signal, run, options);
        }),
    );
  addCommonOptions(
    runs.command("cancel").summary("end a training for good").argument("<run>", "a run's name or id"),
  )
    .addHelpText("after", "\nExamples:\n  rmtc runs cancel hero-roto")
    .action(
      async (text: string, options: WorkspaceOptions) =>
        await withWorkspace(options, async (workspace) => {
          const status = await cancelRun(workspace, await findRun(workspace, text));
          if (options.json === true) printJson(status);
          else console.log(`run ${status.run} is cancelled and sealed.`);
        }),
    );
  addCommonOptions(
    runs
      .command("log")
      .summary("what a training's process printed")
      .argument("<run>", "a run's name or id")
      .option("-f, --follow", "until it ends"),
  )
    .addHelpText("after", "\nExamples:\n  rmtc runs log hero-roto --follow")
    .action(
      async (text: string, options: WorkspaceOptions & { follow?: boolean }) =>
        await withWorkspace(options, async (workspace, signal) => {
          const run = await findRun(workspace, text);
          await using scheduler = (await workspace.openScheduler()).instance;
          const job = await findJobOfRun(scheduler, run.record.id);
          if (job === undefined)
            throw new RmtcError("RMTC_NOT_FOUND", `No job was submitted for run ${run.record.id}.`, {
              subject: run.record.id,
            });
          for await (const chunk of scheduler.logs(
            { job: job.job, task: "train" },
            { follow: options.follow, signal },
          ))
            process.stdout.write(chunk);
        }),
    );
  addCommonOptions(
    runs
      .command("metrics")
      .summary("the counting points of a training")
      .argument("<run>", "a run's name or id")
      .option("-k, --key <key>", "only this metric"),
  )
    .addHelpText("after", "\nExamples:\n  rmtc runs metrics hero-roto --key loss")
    .action(
      async (text: string, options: WorkspaceOptions & { key?: string }) =>
        await withWorkspace(options, (workspace) => metrics(workspace, text, options)),
    );
}

async function findRun(workspace: Workspace, text: string): Promise<StoredRecord> {
  return await resolveReference(workspace, text, ["run"]);
}

async function list(
  workspace: Workspace,
  options: WorkspaceOptions & { readonly limit: number },
): Promise<void> {
  const { runs } = await workspace.runs.listRuns({ limit: options.limit });
  if (options.json === true) return printJson({ runs });
  const records = await getRecords(
    workspace.records,
    runs.map((run) => run.run),
    ["name"],
  );
  const rows = await Promise.all(
    runs.map(async (run) => {
      const summaries = await workspace.runs.summarizeMetrics(run.run);
      const step = Math.max(0, ...summaries.map((summary) => summary.last.step));
      const loss = summaries.find((summary) => summary.key === "loss") ?? summaries[0];
      const value =
        loss === undefined
          ? ""
          : `${loss.key} ${typeof loss.last.value === "number" ? loss.last.value.toPrecision(3) : loss.last.value}`;
      return [
        records.get(run.run)?.record.name ?? "",
        stateOf(run.state),
        String(step),
        value,
        String(run.attempt),
        run.openedAt.slice(0, 19).replace("T", " "),
        run.run.slice("urn:uuid:".length),
      ];
    }),
  );
  console.log(
    rows.length === 0
      ? "No run yet. `rmtc train --help` says how to start one."
      : formatTable(["name", "state", "step", "metric", "attempts", "opened", "id"], rows),
  );
}

function stateOf(state: string): string {
  return style(
    state === "sealed" || state === "succeeded"
      ? "green"
      : state === "failed" || state === "cancelled"
        ? "red"
        : "yellow",
    state,
  );
}

async function metrics(
  workspace: Workspace,
  text: string,
  options: WorkspaceOptions & { readonly key?: string },
): Promise<void> {
  const run = await findRun(workspace, text);
  let cursor: string | undefined;
  do {
    const page = await workspace.runs.readMetrics({
      run: run.record.id,
      keys: options.key === undefined ? undefined : [options.key],
      limit: 10_000,
      cursor,
    });
    for (const point of page.points) {
      if (options.json === true) printJson(point);
      else console.log(`${point.key}\t${point.step}\t${point.value}`);
    }
    cursor = page.next;
  } while (cursor !== undefined);
}
