// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RecordStore } from "@rmtc/contract";
import { kindFamilies, queryFields, relations } from "@rmtc/spec";

/** What could stand where the line ends, and the part of the line that it would replace. */
export type Completion = readonly [candidates: readonly string[], replaced: string];

const mostNames = 50;
const queryCall = /\b(?:find|count)\(\s*(["'`])((?:(?!\1).)*)$/;
const referenceCall = /\b(?:show|trace|impact|has|entity)\((?:[^()]*,)?\s*(["'`])((?:(?!\1).)*)$/;
const relationCall = /\.linked\(\s*(["'`])((?:(?!\1).)*)$/;
const kinds = Object.values(kindFamilies).flat().sort();

/**
 * Completes the text inside of a call that asks about records: fields, kinds, relations, and the names that are in the
 * store now. Elsewhere it returns `undefined`.
 */
export async function completeLine(records: RecordStore, line: string): Promise<Completion | undefined> {
  const query = queryCall.exec(line)?.[2];
  if (query !== undefined) return await completeClause(records, /[^ ]*$/.exec(query)?.[0] ?? "");
  const reference = referenceCall.exec(line)?.[2];
  if (reference !== undefined) return [await namesWith(records, reference), reference];
  const relation = relationCall.exec(line)?.[2];
  return relation === undefined
    ? undefined
    : startingWith(
        relations.map(({ rel }) => rel),
        relation,
      );
}

async function completeClause(records: RecordStore, clause: string): Promise<Completion> {
  const order = /^order:-?(.*)$/.exec(clause)?.[1];
  if (order !== undefined) {
    const fields = queryFields.filter(({ orderable }) => orderable).map(({ field }) => field);
    return startingWith(fields, order);
  }
  const [, field, , last = ""] = /^([A-Za-z.]+)(\^=|=)(?:.*,)?(.*)$/.exec(clause) ?? [];
  if (field === "kind") return startingWith(kinds, last);
  if (field === "name" || field?.startsWith("link.") === true) {
    const names = await namesWith(records, last.replace(/^"/, ""));
    return [names.map((name) => (/[ ,]/.test(name) ? JSON.stringify(name) : name)), last];
  }
  const begun = clause.replace(/^!/, "");
  return startingWith([...queryFields.map((one) => one.field), "order:"], begun);
}

function startingWith(words: readonly string[], begun: string): Completion {
  return [words.filter((word) => word.startsWith(begun)), begun];
}

async function namesWith(records: RecordStore, begun: string): Promise<string[]> {
  const { records: found } = await records.find({
    where: [
      begun === ""
        ? { field: "name", op: "exists", value: true }
        : { field: "name", op: "prefix", value: begun },
    ],
    order: { field: "name" },
    limit: mostNames,
    parts: ["name"],
  });
  return [...new Set(found.flatMap(({ record }) => record.name ?? []))];
}
