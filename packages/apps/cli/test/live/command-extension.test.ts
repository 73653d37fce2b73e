// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bodyOf, executeRun, getRecord, infer, initWorkspace, trace, verify } from "@rmtc/core";
import { expect, it, onTestFinished } from "vitest";
import { openWorkspace } from "../fixtures/open-workspace.ts";
import { madeBy, openTraining, publishProduction, trainRequest } from "../fixtures/production.ts";

const python = (script: string): { readonly command: readonly string[] } => ({
  command: ["python3", "-B", fileURLToPath(new URL(`../../../../wire/python/${script}`, import.meta.url))],
});

it("trains and infers with extensions in Python that the configuration names by command", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-command-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await initWorkspace(folder, {
    person: "Ada",
    trainer: python("pixel_trainer.py"),
    inferer: python("pixel_inferer.py"),
  });
  await using workspace = await openWorkspace(folder);
  const production = await publishProduction(workspace, {
    name: "pixel",
    options: { hidden: 4, activation: "sigmoid" },
  });
  const request = trainRequest(production, { steps: 120, hyperparameters: { learningRate: 0.05 } });
  const losses = [{ name: "fit", loss: "bce", output: "output", target: "matte", weight: 1 }];
  const run = await openTraining(workspace, {
    ...request,
    strategy: { use: "@rmtc/strategy-paired", options: { crop: 16, batchSize: 2, losses } },
  });
  expect(bodyOf(run.record, "run")?.trainer).toMatchObject({ name: "rmtc-pixel-trainer", version: "0.1.0" });

  const environments = async () =>
    (
      await workspace.records.find({
        where: [{ field: "kind", op: "eq", value: "environment" }],
        limit: 10,
      })
    ).records.map(({ record }) => (bodyOf(record, "environment")?.software ?? []).map(({ name }) => name));
  expect(await environments()).toContainEqual(
    expect.arrayContaining(["rmtc-pixel-trainer", "python", "pip"]),
  );

  const before = (await environments()).length;
  await openTraining(workspace, {
    ...request,
    strategy: { use: "@rmtc/strategy-paired", options: { crop: 16, batchSize: 2, losses } },
  });
  expect(await environments(), "an equal environment is no second record").toHaveLength(before);

  await executeRun(workspace, run);
  const { points } = await workspace.runs.readMetrics({
    run: run.record.id,
    keys: ["validation.loss"],
    limit: 100,
  });
  expect(Number(points.at(-1)?.value)).toBeLessThan(Number(points[0]?.value));
  const [seal] = await madeBy(workspace, run.record.id, "seal");
  expect(seal && bodyOf(seal.record, "seal")?.state).toBe("succeeded");
  const [weights] = await madeBy(workspace, run.record.id, "weights");
  if (weights === undefined) throw new Error("There are no weights.");

  const [frame] = await infer(workspace, {
    weights,
    plates: production.plates.slice(0, 1),
    inputChannels: ["R", "G", "B"],
    outputChannels: ["inferred.A"],
    sequenceName: "roto",
  });
  expect(frame?.status).toBe("created");
  const asset = await getRecord(workspace.records, frame?.reference.id ?? "");
  expect(bodyOf(asset.record, "asset")?.layouts?.some(({ layer }) => layer === "inferred")).toBe(true);
  const { nodes } = await trace(workspace, [asset.record.id]);
  expect(nodes.map(({ id }) => id)).toContain(run.record.id);
  expect((await verify(workspace, undefined)).problems).toEqual([]);
});
