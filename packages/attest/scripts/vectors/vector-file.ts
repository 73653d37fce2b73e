// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError } from "@rmtc/contract";

/** One test: what goes in, and either what comes out or the code of the refusal. */
export interface VectorTest {
  readonly description: string;
  readonly [field: string]: unknown;
}

/** A file of vectors. */
export interface VectorFile {
  readonly description: string;
  readonly tests: readonly VectorTest[];
}

/** Runs `call` and returns its result's fields, or the code and pointer it is refused with. */
export function outcome(call: () => Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return call();
  } catch (error) {
    if (!isRmtcError(error)) throw error;
    return error.pointer === undefined ? { code: error.code } : { code: error.code, pointer: error.pointer };
  }
}

/** A salt for vectors only; a real one is random. */
export function fixedSalt(number: number): string {
  return Buffer.alloc(16, number).toString("base64url");
}

/** A record id for vectors only. */
export function fixedId(number: number): string {
  return `urn:uuid:01936e5a-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}
