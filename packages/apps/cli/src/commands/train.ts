// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import {
  bodyOf,
  getRecord,
  openRun,
  referenceOf,
  resolveReference,
  submitRun,
  targetsOf,
  type Workspace,
} from "@rmtc/core";
import { type Command, Option } from "commander";
import { addCommonOptions, collect } from "../add-common-options.ts";
import { followRun } from "../follow-run.ts";
import { printJson } from "../output/print-json.ts";
import { parseAssignments } from "../parse-assignments.ts";
import { parseInteger } from "../parse-number.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly model: string;
  readonly dataset: string;
  readonly steps: number;
  readonly seed: number;
  readonly loss: readonly ("bce" | "l1" | "l2")[];
  readonly set?: readonly string[];
  readonly strategy?: readonly string[];
  readonly checkpointEvery?: number;
  readonly validateEvery?: number;
  readonly init?: string;
  readonly resume?: string;
  readonly weightsVersion?: string;
  readonly solution?: string;
  readonly detach?: boolean;
}

/** `rmtc train`: trains a network in a scheduled job. */
export function register(program: Command): void {
  const command = program
    .command("train")
    .summary("train a network in a scheduled job")
    .description(
      "Opens a run with all of its inputs, trains in a scheduled job, and shows the loss while it goes. Ctrl+C stops watching, not the training; `rmtc runs attach` watches again.",
    )
    .argument("<name>", "the name of the run and its weights")
    .requiredOption("-m, --model <record>", "the model")
    .requiredOption("-d, --dataset <record>", "the dataset")
    .requiredOption("--steps <count>", "optimizer steps", parseInteger("--steps", 1))
    .option("--seed <number>", "seed of every random choice", parseInteger("--seed", 0), 1)
    .addOption(
      new Option("--loss <losses...>", "losses that are added up")
        .choices(["bce", "l1", "l2"])
        .default(["bce"]),
    )
    .option(
      "--set <name=value>",
      "a hyper-parameter of the trainer, for example learningRate=0.002 (repeatable)",
      collect,
    )
    .option(
      "--strategy <name=value>",
      "an option of the strategy, for example crop=128, batchSize=8, exposureStops.min=-1 (repeatable)",
      collect,
    )
    .option(
      "--checkpoint-every <steps>",
      "steps between checkpoints (default: a quarter of all)",
      parseInteger("--checkpoint-every", 1),
    )
    .option(
      "--validate-every <steps>",
      "steps between validations (default: a tenth of all)",
      parseInteger("--validate-every", 1),
    )
    .option("--init <record>", "weights or checkpoint to start from")
    .option("--resume <record>", "checkpoint of another run to go on from")
    .option("--weights-version <version>", "the version of the weights")
    .option("--solution <record>", "the solution this is for")
    .option("--detach", "return when the job is submitted");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc train hero-roto --model roto-net --dataset hero-mattes --steps 400 --seed 7 --set learningRate=0.002",
    )
    .action(
      async (name: string, options: Options) =>
        await withWorkspace(options, (workspace, signal) => run(workspace, signal, name, options)),
    );
}

async function run(workspace: Workspace, signal: AbortSignal, name: string, options: Options): Promise<void> {
  const model = await resolveReference(workspace, options.model, ["model"]);
  const dataset = await resolveReference(workspace, options.dataset, ["dataset"]);
  const network = bodyOf(model.record, "model");
  const targets = (bodyOf(dataset.record, "dataset")?.slots ?? []).filter((slot) => slot.role === "target");
  const outputs = network?.outputs ?? [];
  if (targets.length === 0 || targets.length !== outputs.length) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `The dataset has ${targets.length} targets, the model ${outputs.length} outputs; each output needs its target.`,
    );
  }
  const losses = targets.flatMap((target, index) =>
    options.loss.map((loss) => ({
      name: targets.length === 1 ? `loss.${loss}` : `loss.${target.name}.${loss}`,
      loss,
      output: outputs[index]?.name ?? "",
      target: target.name,
      weight: 1,
    })),
  );
  const strategy = workspace.config.strategy;
  const base = typeof strategy === "object" ? strategy : { use: "@rmtc/strategy-paired" };
  const opened = await openRun(workspace, {
    name,
    version: options.weightsVersion,
    model,
    dataset,
    seed: options.seed,
    steps: options.steps,
    checkpointEverySteps: options.checkpointEvery ?? Math.max(1, Math.ceil(options.steps / 4)),
    validateEverySteps: options.validateEvery ?? Math.max(1, Math.ceil(options.steps / 10)),
    hyperparameters: parseAssignments(options.set ?? []),
    strategy: {
      ...base,
      options: {
        ...(typeof strategy === "object" ? strategy.options : {}),
        ...parseAssignments(options.strategy ?? []),
        losses,
      },
    },
    initializeFrom:
      options.init === undefined
        ? undefined
        : await resolveReference(workspace, options.init, ["weights", "checkpoint"]),
    resumeFrom:
      options.resume === undefined
        ? undefined
        : await resolveReference(workspace, options.resume, ["checkpoint"]),
    solution:
      options.solution === undefined
        ? targetsOf(dataset.record, "createdFor")[0]
        : referenceOf(await resolveReference(workspace, options.solution, ["solution"])),
  });
  const stored = await getRecord(workspace.records, opened.id);
  await submitRun(workspace, stored);
  if (options.detach !== true) return await followRun(workspace, signal, stored, options);
  if (options.json === true) printJson({ run: opened.id, state: "running" });
  else console.log(`run ${opened.id} is on its way; \`rmtc runs attach ${name}\` watches it.`);
}
