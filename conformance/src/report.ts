// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CaseLevel, TestedRole } from "./conformance-case.ts";

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

/** The outcome of a role's cases, as plain JSON. */
export interface ConformanceReport {
  readonly role: TestedRole;
  /** The version of the standard. */
  readonly specVersion: string;
  /** The version of `@rmtc/conformance`. */
  readonly suiteVersion: string;
  /** What was tested. */
  readonly subject: {
    /** The store's own name. */
    readonly name: string;
    /** The package and its version, where known. */
    readonly extension?: string | undefined;
    readonly extensionVersion?: string | undefined;
    /** The version of the role's contract. */
    readonly contract: number;
    readonly capabilities: Readonly<Record<string, unknown>>;
  };
  readonly startedAt: string;
  /** Whether no `must` case ended in `fail` or `error`. */
  readonly conforms: boolean;
  readonly counts: Readonly<Record<CaseStatus, number>>;
  readonly cases: readonly CaseResult[];
}
