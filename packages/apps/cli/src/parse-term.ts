// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Filter, RmtcError } from "@rmtc/contract";
import { type QueryField, queryFields } from "@rmtc/spec";

const operators = [">=", "<=", "^=", "=", "~", ">", "<"] as const;
const meaning: Readonly<Record<(typeof operators)[number], Filter["op"]>> = {
  "=": "eq",
  "^=": "prefix",
  "~": "text",
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
};

/**
 * Reads one search term: `kind=asset`, `kind=asset,dataset`, `name^=hero`, `name~"hero roto"`,
 * `asset.frameNumber>=1003`, `tag` (has one) or `!tag` (has none).
 *
 * @throws RMTC_QUERY_INVALID pointing at the place that is wrong.
 */
export function parseTerm(text: string): Filter {
  const match = /^(!?)([A-Za-z][A-Za-z.]*)(.*)$/s.exec(text);
  if (match === null) throw invalid(text, 0, "a field's name is expected here");
  const [, not = "", name = "", rest = ""] = match;
  const field = queryFields.find((candidate) => candidate.field === name);
  if (field === undefined) {
    const near = queryFields
      .map((candidate) => candidate.field)
      .filter((candidate) => candidate.includes(name) || name.includes(candidate));
    throw invalid(
      text,
      not.length,
      `there is no field "${name}"${near.length === 0 ? "" : `; did you mean ${near.slice(0, 3).join(" or ")}?`}`,
    );
  }
  if (rest === "") return { field: name, op: "exists", value: not === "" };
  const at = not.length + name.length;
  if (not !== "") throw invalid(text, 0, "! stands before a field alone, for records that do not have it");
  const operator = operators.find((candidate) => rest.startsWith(candidate));
  if (operator === undefined) throw invalid(text, at, `one of ${operators.join(" ")} is expected here`);
  const op = meaning[operator];
  const value = rest.slice(operator.length);
  if (!field.operators.includes(op)) throw invalid(text, at, `${name} cannot be asked with ${operator}`);
  if (value === "") throw invalid(text, at + operator.length, "a value is expected here");
  if (op === "eq" && value.includes(",")) {
    let start = at + operator.length;
    const values = value.split(",").map((one) => {
      const single = toValue(text, field, one, start);
      start += one.length + 1;
      return single;
    });
    return { field: name, op: "in", value: values };
  }
  return { field: name, op, value: toValue(text, field, value, at + operator.length) };
}

function toValue(text: string, field: QueryField, value: string, at: number): string | number {
  if (field.type !== "integer") return value;
  if (!/^-?\d+$/.test(value)) throw invalid(text, at, `${field.field} is a whole number`);
  return Number(value);
}

function invalid(text: string, at: number, message: string): RmtcError {
  return new RmtcError("RMTC_QUERY_INVALID", `${message}:\n  ${text}\n  ${" ".repeat(at)}^`, {
    subject: text,
  });
}
