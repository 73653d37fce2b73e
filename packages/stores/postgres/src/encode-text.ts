// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Characters of a text that an index keeps: PostgreSQL's B-trees take no entry above some 2,700 bytes. */
export const headLength = 200;

/** Begins what stands for a character that PostgreSQL's texts cannot have, U+0000, and for itself. */
const mark = "\u0001";

/** Encodes a text for a column: order, equality and prefixes stay what they were. */
export function encodeText(text: string): string {
  if (!text.includes("\0") && !text.includes(mark)) return text;
  return text.replaceAll(mark, `${mark}\u0002`).replaceAll("\0", mark + mark);
}

/** Restores the text that {@link encodeText} encoded. */
export function decodeText(encoded: string): string {
  return encoded
    .split(mark + mark)
    .map((text) => text.replaceAll(`${mark}\u0002`, mark))
    .join("\0");
}

/** Returns the first {@link headLength} characters of an encoded text, as `left()` of the server does. */
export function headOf(encoded: string): string {
  if (encoded.length <= headLength) return encoded;
  return Array.from(encoded).slice(0, headLength).join("");
}

/** Tells whether an encoded text is shorter than a head, so that a head that equals it is the whole text. */
export function isShort(encoded: string): boolean {
  return encoded.length < headLength || Array.from(encoded).length < headLength;
}
