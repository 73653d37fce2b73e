// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { BlobStore, RecordStore, RunStore } from "@rmtc/contract";
import { describe, test } from "vitest";
import type { ConformanceCase, TestedStore } from "./conformance-case.ts";
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

function describeCases<S extends TestedStore>(
  name: string,
  cases: readonly ConformanceCase<S>[],
  factory: SubjectFactory<S>,
  options: RunCaseOptions | undefined,
): void {
  describe(`${name} conformance`, () => {
    for (const one of cases) {
      test(`${one.id}: ${one.title}`, async ({ skip }) => {
        const { status, error, message } = await runCase(one, factory, options);
        if (status === "unsupported") skip(message);
        if (status !== "pass") throw error;
      });
    }
  });
}
