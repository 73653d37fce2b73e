// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { AssertionError } from "node:assert";
import { isRmtcError } from "@rmtc/contract";

/** What a case ends in that threw. */
export interface CaseFailure {
  readonly status: "fail" | "error";
  readonly message: string;
  readonly error: unknown;
}

/** Tells by what was thrown how a case ends. An error that the subject gave on purpose is as much its answer as a wrong result. */
export function failedBy(error: unknown, before = ""): CaseFailure {
  const isAnswer = error instanceof AssertionError || isRmtcError(error);
  return { status: isAnswer ? "fail" : "error", message: `${before}${messageOf(error)}`, error };
}

/** Awaits a case, and throws when it takes longer than it may. */
export async function withTimeout(work: Promise<void>, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The case did not end within ${seconds} s.`)), seconds * 1_000);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isRmtcError(error) ? `${error.code}: ${error.message}` : error.message;
}
