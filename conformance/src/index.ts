// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export {
  type ChangedCase,
  compareReports,
  formatComparison,
  type RoleComparison,
} from "./compare-reports.ts";
export type {
  BlobStoreCase,
  CaseContext,
  CaseLevel,
  ConformanceCase,
  ConverterCase,
  InfererCase,
  RecordStoreCase,
  RunStoreCase,
  SchedulerCase,
  TestedInstance,
  TestedRole,
  TestedRoles,
  TrainerCase,
  TrainingStrategyCase,
} from "./conformance-case.ts";
export {
  type CheckDocumentsOptions,
  type CheckedDocuments,
  checkDocuments,
} from "./documents/check-documents.ts";
export { type DocumentCheck, documentChecks } from "./documents/document-checks.ts";
export type {
  DocumentGap,
  DocumentProblem,
  DocumentResult,
  DocumentStatus,
  DocumentType,
} from "./documents/file-findings.ts";
export { reportDocuments } from "./documents/report-documents.ts";
export { escapeTerminal } from "./escape-text.ts";
export type { Fixture, FixtureWeights, NetworkName } from "./fixture.ts";
export { formatBadge } from "./format-badge.ts";
export { type FormatHtmlOptions, formatHtml } from "./format-html.ts";
export { formatJunit } from "./format-junit.ts";
export { formatReport } from "./format-report.ts";
export type { GuestCase, GuestCaseContext, GuestDescription } from "./guest/guest-case.ts";
export { guestCases } from "./guest/guest-cases.ts";
export type { GuestCommandLine } from "./guest/guest-talk.ts";
export { type RunGuestCasesOptions, runGuestCases } from "./guest/run-guest-cases.ts";
export { killChildProcesses, killGuestProcesses } from "./kill-child-processes.ts";
export { isAgainst } from "./make-report.ts";
export { type NotHeld, notHeld } from "./not-held.ts";
export { parseReports } from "./parse-reports.ts";
export { type PlatformCheck, platformChecks } from "./platform/platform-checks.ts";
export { type PlatformEdition, readEdition } from "./platform/read-edition.ts";
export { reportPlatform } from "./platform/report-platform.ts";
export type { CaseResult, CaseStatus, ConformanceReport, ReportEnvironment } from "./report.ts";
export { type CaseOutcome, type RunCaseOptions, runCase } from "./run-case.ts";
export { type RunCasesOptions, runCases } from "./run-cases.ts";
export type { Subject, SubjectFactory } from "./subject.ts";
export { subjectFromExtension } from "./subject-from-extension.ts";
export { suites } from "./suites.ts";
