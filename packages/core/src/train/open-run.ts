// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord, recordDigest } from "@rmtc/attest";
import { RmtcError, type StoredRecord } from "@rmtc/contract";
import type { Implementation, Link, RunBody } from "@rmtc/spec";
import { activityLinks, resolveContext } from "../activity/activity-links.ts";
import { bodyOf } from "../body-of.ts";
import type { ExtensionLocation } from "../config/workspace-config.ts";
import { putRecords } from "../put-records.ts";
import { linkTo, type RecordReference, referenceOf, targetsOf } from "../record-link.ts";
import { checkRights } from "../rights/check-rights.ts";
import type { Workspace } from "../workspace.ts";

/** A training to start. */
export interface TrainRequest {
  /** The name of the run and of the weights that come out of it. */
  readonly name: string;
  readonly version?: string | undefined;
  readonly model: StoredRecord;
  readonly dataset: StoredRecord;
  /** The split that is learnt from; `train` unless given. */
  readonly trainSplit?: string | undefined;
  /** The split that is measured; `validation` unless given. */
  readonly validationSplit?: string | undefined;
  readonly seed: number;
  readonly steps: number;
  readonly checkpointEverySteps: number;
  readonly validateEverySteps: number;
  /** The trainer's own hyper-parameters. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly trainer?: ExtensionLocation | undefined;
  readonly strategy: ExtensionLocation;
  /** Weights or checkpoint whose parameters the training starts from. */
  readonly initializeFrom?: StoredRecord | undefined;
  /** Checkpoint of another run that the training goes on from. */
  readonly resumeFrom?: StoredRecord | undefined;
  readonly solution?: RecordReference | undefined;
}

/** The hyper-parameters that the workspace itself reads from a run's record. */
export interface TrainingSchedule {
  readonly steps: number;
  readonly checkpointEverySteps: number;
  readonly validateEverySteps: number;
}

/**
 * Checks a training and puts its opening record, with every input closed, before the first step is made.
 *
 * @throws RMTC_RIGHTS_DENIED when an input's licences do not grant `train`.
 * @throws RMTC_OPTION_INVALID when model, hyper-parameters or strategy do not fit together.
 */
export async function openRun(workspace: Workspace, request: TrainRequest): Promise<RecordReference> {
  const { model, dataset, initializeFrom, resumeFrom, solution } = request;
  const datasetBody = bodyOf(dataset.record, "dataset");
  const architecture = bodyOf(model.record, "model")?.architecture;
  if (architecture === undefined) {
    throw new RmtcError("RMTC_OPTION_INVALID", `Model ${model.record.id} does not say its architecture.`, {
      subject: model.record.id,
    });
  }
  const trainSplit = request.trainSplit ?? "train";
  const validationSplit = request.validationSplit ?? "validation";
  if ((datasetBody?.splits?.[trainSplit] ?? 0) === 0) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `Dataset ${dataset.record.name ?? dataset.record.id} has no items in the split "${trainSplit}".`,
      {
        subject: dataset.record.id,
      },
    );
  }
  const plates = targetsOf(dataset.record, "hasMember").map((member) => member.id);
  const inputs = [model, dataset, initializeFrom, resumeFrom].filter((input) => input !== undefined);
  await checkRights(workspace, "train", [...inputs.map((input) => input.record.id), ...plates]);

  await using opened = new AsyncDisposableStack();
  const trainer = await workspace.openTrainer(request.trainer);
  opened.use(trainer.instance);
  const strategy = await workspace.openStrategy(request.strategy);
  opened.use(strategy.instance);
  const scheduler = workspace.taskCommand === undefined ? undefined : await workspace.openScheduler();
  if (scheduler !== undefined) opened.use(scheduler.instance);
  await trainer.instance.describe({
    architecture: { name: architecture.name, options: architecture.options ?? {} },
    hyperparameters: request.hyperparameters,
  });

  const context = await resolveContext(workspace, solution, [
    ...[trainer, strategy, scheduler]
      .filter((extension) => extension !== undefined)
      .flatMap((extension) => [extension, ...extension.runsOn]),
  ]);
  const links: Link[] = [
    linkTo("trainedOn", referenceOf(dataset)),
    ...((datasetBody?.splits?.[validationSplit] ?? 0) > 0
      ? [linkTo("validatedOn", referenceOf(dataset))]
      : []),
    linkTo("used", referenceOf(model)),
    ...(initializeFrom === undefined ? [] : [linkTo("initializedFrom", referenceOf(initializeFrom))]),
    ...(resumeFrom === undefined ? [] : [linkTo("resumedFrom", referenceOf(resumeFrom))]),
    ...activityLinks(context),
  ];
  const schedule: TrainingSchedule = {
    steps: request.steps,
    checkpointEverySteps: request.checkpointEverySteps,
    validateEverySteps: request.validateEverySteps,
  };
  const body: RunBody = {
    trainer: implementationOf(trainer),
    strategy: implementationOf(strategy),
    ...(scheduler === undefined ? {} : { scheduler: implementationOf(scheduler) }),
    seed: request.seed,
    hyperparameters: { ...request.hyperparameters, ...schedule },
    inputsClosed: true,
    inputs: links.flatMap(({ rel }, link) =>
      rel === "trainedOn"
        ? [{ link, split: trainSplit }]
        : rel === "validatedOn"
          ? [{ link, split: validationSplit }]
          : [],
    ),
  };
  const record = makeRecord({
    kind: "run",
    name: request.name,
    version: request.version,
    links,
    body: { ...body },
  });
  await putRecords(workspace, [...context.made, record]);
  await workspace.runs.openRun({ run: record.id });
  return { id: record.id, digest: recordDigest(record) };
}

function implementationOf(opened: {
  readonly name: string;
  readonly version: string;
  readonly options: Readonly<Record<string, unknown>>;
}): Implementation {
  return { name: opened.name, version: opened.version, options: { ...opened.options } };
}
