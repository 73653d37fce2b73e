// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type RmtcRecord, relationOf, type SchemaName, validateDocument } from "@rmtc/spec";

/**
 * Checks what a workspace is about to put: the body against its kind's schema, and every link against the
 * relation table.
 *
 * @throws RMTC_DOCUMENT_INVALID with a pointer to what is wrong.
 */
export function checkContent(record: RmtcRecord, kindOf: (id: string) => string | undefined): void {
  const fail = (pointer: string, message: string): never => {
    throw new RmtcError("RMTC_DOCUMENT_INVALID", `A ${record.kind} record: "${pointer}" ${message}.`, {
      subject: record.id,
      pointer,
    });
  };
  if (record.body !== undefined) {
    const issue = validateDocument(record.kind as SchemaName, record.body);
    if (issue !== undefined) fail(`/body${issue.pointer}`, issue.message);
  }
  const counts = new Map<string, number>();
  for (const [index, link] of record.links.entries()) {
    const relation = relationOf(link.rel);
    if (relation === undefined) fail(`/links/${index}/rel`, `is not a relation of this version: ${link.rel}`);
    else {
      const count = (counts.get(link.rel) ?? 0) + 1;
      counts.set(link.rel, count);
      if (!fits(relation.sources, record.kind))
        fail(`/links/${index}/rel`, `${link.rel} does not go out from a ${record.kind}`);
      const target = kindOf(link.to);
      if (target !== undefined && !fits(relation.targets, target)) {
        fail(`/links/${index}/to`, `is a ${target}, which ${link.rel} does not lead to`);
      }
      if (count > (relation.max ?? Number.POSITIVE_INFINITY)) {
        fail(`/links/${index}`, `is one ${link.rel} link too many; ${relation.max} is the most`);
      }
    }
  }
}

function fits(kinds: readonly string[], kind: string): boolean {
  return kinds.includes("*") || kinds.includes(kind);
}
