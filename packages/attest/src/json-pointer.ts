// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Builds an RFC 6901 pointer from keys and indexes, with `~` and `/` escaped. */
export function jsonPointer(path: readonly (string | number)[]): string {
  let pointer = "";
  for (const token of path) pointer += `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return pointer.toWellFormed();
}
