// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  isRmtcError,
  RmtcError,
  type RmtcErrorCode,
  rmtcErrorFromJson,
  rmtcErrorToJson,
} from "@rmtc/contract";
import type { RpcFailure } from "./parse-message.ts";

/** The JSON-RPC codes of this protocol. */
export const rpcCodes = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  rmtcError: -32000,
  cancelled: -32800,
} as const;

const codesOfCaller: Readonly<Record<number, RmtcErrorCode>> = {
  [rpcCodes.methodNotFound]: "RMTC_UNSUPPORTED",
  [rpcCodes.internalError]: "RMTC_PROCESS_FAILED",
  [rpcCodes.cancelled]: "RMTC_PROCESS_FAILED",
};

/** A failure of the protocol itself, such as a method that does not exist. */
export class RpcError extends Error {
  override readonly name: string = "RpcError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Converts anything thrown by a served method to a failure. */
export function failureFromError(error: unknown, signal: AbortSignal): RpcFailure {
  if (isRmtcError(error)) {
    return { code: rpcCodes.rmtcError, message: error.message, data: rmtcErrorToJson(error) };
  }
  const message = (error instanceof Error ? error.message : String(error)).toWellFormed();
  if (error instanceof RpcError) return { code: error.code, message };
  if (signal.aborted) return { code: rpcCodes.cancelled, message: "The request was cancelled." };
  return { code: rpcCodes.internalError, message };
}

/** Restores an error from a failure. @see spec/draft/wire.md#failures */
export function errorFromFailure({ code, message, data }: RpcFailure): RmtcError {
  if (code === rpcCodes.rmtcError && data !== undefined) return rmtcErrorFromJson(data);
  return new RmtcError(
    codesOfCaller[code] ?? "RMTC_EXTENSION_INVALID",
    `The guest failed (${code}): ${message}`,
  );
}
