// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, test } from "vitest";
import { runCase, suites, type TestedRole } from "../src/index.ts";
import { blobStoreDoubles } from "./doubles/blob-store/index.ts";
import { converterDoubles } from "./doubles/converter/index.ts";
import type { RoleDoubles } from "./doubles/double.ts";
import { makeSubjects } from "./doubles/good-subjects.ts";
import { infererDoubles } from "./doubles/inferer/index.ts";
import { recordStoreDoubles } from "./doubles/record-store/index.ts";
import { runStoreDoubles } from "./doubles/run-store/index.ts";
import { schedulerDoubles } from "./doubles/scheduler/index.ts";
import { trainerDoubles } from "./doubles/trainer/index.ts";
import { trainingStrategyDoubles } from "./doubles/training-strategy/index.ts";

const options = { scale: 0.01, timeoutSeconds: 20 };

/**
 * Runs the cases that cite a demand against an implementation that is right, and against the same with what the
 * demand asks for struck out.
 */
async function strike<R extends TestedRole>(
  role: R,
  anchor: string,
  doubles: RoleDoubles<R>,
  id: string,
): Promise<void> {
  const double = doubles.find((one) => one.id === id);
  if (double === undefined) throw new Error(`There is no double ${id}.`);
  const cases = suites[role].filter(({ spec }) => spec === anchor);
  expect(cases).not.toEqual([]);
  const statuses = async (alter: typeof double.alter): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const one of cases) {
      const outcome = await runCase(one, (folder) => makeSubjects[role](folder, "full", alter), options);
      found.push(outcome.status);
    }
    return found;
  };
  expect((await statuses(() => ({}))).filter((status) => status !== "pass")).toEqual([]);
  expect(await statuses(double.alter)).toContain("fail");
}

test("a record store that leaves out what it does not hold fails the case that counts on null", () =>
  strike("recordStore", "record-store.md#rmtc-rst-051", recordStoreDoubles, "leaves-out-what-is-not-held"));

test("a blob store that keeps bytes with another digest fails the case that refuses them", () =>
  strike("blobStore", "blob-store.md#rmtc-bst-005", blobStoreDoubles, "keeps-bytes-that-differ"));

test("a run store that takes points of a stale attempt fails the case that refuses them", () =>
  strike("runStore", "run-store.md#rmtc-run-016", runStoreDoubles, "takes-stale-points"));

test("a strategy whose pages begin anew fails the case that joins pages", () =>
  strike(
    "trainingStrategy",
    "training-strategy.md#rmtc-str-003",
    trainingStrategyDoubles,
    "begins-every-page-anew",
  ));

test("a trainer that starts over fails the case that goes on from a checkpoint", () =>
  strike("trainer", "trainer.md#rmtc-trn-043", trainerDoubles, "starts-over"));

test("a scheduler that passes a task over fails the case that waits for it", () =>
  strike("scheduler", "scheduler.md#rmtc-sch-010", schedulerDoubles, "passes-the-first-task-over"));

test("an inferer whose tiles show fails the case that compares them with the whole", () =>
  strike("inferer", "inferer.md#rmtc-inf-030", infererDoubles, "shows-seams"));

test("a converter that says nothing fails the case that reads its report", () =>
  strike("converter", "converter.md#rmtc-cnv-008", converterDoubles, "says-nothing"));
