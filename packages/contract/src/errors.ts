// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** The closed set of stable error codes; `spec/draft/errors.json` says what each means and what to do. */
export type RmtcErrorCode =
  | "RMTC_OPTION_INVALID"
  | "RMTC_DOCUMENT_INVALID"
  | "RMTC_JSON_INVALID"
  | "RMTC_RECORD_CONFLICT"
  | "RMTC_DIGEST_MISMATCH"
  | "RMTC_SIGNATURE_INVALID"
  | "RMTC_NOT_FOUND"
  | "RMTC_FORMAT_INVALID"
  | "RMTC_FORMAT_UNSUPPORTED"
  | "RMTC_LIMIT_EXCEEDED"
  | "RMTC_LAYOUT_MISMATCH"
  | "RMTC_VALUE_INVALID"
  | "RMTC_PATH_INVALID"
  | "RMTC_QUERY_INVALID"
  | "RMTC_CURSOR_INVALID"
  | "RMTC_UNSUPPORTED"
  | "RMTC_STATE_INVALID"
  | "RMTC_ATTEMPT_STALE"
  | "RMTC_ALIAS_CONFLICT"
  | "RMTC_STORE_BUSY"
  | "RMTC_STORE_CLOSED"
  | "RMTC_STORE_DAMAGED"
  | "RMTC_STORE_FULL"
  | "RMTC_STORE_VERSION_UNKNOWN"
  | "RMTC_ACCESS_DENIED"
  | "RMTC_BLOB_ERASED"
  | "RMTC_BLOB_EVICTED"
  | "RMTC_RIGHTS_DENIED"
  | "RMTC_EXTENSION_INVALID"
  | "RMTC_PROCESS_FAILED"
  | "RMTC_GRAPH_UNSUPPORTED";

/** What an {@link RmtcError} says beyond its code and message. */
export interface RmtcErrorOptions {
  /** What the operation was about: a digest, a record id, a file path. */
  readonly subject?: string | undefined;
  /** RFC 6901 pointer to the place in the document, options or query that is wrong. */
  readonly pointer?: string | undefined;
  /** Further reasons, one sentence each, such as every licence that denies an act. */
  readonly reasons?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/**
 * The only error class RMTC throws on purpose.
 *
 * Branch on {@link RmtcError.code}, which is stable across versions; the message is for people, says what
 * was wrong, where, and what to do, and may change in a patch.
 */
export class RmtcError extends Error {
  override readonly name: string = "RmtcError";
  readonly code: RmtcErrorCode;
  readonly subject: string | undefined;
  readonly pointer: string | undefined;
  readonly reasons: readonly string[];

  constructor(code: RmtcErrorCode, message: string, options: RmtcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.subject = options.subject;
    this.pointer = options.pointer;
    this.reasons = options.reasons ?? [];
  }
}

/** Tells whether `error` is ours, with one of `codes` if given. Works across duplicate installs. */
export function isRmtcError(error: unknown, ...codes: readonly RmtcErrorCode[]): error is RmtcError {
  if (!(error instanceof Error) || error.name !== "RmtcError") return false;
  return codes.length === 0 || codes.includes((error as RmtcError).code);
}

/** An {@link RmtcError} as plain JSON, as it crosses a thread, process or wire boundary. */
export interface RmtcErrorDocument {
  readonly code: RmtcErrorCode;
  readonly message: string;
  readonly subject?: string;
  readonly pointer?: string;
  readonly reasons?: readonly string[];
}

/** Converts an error to plain JSON. */
export function rmtcErrorToJson(error: RmtcError): RmtcErrorDocument {
  return {
    code: error.code,
    message: error.message,
    ...(error.subject === undefined ? {} : { subject: error.subject }),
    ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
    ...(error.reasons.length === 0 ? {} : { reasons: error.reasons }),
  };
}

/** Restores an error from plain JSON. */
export function rmtcErrorFromJson(document: RmtcErrorDocument): RmtcError {
  return new RmtcError(document.code, document.message, document);
}
