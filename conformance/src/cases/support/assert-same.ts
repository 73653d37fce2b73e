// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";

/**
 * Asserts that two values are the same plain JSON.
 *
 * A field that is `undefined` and one that is missing are the same: the contract's types allow both.
 */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(withoutUndefined(actual), withoutUndefined(expected), message);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const defined = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(defined.map(([key, one]) => [key, withoutUndefined(one)]));
}
