// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { inspect } from "node:util";

/** Gives a value the text by which the shell shows it; the value itself stays as it is. */
export function shown<T extends object>(value: T, text: string): T {
  return Object.defineProperty(value, inspect.custom, { value: () => text, enumerable: false });
}
