// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** The shape of a binary floating-point format of at most 16 bits. */
export interface SmallFloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /**
   * Which codes are special: `ieee` has infinities and NaNs in the top exponent, `fn` one NaN (all ones) and
   * no infinity, `fnuz` one NaN in the place of minus zero.
   */
  readonly flavor: "ieee" | "fn" | "fnuz";
}

/**
 * The 8-bit formats with sign, exponent and mantissa.
 *
 * @see https://arxiv.org/abs/2209.05433 (E5M2, E4M3) and https://arxiv.org/abs/2206.02915 (FNUZ)
 */
export const float8Formats: Readonly<
  Record<"F8_E5M2" | "F8_E4M3" | "F8_E5M2FNUZ" | "F8_E4M3FNUZ", SmallFloatFormat>
> = {
  F8_E5M2: { exponentBits: 5, mantissaBits: 2, bias: 15, flavor: "ieee" },
  F8_E4M3: { exponentBits: 4, mantissaBits: 3, bias: 7, flavor: "fn" },
  F8_E5M2FNUZ: { exponentBits: 5, mantissaBits: 2, bias: 16, flavor: "fnuz" },
  F8_E4M3FNUZ: { exponentBits: 4, mantissaBits: 3, bias: 8, flavor: "fnuz" },
};

/** The upper half of a single float. */
export const bfloat16Format: SmallFloatFormat = {
  exponentBits: 8,
  mantissaBits: 7,
  bias: 127,
  flavor: "ieee",
};

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);

/** Gives the value that `code` stands for, exactly. */
export function decodeSmallFloat(format: SmallFloatFormat, code: number): number {
  const { exponentBits, mantissaBits, bias, flavor } = format;
  const signBit = 1 << (exponentBits + mantissaBits);
  const sign = code & signBit ? -1 : 1;
  const magnitude = code & (signBit - 1);
  const mantissa = magnitude & ((1 << mantissaBits) - 1);
  const exponent = magnitude >> mantissaBits;
  if (flavor === "fnuz" && code === signBit) return Number.NaN;
  if (flavor === "fn" && magnitude === signBit - 1) return Number.NaN;
  if (flavor === "ieee" && exponent === (1 << exponentBits) - 1) {
    return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return exponent === 0
    ? sign * mantissa * 2 ** (1 - bias - mantissaBits)
    : sign * (mantissa + (1 << mantissaBits)) * 2 ** (exponent - bias - mantissaBits);
}

/**
 * Gives the code nearest to `value`, ties to even.
 *
 * What is too large becomes infinity, or NaN in the formats without one, as ml_dtypes and PyTorch do.
 */
export function encodeSmallFloat(format: SmallFloatFormat, value: number): number {
  const { exponentBits, mantissaBits, bias, flavor } = format;
  const signBit = 1 << (exponentBits + mantissaBits);
  double[0] = value;
  const high = doubleWords[1] as number;
  const sign = high >>> 31 ? signBit : 0;
  const infinity = ((1 << exponentBits) - 1) << mantissaBits;
  const notANumber =
    flavor === "ieee"
      ? sign | infinity | (1 << (mantissaBits - 1))
      : flavor === "fn"
        ? sign | (signBit - 1)
        : signBit;
  if (Number.isNaN(value)) return notANumber;
  const overflow = flavor === "ieee" ? sign | infinity : notANumber;
  const smallest = 1 - bias;
  const exponent = Math.max(((high >>> 20) & 0x7ff) - 1023, smallest);
  if (exponent > 1023) return overflow;
  // Dividing a double by a power of two is exact here, so that rounding happens once.
  const units = roundHalfEven(Math.abs(value) / 2 ** (exponent - mantissaBits));
  const magnitude = (exponent - smallest) * 2 ** mantissaBits + units;
  const largest = flavor === "ieee" ? infinity - 1 : flavor === "fn" ? signBit - 2 : signBit - 1;
  if (magnitude > largest) return overflow;
  return flavor === "fnuz" && magnitude === 0 ? 0 : sign | magnitude;
}

/** Gives the value of an E8M0 code: a power of two, or NaN for 255. */
export function decodeE8M0(code: number): number {
  return code === 0xff ? Number.NaN : 2 ** (code - 127);
}

/**
 * Gives the E8M0 code nearest to the magnitude of `value`, ties to the larger power.
 *
 * The sign is dropped and zero becomes 2⁻¹²⁷, as in PyTorch; what is too large, infinite or NaN becomes NaN.
 */
export function encodeE8M0(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude < Number.POSITIVE_INFINITY)) return 0xff;
  if (magnitude <= 2 ** -127) return 0;
  double[0] = magnitude;
  const exponent = (((doubleWords[1] as number) >>> 20) & 0x7ff) - 1023;
  const up = magnitude >= 1.5 * 2 ** exponent ? 1 : 0;
  return Math.min(Math.max(exponent + 127 + up, 0), 0xff);
}

/** Rounds to the nearest integer, ties to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
