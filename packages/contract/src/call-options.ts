// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** What every call of every role accepts. */
export interface CallOptions {
  /**
   * Aborts the call: it rejects with `signal.reason` within 100 ms, and what it was writing is either whole
   * or absent.
   */
  readonly signal?: AbortSignal | undefined;
}
