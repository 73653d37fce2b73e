// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import {
  findAll,
  ingest,
  initWorkspace,
  publishDataset,
  publishRecord,
  referenceOf,
  resolveReference,
  type Workspace,
} from "@rmtc/core";
import { writeFrames } from "../../fixtures/frames.ts";
import { openWorkspace } from "../../fixtures/open-workspace.ts";

/** A change of a workspace that may be killed at any moment. */
export interface ChangeScenario {
  /** Brings an empty folder to the state before the change. */
  readonly prepare: (folder: string) => Promise<void>;
  /** Makes the change. */
  readonly change: (workspace: Workspace) => Promise<unknown>;
}

async function publishLicense(workspace: Workspace): Promise<void> {
  await publishRecord(workspace, { kind: "license", name: "terms", body: { grants: ["train", "infer"] } });
}

async function ingestFrames(workspace: Workspace): Promise<void> {
  await ingest(workspace, {
    input: join(workspace.folder, "plates"),
    licenses: [referenceOf(await resolveReference(workspace, "terms"))],
    origin: "captured",
    coverage: { state: "complete" },
  });
}

async function publishFrames(workspace: Workspace): Promise<void> {
  const where = [{ field: "kind", op: "eq" as const, value: "asset" }];
  const assets = await Array.fromAsync(findAll(workspace.records, { where, order: { field: "name" } }));
  await publishDataset(workspace, {
    name: "mattes",
    slots: [
      { name: "plate", role: "input", channels: ["R", "G", "B"] },
      { name: "matte", role: "target", channels: ["matte.A"] },
    ],
    items: assets.map((asset, index) => ({
      key: `sh010.${index}`,
      split: "train",
      slots: { plate: asset, matte: asset },
    })),
  });
}

async function prepare(
  folder: string,
  ...changes: readonly ((workspace: Workspace) => Promise<void>)[]
): Promise<void> {
  await initWorkspace(folder, { person: "Ada" });
  await writeFrames(join(folder, "plates"), "sh010", 2);
  if (changes.length === 0) return;
  await using workspace = await openWorkspace(folder);
  for (const change of changes) await change(workspace);
}

/** The changes that are killed, by the command that makes them; the first meets a folder without any store. */
export const changeScenarios: Readonly<Record<string, ChangeScenario>> = {
  "publish license": { prepare: (folder) => prepare(folder), change: publishLicense },
  ingest: { prepare: (folder) => prepare(folder, publishLicense), change: ingestFrames },
  "publish dataset": {
    prepare: (folder) => prepare(folder, publishLicense, ingestFrames),
    change: publishFrames,
  },
};

/** Finds a scenario by its name. */
export function scenarioOf(name: string): ChangeScenario {
  const scenario = changeScenarios[name];
  if (scenario === undefined) throw new Error(`There is no scenario "${name}".`);
  return scenario;
}
