// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export type {
  BlobStoreCase,
  CaseContext,
  CaseLevel,
  ConformanceCase,
  RecordStoreCase,
  RunStoreCase,
  TestedRole,
  TestedRoles,
  TestedStore,
} from "./conformance-case.ts";
export type { CaseResult, CaseStatus, ConformanceReport } from "./report.ts";
export { type CaseOutcome, type RunCaseOptions, runCase } from "./run-case.ts";
export type { Subject, SubjectFactory } from "./subject.ts";
export { suites } from "./suites.ts";
