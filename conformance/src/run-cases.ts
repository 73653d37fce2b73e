// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { contractVersions } from "@rmtc/contract";
import type { TestedRole, TestedRoles } from "./conformance-case.ts";
import { makeReport } from "./make-report.ts";
import type { CaseResult, ConformanceReport } from "./report.ts";
import { type RunCaseOptions, runCase } from "./run-case.ts";
import type { SubjectFactory } from "./subject.ts";
import { suites } from "./suites.ts";
import { TempFolders } from "./temp-folders.ts";

/** How a role's cases are run. */
export interface RunCasesOptions extends RunCaseOptions {
  /** Only the cases whose id starts with this. */
  readonly prefix?: string | undefined;
  /** Which package was tested, for the report. */
  readonly extension?: { readonly name: string; readonly version: string } | undefined;
  /** Called after each case. */
  readonly onResult?: ((result: CaseResult) => void) | undefined;
  /** Ends the run between two cases. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs every case of a role, each against a fresh subject, one after another, and reports on all of them.
 *
 * A case that fails never stops the others; only a factory that makes no subject at all does.
 */
export async function runCases<R extends TestedRole>(
  role: R,
  factory: SubjectFactory<TestedRoles[R]>,
  options: RunCasesOptions = {},
): Promise<ConformanceReport> {
  const { prefix = "", extension, onResult, signal } = options;
  const startedAt = new Date();
  const { name, capabilities } = await describeSubject(factory);
  const cases: CaseResult[] = [];
  for (const one of suites[role]) {
    if (!one.id.startsWith(prefix)) continue;
    signal?.throwIfAborted();
    const { id, level, spec, title } = one;
    const { status, message, durationSeconds } = await runCase<TestedRoles[R]>(one, factory, options);
    const result: CaseResult = {
      id,
      level,
      spec,
      title,
      status,
      ...(message === undefined ? {} : { message }),
      durationSeconds,
    };
    cases.push(result);
    onResult?.(result);
  }
  return makeReport({
    role,
    subject: {
      name,
      ...(extension === undefined ? {} : { extension: extension.name, extensionVersion: extension.version }),
      contract: contractVersions[role],
      capabilities,
    },
    startedAt,
    cases,
    isWhole: prefix === "",
  });
}

async function describeSubject<R extends TestedRole>(
  factory: SubjectFactory<TestedRoles[R]>,
): Promise<{ readonly name: string; readonly capabilities: Readonly<Record<string, unknown>> }> {
  const folders = new TempFolders();
  try {
    const { store, dispose } = await factory(folders.make());
    const described = { name: store.name, capabilities: { ...store.capabilities } };
    await store[Symbol.asyncDispose]();
    await dispose?.();
    return described;
  } finally {
    await folders.remove();
  }
}
