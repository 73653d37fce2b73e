// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** The Philox key that a seed stands for. */
export type SeedKey = readonly [number, number];

/** The last word of a counter says what the block is for, so that no two uses share random words. */
export const streams = { sample: 1, order: 2 } as const;

/** Splits an integer from 0 to 2^53 - 1 into its low and high 32-bit words. */
export function splitInteger(value: number): SeedKey {
  return [value % 0x1_0000_0000, Math.floor(value / 0x1_0000_0000)];
}
