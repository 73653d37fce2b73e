// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type CypherToken, cypherTokens, isKeyword } from "./cypher-tokens.ts";

/** A query that may be run, and what it returns. */
export interface ReadingQuery {
  /** The query without the semicolon at its end, which AGE does not take. */
  readonly text: string;
  readonly columns: readonly string[];
}

const writing = ["CREATE", "SET", "MERGE", "DELETE", "DETACH", "REMOVE"];

/**
 * Reads from a query how many columns it returns and what they are called: AGE wants to be told.
 *
 * @throws RMTC_QUERY_INVALID when the query writes, does not end with a RETURN, or returns `*`.
 */
export function readingQuery(query: string): ReadingQuery {
  if (query.includes("\0")) refuse("A query cannot contain U+0000; pass the text as a parameter.");
  const all = cypherTokens(query);
  const last = all.at(-1);
  const [tokens, text] = last?.text === ";" ? [all.slice(0, -1), query.slice(0, last.start)] : [all, query];
  const write = tokens.find((_, index) => isKeyword(tokens, index, writing));
  if (write !== undefined) {
    refuse(
      `A query here only reads, and ${write.text} writes: records come by put, and the graph follows them.`,
    );
  }
  const start = tokens.findLastIndex(
    ({ depth }, index) => depth === 0 && isKeyword(tokens, index, ["RETURN"]),
  );
  if (start < 0) refuse("The query returns nothing; end it with RETURN and what you want to see.");
  const from = isKeyword(tokens, start + 1, ["DISTINCT"]) ? start + 2 : start + 1;
  const items = splitItems(returnedTokens(tokens, from));
  return { text, columns: items.map((item) => nameOf(item, query)) };
}

/** The tokens of a RETURN from its first expression to what orders or cuts the rows. */
function returnedTokens(tokens: readonly CypherToken[], from: number): readonly CypherToken[] {
  const end = tokens.findIndex(
    ({ depth }, index) =>
      index >= from && depth === 0 && isKeyword(tokens, index, ["ORDER", "SKIP", "LIMIT"]),
  );
  return tokens.slice(from, end < 0 ? undefined : end);
}

function splitItems(tokens: readonly CypherToken[]): readonly (readonly CypherToken[])[] {
  const items: CypherToken[][] = [[]];
  for (const token of tokens) {
    if (token.depth === 0 && token.text === ",") items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}

function nameOf(item: readonly CypherToken[], query: string): string {
  const [first] = item;
  const last = item.at(-1);
  if (first === undefined || last === undefined)
    return refuse("The RETURN of the query lacks an expression.");
  if (item.length === 1 && first.type === "sign" && first.text === "*") {
    refuse(
      "RETURN * does not say which columns there are; name each of them, for example RETURN a, b.name AS name.",
    );
  }
  if (item.length < 3 || !isKeyword(item, item.length - 2, ["AS"])) return query.slice(first.start, last.end);
  return last.type === "quotedName" ? last.text.slice(1, -1).replaceAll("``", "`") : last.text;
}

function refuse(message: string): never {
  throw new RmtcError("RMTC_QUERY_INVALID", message, { pointer: "/query" });
}
