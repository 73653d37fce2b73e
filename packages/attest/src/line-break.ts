// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Tells whether a path has a line break, behind which the schema's pattern for paths would not see `..`. */
export function hasLineBreak(path: string): boolean {
  return /[\n\r\u2028\u2029]/.test(path);
}
