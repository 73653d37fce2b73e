// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * Compares two texts by their UTF-8 bytes: negative, zero or positive.
 *
 * That is the order of code points, which differs from JavaScript's order of UTF-16 code units where a
 * character beyond U+FFFF meets one between U+E000 and U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Lifts surrogates, which stand for code points beyond U+FFFF, above every other code unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/**
 * Returns the smallest text above every text that starts with `prefix`, in the order of {@link compareUtf8},
 * or `undefined` when there is none.
 *
 * So `value >= prefix AND value < end` is a prefix search that an ordered index can answer.
 */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) as number);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}
