// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** Errors of the socket and of the driver that say that the server is out of reach. */
const unreachable =
  /ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENOENT|EHOSTUNREACH|terminated|timeout exceeded|Connection ended|not queryable/;

/**
 * Translates an error of the server or of the connection to ours; anything else passes through untouched.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function errorFromPostgres(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof RmtcError) return error;
  const code = "code" in error ? String(error.code) : "";
  const details = { subject: place, cause: error };
  if (code === "53100" || code === "53200") {
    return new RmtcError(
      "RMTC_STORE_FULL",
      `The server of ${place} has no space left (${error.message}); nothing of the call was stored. Free space and repeat it.`,
      details,
    );
  }
  if (code === "42501" || code.startsWith("28")) {
    return new RmtcError(
      "RMTC_ACCESS_DENIED",
      `This user may not do that in ${place} (${error.message}); grant a role of the package's roles.sql.`,
      details,
    );
  }
  if (code === "3D000") {
    return new RmtcError(
      "RMTC_NOT_FOUND",
      `There is no database ${place}; create it with: createdb --encoding=UTF8`,
      details,
    );
  }
  if (code === "XX001" || code === "XX002" || code === "58030") {
    return new RmtcError(
      "RMTC_STORE_DAMAGED",
      `${place} cannot be read: ${error.message}. Stop writing and restore it from a backup.`,
      details,
    );
  }
  if (code === "55P03" || code === "40001" || code === "40P01") {
    return new RmtcError(
      "RMTC_STORE_BUSY",
      `Another process kept ${place} locked for longer than the timeout; repeat the call, or raise busyTimeoutMilliseconds.`,
      details,
    );
  }
  if (
    code.startsWith("57P") ||
    code.startsWith("08") ||
    code === "53300" ||
    unreachable.test(`${code} ${error.message}`)
  ) {
    return new RmtcError(
      "RMTC_STORE_BUSY",
      `The server of ${place} does not answer (${error.message || code}); whether a write took effect is open. Repeat the call: nothing is stored twice.`,
      details,
    );
  }
  return error;
}
