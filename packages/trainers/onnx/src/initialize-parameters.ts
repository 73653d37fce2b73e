// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ParameterSpec } from "./network.ts";
import type { Xoshiro128 } from "./xoshiro128.ts";

/** Draws the starting values of all parameters, in order: uniform within each one's bound, biases zero. */
export function initializeParameters(specs: readonly ParameterSpec[], random: Xoshiro128): Float32Array {
  const parts = specs.map(({ shape, initialBound }) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (initialBound === 0) return values;
    return values.map(() => (2 * random.nextUnit() - 1) * initialBound);
  });
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
