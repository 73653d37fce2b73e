// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** A positive fraction in lowest terms. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** Largest denominator tried for a factor that a file gives as a float. */
const MAX_DENOMINATOR = 64;

/** Makes a fraction of two positive integers. */
export function fraction(numerator: number, denominator: number): Fraction {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** Multiplies two fractions. */
export function timesFraction(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** Finds the simple fraction that a float of 24 bits stands for; `undefined` if there is none. */
export function fractionFromFloat(value: number): Fraction | undefined {
  if (!(value >= 1 / MAX_DENOMINATOR && value <= 1024)) return undefined;
  for (let denominator = 1; denominator <= MAX_DENOMINATOR; denominator += 1) {
    const numerator = Math.round(value * denominator);
    if (Math.abs(value * denominator - numerator) <= numerator * 2 ** -22)
      return fraction(numerator, denominator);
  }
  return undefined;
}

export function toNumber({ numerator, denominator }: Fraction): number {
  return numerator / denominator;
}

/** Returns the smallest positive integer that both divide. */
export function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
