// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Containers that one value may nest, counting the outermost. */
export const maxJsonDepth = 64;

const forbidden = /[\0\p{Noncharacter_Code_Point}]/u;

/**
 * Says why a text is not an I-JSON string, or returns `undefined` when it is one.
 *
 * RFC 7493 §2.1 forbids lone surrogates and noncharacters; RMTC forbids U+0000 as well, which PostgreSQL
 * cannot keep in a text.
 */
export function whyNotString(text: string): string | undefined {
  if (!text.isWellFormed()) return "holds a lone surrogate";
  const found = forbidden.exec(text);
  if (found === null) return undefined;
  const code = (found[0].codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
  return `holds the forbidden character U+${code}`;
}

/**
 * Says why a number is not an I-JSON number, or returns `undefined` when it is one.
 *
 * A number is an integer when RFC 8785 writes it without a fraction and an exponent, so below 10²¹; an integer
 * must be exact in every language, so within ±(2⁵³−1). Larger doubles are written with an exponent and pass.
 */
export function whyNotNumber(value: number): string | undefined {
  if (!Number.isFinite(value)) return "is not a finite number";
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21) {
    return "is an integer beyond ±(2^53-1); write it as text";
  }
  return undefined;
}
