// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * A seeded generator of random numbers that gives the same bits on every machine: xoshiro128**, its four words
 * filled from the seed by SplitMix64.
 *
 * @see Blackman and Vigna, Scrambled Linear Pseudorandom Number Generators, https://arxiv.org/abs/1805.01407
 * @see https://prng.di.unimi.it/xoshiro128starstar.c and https://prng.di.unimi.it/splitmix64.c
 */
export class Xoshiro128 {
  readonly #state: Uint32Array;

  private constructor(state: Uint32Array) {
    this.#state = state;
  }

  /** Starts from a seed, an integer from 0 to 2^53 - 1. */
  static fromSeed(seed: number): Xoshiro128 {
    const state = new Uint32Array(4);
    let mixed = BigInt(seed);
    for (let word = 0; word < 4; word += 2) {
      mixed = BigInt.asUintN(64, mixed + 0x9e3779b97f4a7c15n);
      let z = mixed;
      z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
      z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
      z ^= z >> 31n;
      state[word] = Number(z & 0xffffffffn);
      state[word + 1] = Number(z >> 32n);
    }
    return new Xoshiro128(state);
  }

  /** Goes on from a state that {@link state} returned. */
  static fromState(state: readonly number[]): Xoshiro128 {
    return new Xoshiro128(Uint32Array.from(state));
  }

  /** The four words that the next number depends on. */
  get state(): readonly number[] {
    return [...this.#state];
  }

  /** Returns the next 32 random bits as an integer. */
  nextUint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const c1 = c ^ a;
    const d1 = d ^ b;
    this.#state.set([a ^ d1, b ^ c1, c1 ^ (b << 9), rotate(d1, 11)]);
    return result;
  }

  /** Returns a number in [0, 1) with 24 random bits, which a 32-bit float holds exactly. */
  nextUnit(): number {
    return (this.nextUint32() >>> 8) / 2 ** 24;
  }
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
