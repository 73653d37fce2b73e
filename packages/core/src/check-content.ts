// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type RmtcRecord, relationOf, type SchemaName, validateDocument, type WeightsBody } from "@rmtc/spec";
import { isMarked } from "./supersession.ts";

/**
 * Checks what a workspace is about to put: the body against its kind's schema, every link against the relation
 * table, and what no schema can say.
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
  const paths = record.files?.map(({ path }) => path) ?? [];
  const twice = paths.findIndex((path, index) => paths.indexOf(path) !== index);
  if (twice !== -1) fail(`/files/${twice}/path`, "is the path of another file of the record");
  if (paths.length > 0 && (record.body as WeightsBody | undefined)?.external !== undefined) {
    fail("/files", "cannot be there with weights that are known only as a service");
  }
  const counts = new Map<string, number>();
  for (const [index, link] of record.links.entries()) {
    const relation = relationOf(link.rel);
    if (relation === undefined) fail(`/links/${index}/rel`, `is not a relation of this version: ${link.rel}`);
    else {
      if (link.rel === "supersedes" && !isMarked(record, index)) {
        fail(`/links/${index}`, 'is marked neither as a revision nor as a correction in "/body/supersedes"');
      }
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
