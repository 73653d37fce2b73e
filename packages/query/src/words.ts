// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

const marks = /\p{M}+/gu;
const words = /[\p{L}\p{N}]+/gu;

/**
 * Splits a text into words as every RMTC store does, so that text search means the same on each of them.
 *
 * The text is decomposed (NFKD), marks are removed, letters become lower case and the final sigma an ordinary
 * one; what remains is split at everything that is neither a letter nor a number. Each word comes once, in
 * order of its first place.
 *
 * @see spec/draft/query.md#words
 */
export function wordsOf(text: string): readonly string[] {
  const folded = text
    .normalize("NFKD")
    .replace(marks, "")
    .toLowerCase()
    .replace(marks, "")
    .replaceAll("ς", "σ");
  return [...new Set(folded.match(words))];
}

/** Tells whether every word of a query is the beginning of some word of a text. */
export function matchesWords(text: string, query: string): boolean {
  const present = wordsOf(text);
  return wordsOf(query).every((word) => present.some((candidate) => candidate.startsWith(word)));
}
