// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  RmtcError,
  type StoredRecord,
  type TrainingItem,
  type TrainingJob,
  type TrainingSlot,
  type TrainingStrategy,
} from "@rmtc/contract";
import type { Digest, ItemSlot } from "@rmtc/spec";
import { type BodyByKind, bodyOf } from "../body-of.ts";
import { readItems } from "../dataset/read-items.ts";
import { getRecord } from "../get-records.ts";
import { targetsOf } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import type { TrainingSchedule } from "./open-run.ts";

/** A training job, and the leaf of each item by its key. */
export interface PreparedJob {
  readonly job: TrainingJob;
  readonly leaves: ReadonlyMap<string, Digest>;
}

/**
 * Turns a run's opening record into a job for its trainer: records become file paths, nothing else is looked up
 * by the trainer.
 */
export async function prepareJob(
  workspace: Workspace,
  run: StoredRecord,
  strategy: TrainingStrategy,
  options: {
    readonly outputFolder: string;
    readonly checkpoint?: StoredRecord | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PreparedJob> {
  const dataset = await getTarget(workspace, run, "trainedOn");
  const model = await getTarget(workspace, run, "used");
  const body = readable(run, "run");
  const network = readable(model, "model");
  const slots = readable(dataset, "dataset").slots ?? [];
  const { architecture } = network;
  if (architecture === undefined) {
    throw new RmtcError("RMTC_OPTION_INVALID", `Model ${model.record.id} does not say its architecture.`, {
      subject: model.record.id,
    });
  }
  const splitOf = (rel: string): string | undefined =>
    body.inputs?.find((input) => run.record.links[input.link]?.rel === rel)?.split;
  const items: { train: TrainingItem[]; validation: TrainingItem[] } = { train: [], validation: [] };
  const leaves = new Map<string, Digest>();
  for await (const { item, leaf } of readItems(workspace, dataset.record, options.signal)) {
    const part =
      item.split === splitOf("trainedOn")
        ? "train"
        : item.split === splitOf("validatedOn")
          ? "validation"
          : undefined;
    if (part === undefined) continue;
    leaves.set(item.key, leaf);
    const files: Record<string, TrainingSlot> = {};
    for (const slot of slots) {
      const file = item.slots[slot.name];
      if (file !== undefined) {
        files[slot.name] = {
          path: await workspace.blobs.localPath(file.digest, { signal: options.signal }),
          channels: slot.channels,
        };
      }
    }
    items[part].push({ key: item.key, slots: files });
  }
  const { steps, checkpointEverySteps, validateEverySteps, ...hyperparameters } =
    body.hyperparameters as unknown as TrainingSchedule & Record<string, unknown>;
  const initial = targetsOf(run.record, "initializedFrom")[0];
  const earlier = targetsOf(run.record, "resumedFrom")[0];
  const resume =
    options.checkpoint ??
    (earlier === undefined ? undefined : await getRecord(workspace.records, earlier.id));
  return {
    leaves,
    job: {
      architecture: { name: architecture.name, options: architecture.options ?? {} },
      inputs: pairInputs(
        slots,
        (network.inputs ?? []).map((input) => input.name),
      ),
      trainItems: items.train,
      validationItems: items.validation,
      losses: strategy.losses,
      hyperparameters,
      seed: body.seed,
      steps,
      checkpointEverySteps,
      validateEverySteps,
      initializeFrom:
        resume !== undefined || initial === undefined
          ? undefined
          : await firstFile(workspace, await getRecord(workspace.records, initial.id)),
      resumeFrom: resume === undefined ? undefined : await firstFile(workspace, resume),
      outputFolder: options.outputFolder,
    },
  };
}

/** Slots with the role `input` feed the network's inputs, in order. */
function pairInputs(slots: readonly ItemSlot[], names: readonly string[]): Record<string, string> {
  const inputs = slots.filter((slot) => slot.role === "input");
  if (inputs.length !== names.length) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `The dataset has ${inputs.length} input slots, the model ${names.length} inputs (${names.join(", ")}).`,
    );
  }
  return Object.fromEntries(inputs.map((slot, index) => [slot.name, names[index] ?? ""]));
}

function readable<Kind extends keyof BodyByKind>(stored: StoredRecord, kind: Kind): BodyByKind[Kind] {
  const body = bodyOf(stored.record, kind);
  if (body !== undefined) return body;
  throw new RmtcError("RMTC_STATE_INVALID", `The body of ${kind} ${stored.record.id} is withheld.`, {
    subject: stored.record.id,
  });
}

async function getTarget(
  workspace: Workspace,
  run: StoredRecord,
  rel: "trainedOn" | "used",
): Promise<StoredRecord> {
  const target = targetsOf(run.record, rel)[0];
  if (target === undefined) {
    throw new RmtcError("RMTC_DOCUMENT_INVALID", `Run ${run.record.id} has no ${rel} link.`, {
      subject: run.record.id,
    });
  }
  return await getRecord(workspace.records, target.id);
}

async function firstFile(workspace: Workspace, stored: StoredRecord): Promise<string> {
  const file = stored.record.files?.[0];
  if (file === undefined) {
    throw new RmtcError("RMTC_NOT_FOUND", `${stored.record.kind} ${stored.record.id} has no file.`, {
      subject: stored.record.id,
    });
  }
  return await workspace.blobs.localPath(file.digest);
}
