// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type {
  BlobStore,
  Converter,
  Inferer,
  RecordStore,
  RunStore,
  Scheduler,
  Trainer,
  TrainingStrategy,
} from "@rmtc/contract";
import { describe, test } from "vitest";
import type { ConformanceCase, TestedInstance } from "./conformance-case.ts";
import { guestCases } from "./guest/guest-cases.ts";
import type { GuestCommandLine } from "./guest/guest-talk.ts";
import {
  describeGuest as askGuest,
  type RunGuestCasesOptions,
  runGuestCase,
} from "./guest/run-guest-cases.ts";
import { type RunCaseOptions, runCase } from "./run-case.ts";
import type { SubjectFactory } from "./subject.ts";
import { suites } from "./suites.ts";

/** Declares one vitest test for each case of a record store. */
export function describeRecordStore(
  name: string,
  factory: SubjectFactory<RecordStore>,
  options?: RunCaseOptions,
): void {
  describeCases(name, suites.recordStore, factory, options);
}

/** Declares one vitest test for each case of a blob store. */
export function describeBlobStore(
  name: string,
  factory: SubjectFactory<BlobStore>,
  options?: RunCaseOptions,
): void {
  describeCases(name, suites.blobStore, factory, options);
}

/** Declares one vitest test for each case of a run store. */
export function describeRunStore(
  name: string,
  factory: SubjectFactory<RunStore>,
  options?: RunCaseOptions,
): void {
  describeCases(name, suites.runStore, factory, options);
}

/** Declares one vitest test for each case of a training strategy. */
export function describeTrainingStrategy(
  name: string,
  factory: SubjectFactory<TrainingStrategy>,
  options?: RunCaseOptions,
): void {
  describeCases(name, suites.trainingStrategy, factory, options);
}

/** Declares one vitest test for each case of a trainer. */
export function describeTrainer(
  name: string,
  factory: SubjectFactory<Trainer>,
  options?: RunCaseOptions,
): void {
  describeCases(name, suites.trainer, factory, options);
}

/** Declares one vitest test for each case of a scheduler. */
export function describeScheduler(
  name: string,
  factory: SubjectFactory<Scheduler>,
  options?: RunCaseOptions,
): void {
  describeCases(name, suites.scheduler, factory, options);
}

/** Declares one vitest test for each case of an inferer. */
export function describeInferer(
  name: string,
  factory: SubjectFactory<Inferer>,
  options?: RunCaseOptions,
): void {
  describeCases(name, suites.inferer, factory, options);
}

/** Declares one vitest test for each case of a converter. */
export function describeConverter(
  name: string,
  factory: SubjectFactory<Converter>,
  options?: RunCaseOptions,
): void {
  describeCases(name, suites.converter, factory, options);
}

/** Declares one vitest test for each case about a program that serves extensions, whatever their roles. */
export function describeGuest(
  name: string,
  command: GuestCommandLine,
  options: RunGuestCasesOptions = {},
): void {
  const timeout = ((options.timeoutSeconds ?? 60) + 30) * 1_000;
  describe(`${name} conformance`, () => {
    let asked: ReturnType<typeof askGuest> | undefined;
    for (const one of guestCases) {
      test(`${one.id}: ${one.title}`, { timeout }, async ({ skip }) => {
        asked ??= askGuest(command, options);
        const guest = await asked;
        const { status, error, message } = await runGuestCase(one, command, guest, options);
        if (status === "unsupported") skip(message);
        if (status !== "pass") throw error;
      });
    }
  });
}

function describeCases<S extends TestedInstance>(
  name: string,
  cases: readonly ConformanceCase<S>[],
  factory: SubjectFactory<S>,
  options: RunCaseOptions | undefined,
): void {
  // Only what a case itself allows for ends it: the runner's own limit comes before vitest's.
  const timeout = ((options?.timeoutSeconds ?? 120) + 30) * 1_000;
  describe(`${name} conformance`, () => {
    for (const one of cases) {
      test(`${one.id}: ${one.title}`, { timeout }, async ({ skip }) => {
        const { status, error, message } = await runCase(one, factory, options);
        if (status === "unsupported") skip(message);
        if (status !== "pass") throw error;
      });
    }
  });
}
