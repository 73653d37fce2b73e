// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type StoredRecord } from "@rmtc/contract";
import type { RecordKind } from "@rmtc/spec";
import { getRecord } from "./get-records.ts";
import type { Workspace } from "./workspace.ts";

const bareUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Finds the record that a person means: a record id (with or without `urn:uuid:`), an alias (`name@alias`), a
 * name, or `name:version`. Of several records with one name it is the one that was put last.
 *
 * @throws RMTC_NOT_FOUND when nothing fits.
 * @throws RMTC_DOCUMENT_INVALID when the record has another kind than one of `kinds`.
 */
export async function resolveReference(
  workspace: Workspace,
  text: string,
  kinds?: readonly RecordKind[],
): Promise<StoredRecord> {
  const stored = await findReference(workspace, text, kinds);
  if (stored === undefined) {
    const sort = kinds === undefined ? "record" : kinds.join(" or ");
    throw new RmtcError(
      "RMTC_NOT_FOUND",
      `No ${sort} "${text}" in this workspace. Give an id, a name, name:version or an alias; \`rmtc find\` lists what is there.`,
      { subject: text },
    );
  }
  if (kinds !== undefined && !kinds.includes(stored.record.kind as RecordKind)) {
    throw new RmtcError(
      "RMTC_DOCUMENT_INVALID",
      `"${text}" is a ${stored.record.kind}, where a ${kinds.join(" or ")} is needed.`,
      { subject: stored.record.id },
    );
  }
  return stored;
}

async function findReference(
  workspace: Workspace,
  text: string,
  kinds: readonly RecordKind[] | undefined,
): Promise<StoredRecord | undefined> {
  if (text.startsWith("urn:uuid:")) return await getRecord(workspace.records, text);
  if (bareUuid.test(text)) return await getRecord(workspace.records, `urn:uuid:${text}`);
  if (text.includes("@")) {
    const heads = await workspace.runs.getAlias(text);
    if (heads.length > 1) {
      throw new RmtcError(
        "RMTC_ALIAS_CONFLICT",
        `The alias ${text} has ${heads.length} heads that disagree: ${heads.map((head) => head.to).join(", ")}. Set it again.`,
        { subject: text },
      );
    }
    if (heads[0] !== undefined) return await getRecord(workspace.records, heads[0].to);
  }
  const ofKind = kinds === undefined ? [] : [{ field: "kind", op: "in" as const, value: kinds }];
  const colon = text.lastIndexOf(":");
  const byName = { field: "name", op: "eq" as const, value: text };
  const named = await newest(workspace, [byName, ...ofKind]);
  if (named !== undefined || colon < 1) return named;
  return await newest(workspace, [
    { ...byName, value: text.slice(0, colon) },
    { field: "version", op: "eq", value: text.slice(colon + 1) },
    ...ofKind,
  ]);
}

/** The record that was put last: positions order records, `createdAt` does not. */
async function newest(
  workspace: Workspace,
  where: Parameters<Workspace["records"]["find"]>[0]["where"],
): Promise<StoredRecord | undefined> {
  let best: StoredRecord | undefined;
  let cursor: string | undefined;
  do {
    const page = await workspace.records.find({ where, limit: 1000, cursor });
    for (const stored of page.records)
      if (best === undefined || stored.position > best.position) best = stored;
    cursor = page.next;
  } while (cursor !== undefined);
  return best;
}
