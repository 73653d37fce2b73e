// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CaseLevel, TestedRole } from "./conformance-case.ts";
import type { DocumentResult } from "./documents/file-findings.ts";

/**
 * What became of a case: the store behaves so; it does not; something else broke, so that nothing is known;
 * or the store does not declare the ability.
 */
export type CaseStatus = "pass" | "fail" | "error" | "unsupported";

/** One line of a report. */
export interface CaseResult {
  readonly id: string;
  readonly level: CaseLevel;
  readonly spec: string;
  readonly title: string;
  readonly status: CaseStatus;
  /** Why it is not `pass`. */
  readonly message?: string | undefined;
  readonly durationSeconds: number;
}

/** What the suite ran on. */
export interface ReportEnvironment {
  /** Operating system and its version. */
  readonly platform: string;
  readonly architecture: string;
  /** What runs the suite, with its version. */
  readonly runtime: string;
  readonly processors: number;
  readonly memoryBytes: number;
}

/**
 * The outcome of a role's cases, of those about guests, or of a run over documents or an edition of the AI platform,
 * as plain JSON.
 *
 * @see spec/draft/schemas/conformance-report.schema.json
 */
export interface ConformanceReport {
  readonly role: TestedRole | "guest" | "documents" | "platform";
  /** The version of the standard. */
  readonly specVersion: string;
  /** The package that has the cases. */
  readonly suite: string;
  readonly suiteVersion: string;
  /** What was tested. */
  readonly subject: {
    /** The subject's own name; of documents, the folder's. */
    readonly name: string;
    /** The package and its version, where known. */
    readonly extension?: string | undefined;
    readonly extensionVersion?: string | undefined;
    /** The version of the role's contract; guests and documents have none. */
    readonly contract?: number | undefined;
    readonly capabilities: Readonly<Record<string, unknown>>;
  };
  readonly environment: ReportEnvironment;
  readonly startedAt: string;
  readonly durationSeconds: number;
  /** Whether every case of the role is there, none of level `must` is `fail` or `error`, and at least one is `pass`. */
  readonly conforms: boolean;
  readonly counts: Readonly<Record<CaseStatus, number>>;
  readonly cases: readonly CaseResult[];
  /** One entry for each file of a run over documents. */
  readonly documents?: readonly DocumentResult[] | undefined;
}
