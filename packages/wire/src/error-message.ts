// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type RmtcErrorDocument, rmtcErrorFromJson, rmtcErrorToJson } from "@rmtc/contract";
import type { ErrorMessage } from "./channel.ts";

/** Converts anything thrown to a message. */
export function errorToMessage(error: unknown): ErrorMessage {
  if (isRmtcError(error)) return { name: error.name, message: error.message, rmtc: rmtcErrorToJson(error) };
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack };
  return { name: "Error", message: String(error) };
}

/** Restores an error from a message. */
export function errorFromMessage(message: ErrorMessage): Error {
  if (message.rmtc !== undefined) return rmtcErrorFromJson(message.rmtc as RmtcErrorDocument);
  const error = new Error(message.message);
  error.name = message.name;
  if (message.stack !== undefined) error.stack = message.stack;
  return error;
}
