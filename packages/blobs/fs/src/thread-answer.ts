// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  isRmtcError,
  RmtcError,
  type RmtcErrorDocument,
  rmtcErrorFromJson,
  rmtcErrorToJson,
} from "@rmtc/contract";
import type { ServedCall } from "@rmtc/wire";
import { isSystemError } from "./fs-error.ts";

/** What a blob thread answers: a value, or one of our errors with the system's error that caused it. */
export type ThreadAnswer<Result> =
  | { readonly value: Result }
  | { readonly error: RmtcErrorDocument; readonly cause?: SystemErrorDocument | undefined };

/** An error of the operating system as plain data: an error object loses its code on the way. */
interface SystemErrorDocument {
  readonly message: string;
  readonly code?: string | undefined;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  readonly path?: string | undefined;
}

/** Makes a thread's method answer with our errors instead of throwing them. */
export function answering<Params, Result>(
  method: (params: Params, signal: AbortSignal) => Result | Promise<Result>,
): (params: Params, call: ServedCall) => Promise<ThreadAnswer<Result>> {
  return async (params, { signal }) => {
    try {
      return { value: await method(params, signal) };
    } catch (error) {
      if (!isRmtcError(error)) throw error;
      if (!isSystemError(error.cause)) return { error: rmtcErrorToJson(error) };
      const { message, code, errno, syscall, path } = error.cause;
      return { error: rmtcErrorToJson(error), cause: { message, code, errno, syscall, path } };
    }
  };
}

/** Takes a thread's answer apart: returns the value or throws the error, with its cause. */
export function valueOfAnswer<Result>(answer: ThreadAnswer<Result>): Result {
  if ("value" in answer) return answer.value;
  if (answer.cause === undefined) throw rmtcErrorFromJson(answer.error);
  const { message, ...fields } = answer.cause;
  const { code, message: text, ...options } = answer.error;
  throw new RmtcError(code, text, { ...options, cause: Object.assign(new Error(message), fields) });
}
