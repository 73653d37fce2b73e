// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Four random 32-bit words, each 0 to 2^32 - 1. */
export type RandomWords = readonly [number, number, number, number];

/** Multipliers and key increments of Philox4x32, from the paper's table 2 and section 4.3. */
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const KEY_INCREMENT_0 = 0x9e3779b9;
const KEY_INCREMENT_1 = 0xbb67ae85;
const ROUNDS = 10;

/**
 * Returns block `counter` of the random sequence that `key` names: Philox4x32-10, a generator without state.
 *
 * Any block can be had at once, in any order, and integers alone are used, so every machine gets the same.
 * Words are unsigned 32-bit integers.
 *
 * @see Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11,
 *   https://doi.org/10.1145/2063384.2063405
 */
export function philox4x32(counter: RandomWords, key: readonly [number, number]): RandomWords {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round += 1) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + KEY_INCREMENT_0) >>> 0;
    k1 = (k1 + KEY_INCREMENT_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Returns the upper 32 bits of the 64-bit product of two unsigned 32-bit integers. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (cross >>> 16)) >>> 0;
}

/**
 * Maps a random word to an integer from 0 to `limit` - 1, for limits up to 2^32.
 *
 * No word is thrown away, so that the count of words a sample takes is fixed; the probabilities of two results
 * differ by at most 2^-32.
 *
 * @see Lemire, "Fast random integer generation in an interval", https://doi.org/10.1145/3230636
 */
export function integerBelow(limit: number, word: number): number {
  return limit === 0x1_0000_0000 ? word : multiplyHigh(word, limit);
}
