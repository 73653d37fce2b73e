// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PutResult } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import { checkContent } from "./check-content.ts";
import { getRecords } from "./get-records.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Checks bodies and links and puts records, all or none.
 *
 * @throws RMTC_DOCUMENT_INVALID when a body or link breaks the standard.
 */
export async function putRecords(workspace: Workspace, records: readonly RmtcRecord[]): Promise<PutResult> {
  await checkRecords(workspace, records);
  return await workspace.records.put({ records, partition: workspace.partition });
}

/** Checks bodies and links of records that are about to be put together. */
export async function checkRecords(workspace: Workspace, records: readonly RmtcRecord[]): Promise<void> {
  const kinds = new Map(records.map((record) => [record.id, record.kind]));
  const outside = records
    .flatMap((record) => record.links.map((link) => link.to))
    .filter((id) => !kinds.has(id));
  for (const [id, stored] of await getRecords(workspace.records, outside, []))
    kinds.set(id, stored.record.kind);
  for (const record of records) checkContent(record, (id) => kinds.get(id));
}
