// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** Errors of the socket and of the driver that say that the server is out of reach. */
const unreachable =
  /ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENOENT|EHOSTUNREACH|terminated|timeout exceeded|Connection ended|not queryable/;

/** Errors that a query of the caller's own can have: syntax, names, types, values, and writing where only reading is allowed. */
const queryClasses = ["0A", "21", "22", "25", "2F", "42", "54", "XX"];

/** Returns the five characters of an error of the server, or nothing. */
export function sqlStateOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * Translates an error of the server or of the connection to ours; anything else passes through untouched.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function errorFromAge(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof RmtcError) return error;
  const code = sqlStateOf(error);
  const details = { subject: place, cause: error };
  if (code === "42501" || code.startsWith("28")) {
    return new RmtcError(
      "RMTC_ACCESS_DENIED",
      `This user may not do that in ${place} (${error.message}); the README of @rmtc/store-age says which rights it needs.`,
      details,
    );
  }
  if (code === "3F000" || code === "42883") {
    return new RmtcError(
      "RMTC_NOT_FOUND",
      `The graph in ${place} or its functions are gone (${error.message}); make it again with rebuildGraph().`,
      details,
    );
  }
  if (code === "53100" || code === "53200") {
    return new RmtcError(
      "RMTC_STORE_FULL",
      `The server of ${place} has no space left (${error.message}); nothing of the call was stored. Free space and repeat it.`,
      details,
    );
  }
  if (
    ["55P03", "40001", "40P01", "53300"].includes(code) ||
    code.startsWith("57P") ||
    code.startsWith("08") ||
    unreachable.test(`${code} ${error.message}`)
  ) {
    return new RmtcError(
      "RMTC_STORE_BUSY",
      `The server of ${place} does not answer, or another process kept the store locked (${error.message || code}); repeat the call.`,
      details,
    );
  }
  return error;
}

/**
 * Translates what the server says against a query of the caller's own: one error, with the place in the query's text
 * when the server gives one.
 *
 * @param start - Characters before the query in the statement that was sent.
 */
export function errorFromQuery(error: unknown, query: string, start: number): unknown {
  const code = sqlStateOf(error);
  if (code === "57014") {
    return new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      "The server stopped the query; it took too long. Narrow it.",
      {
        cause: error,
      },
    );
  }
  if (code === "42501" || !queryClasses.includes(code.slice(0, 2))) return error;
  const { message, position } = error as Error & { readonly position?: string | undefined };
  const offset = Number(position ?? Number.NaN) - start - 1;
  const characters = Array.from(query);
  const where =
    offset >= 0 && offset <= characters.length
      ? ` at ${lineAndColumn(characters.slice(0, offset).join(""))}`
      : "";
  return new RmtcError("RMTC_QUERY_INVALID", `The server refuses the query${where}: ${message}.`, {
    pointer: "/query",
    cause: error,
  });
}

function lineAndColumn(before: string): string {
  const lines = before.split("\n");
  return `line ${lines.length}, column ${Array.from(lines.at(-1) ?? "").length + 1}`;
}
