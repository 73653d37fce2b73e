// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Filter, type FindRequest, type QueryOrder, RmtcError } from "@rmtc/contract";
import { type QueryField, queryFields } from "@rmtc/spec";
import { checkQuery } from "./check-query.ts";
import { queryFieldOf } from "./query-field.ts";

/** What a query string says: filters that must all hold, and at most one field to order by. */
export type QueryClauses = Pick<FindRequest, "where" | "order">;

const comparisons = [">=", "<=", "^=", "=", "~", ">", "<"] as const;
const operatorOf: Readonly<Record<(typeof comparisons)[number], Filter["op"]>> = {
  "=": "eq",
  "^=": "prefix",
  "~": "text",
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
};
const space = /[ \t\r\n]/;
const fieldName = /[A-Za-z][A-Za-z.]*/y;
const bareValue = /[^ \t\r\n,]+/y;
const quotedValue = /"(?:[^"\\]|\\.)*"/sy;
const dateAlone = /^\d{4}-\d{2}-\d{2}$/;
/** Characters of the query that a message shows on either side of what is wrong. */
const shownCharacters = 40;

/**
 * Reads a query string, such as `kind=asset,dataset name~"hero roto" asset.frameNumber>=1003 !tag order:-created`.
 *
 * @throws RMTC_QUERY_INVALID naming the character that is wrong, counted in code points from 1.
 * @see spec/draft/query.md, RMTC-QRY-050 to RMTC-QRY-055
 */
export function parseQuery(text: string): QueryClauses {
  const where: Filter[] = [];
  const starts: number[] = [];
  let order: QueryOrder | undefined;
  let at = 0;
  const fail = (message: string, place = at): never => {
    throw refusal(text, place, message);
  };
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const takeField = (): QueryField => {
    const start = at;
    const name = take(fieldName) ?? fail("a field's name is expected here");
    return queryFieldOf(name) ?? fail(`there is no field "${name}"${nearNames(name)}`, start);
  };
  const takeOrder = (): QueryOrder => {
    const descending = text[at] === "-";
    if (descending) at += 1;
    const start = at;
    const { field, orderable } = takeField();
    if (!orderable) fail(`results cannot be ordered by ${field}`, start);
    return { field, descending };
  };
  const takeValue = (field: QueryField): string | number => {
    const start = at;
    if (text[at] === '"') {
      const quoted = take(quotedValue) ?? fail("the closing quotation mark is missing");
      if (field.type === "integer") fail(`${field.field} is a whole number, without quotation marks`, start);
      return unquote(quoted) ?? fail("this is no JSON string: write a backslash as \\\\", start);
    }
    const bare = take(bareValue) ?? fail("a value is expected here");
    if (field.type === "time") return dateAlone.test(bare) ? `${bare}T00:00:00.000Z` : bare;
    if (field.type !== "integer") return bare;
    if (!/^-?\d+$/.test(bare)) fail(`${field.field} is a whole number`, start);
    return Number(bare);
  };
  const takeFilter = (): Filter => {
    const start = at;
    const not = text[at] === "!";
    if (not) at += 1;
    const field = takeField();
    const sign = comparisons.find((one) => text.startsWith(one, at));
    if (not && sign !== undefined)
      fail("! stands before a field alone, for records that do not have it", start);
    const op = sign === undefined ? "exists" : operatorOf[sign];
    if (sign === undefined && at < text.length && !space.test(text[at] as string))
      fail(`one of ${comparisons.join(" ")} is expected here`);
    if (!field.operators.includes(op))
      fail(`${field.field} cannot be asked ${sign === undefined ? "whether it is there" : `with ${sign}`}`);
    if (sign === undefined) return { field: field.field, op, value: !not };
    at += sign.length;
    const values = [takeValue(field)];
    while (text[at] === ",") {
      if (sign !== "=") fail("only = takes several values; put a value with commas in quotation marks");
      at += 1;
      values.push(takeValue(field));
    }
    const [value = ""] = values;
    return values.length === 1
      ? { field: field.field, op, value }
      : { field: field.field, op: "in", value: values };
  };
  for (;;) {
    while (at < text.length && space.test(text[at] as string)) at += 1;
    if (at === text.length) break;
    const start = at;
    if (text.startsWith("order:", at)) {
      if (order !== undefined) fail("there is an order already");
      at += "order:".length;
      order = takeOrder();
    } else {
      starts.push(start);
      where.push(takeFilter());
    }
    if (at < text.length && !space.test(text[at] as string))
      fail("a space is expected here, before the next term");
  }
  try {
    checkQuery({ where, limit: 1 });
  } catch (error) {
    if (!(error instanceof RmtcError)) throw error;
    const index = Number(/^\/where\/(\d+)/.exec(error.pointer ?? "")?.[1] ?? 0);
    throw refusal(text, starts[index] ?? 0, error.message.replace(/^Query: "[^"]*" (.*)\.$/, "its value $1"));
  }
  return order === undefined ? { where } : { where, order };
}

/**
 * Writes filters and an order as a query string, which reads back as the same question.
 *
 * A list of one value is written as that value.
 *
 * @throws RMTC_QUERY_INVALID when the filters or the order are not in the registry.
 */
export function formatQuery({ where, order }: QueryClauses): string {
  checkQuery(order === undefined ? { where, limit: 1 } : { where, order, limit: 1 });
  const terms = where.map(({ field, op, value }) => {
    if (op === "exists") return value === true ? field : `!${field}`;
    const sign = comparisons.find((one) => operatorOf[one] === (op === "in" ? "eq" : op));
    const values = (Array.isArray(value) ? value : [value]) as readonly (string | number)[];
    return `${field}${sign}${values.map(formatValue).join(",")}`;
  });
  if (order !== undefined) terms.push(`order:${order.descending === true ? "-" : ""}${order.field}`);
  return terms.join(" ");
}

function formatValue(value: string | number): string {
  if (typeof value === "number") return String(value);
  return /^[^" \t\r\n,][^ \t\r\n,]*$/.test(value) ? value : JSON.stringify(value);
}

function unquote(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

function nearNames(name: string): string {
  const lower = name.toLowerCase();
  const near = queryFields
    .map(({ field }) => field)
    .filter((field) => field.toLowerCase().includes(lower) || lower.includes(field.toLowerCase()));
  return near.length === 0 ? "" : `; did you mean ${near.slice(0, 3).join(" or ")}?`;
}

/** Points at a character of the query, with a caret under it where the message is shown in one width. */
function refusal(text: string, at: number, message: string): RmtcError {
  const before = [...text.slice(0, at)];
  const after = [...text.slice(at)];
  const head = before.slice(-shownCharacters);
  const shown = [...head, ...after.slice(0, shownCharacters)].join("").toWellFormed();
  return new RmtcError(
    "RMTC_QUERY_INVALID",
    `Character ${before.length + 1}: ${message}${message.endsWith("?") ? "" : "."}\n  ${shown.replaceAll(/\p{Cc}/gu, " ")}\n  ${" ".repeat(head.length)}^`,
    { subject: text },
  );
}
