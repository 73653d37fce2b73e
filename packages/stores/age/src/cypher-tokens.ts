// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** One piece of a query's text; comments and spaces are none. */
export interface CypherToken {
  readonly type: "word" | "quotedName" | "string" | "sign";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Brackets of any sort that are open around it. */
  readonly depth: number;
}

const pieces =
  /(?<skip>\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>'(?:[^'\\]|\\[\s\S])*'?|"(?:[^"\\]|\\[\s\S])*"?)|(?<quotedName>`(?:[^`]|``)*`?)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<sign>[\s\S])/gu;

/** Splits openCypher into tokens, so that nothing inside texts, backquotes and comments is taken for a clause. */
export function cypherTokens(query: string): readonly CypherToken[] {
  const tokens: CypherToken[] = [];
  let depth = 0;
  for (const { 0: text, index: start, groups } of query.matchAll(pieces)) {
    if (groups?.skip !== undefined) continue;
    const type =
      (["word", "quotedName", "string"] as const).find((name) => groups?.[name] !== undefined) ?? "sign";
    if (type === "sign" && ")]}".includes(text)) depth -= 1;
    tokens.push({ type, text, start, end: start + text.length, depth });
    if (type === "sign" && "([{".includes(text)) depth += 1;
  }
  return tokens;
}

/** Tells whether a token is a word of the language, one of `names`, and not a property, label, parameter or key. */
export function isKeyword(tokens: readonly CypherToken[], index: number, names: readonly string[]): boolean {
  const token = tokens[index];
  if (token?.type !== "word" || !names.includes(token.text.toUpperCase())) return false;
  const before = tokens[index - 1];
  const isName = before?.type === "sign" && [".", ":", "|", "$"].includes(before.text);
  return !isName && tokens[index + 1]?.text !== ":";
}
