// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { arch, availableParallelism, release, totalmem, type } from "node:os";
import { specVersion } from "@rmtc/spec";
import packageJson from "../package.json" with { type: "json" };
import type { CaseResult, CaseStatus, ConformanceReport } from "./report.ts";

/** What a report is made of; the rest follows. */
interface ReportContent extends Pick<ConformanceReport, "role" | "subject" | "cases" | "documents"> {
  readonly startedAt: Date;
  /** Whether every case of the role was run. */
  readonly isWhole: boolean;
}

/** Makes the report of a run that has just ended. */
export function makeReport({ startedAt, isWhole, ...content }: ReportContent): ConformanceReport {
  const { role, subject, cases, documents } = content;
  const count = (status: CaseStatus): number => cases.filter((one) => one.status === status).length;
  return {
    role,
    specVersion,
    suite: packageJson.name,
    suiteVersion: packageJson.version,
    subject,
    environment: {
      platform: `${type()} ${release()}`,
      architecture: arch(),
      runtime: `node ${process.versions.node}`,
      processors: availableParallelism(),
      memoryBytes: totalmem(),
    },
    startedAt: startedAt.toISOString(),
    durationSeconds: (Date.now() - startedAt.getTime()) / 1_000,
    conforms: isWhole && cases.some(({ status }) => status === "pass") && !cases.some(isAgainst),
    counts: {
      pass: count("pass"),
      fail: count("fail"),
      error: count("error"),
      unsupported: count("unsupported"),
    },
    cases,
    ...(documents === undefined ? {} : { documents }),
  };
}

/** Tells whether a result stands against conformance. */
export function isAgainst({ level, status }: CaseResult): boolean {
  return level === "must" && (status === "fail" || status === "error");
}

/** Says in a sentence whether a report shows conformance. */
export function verdictOf({ conforms, cases }: ConformanceReport): string {
  if (conforms) return "It conforms: no must case failed.";
  if (cases.some(isAgainst)) return "It does not conform.";
  return "Nothing failed, but this is no evidence of conformance: that takes every case, and one that passes.";
}
