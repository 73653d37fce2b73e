// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { userInfo } from "node:os";
import { makeRecord, recordDigest } from "@rmtc/attest";
import { putRecords } from "../put-records.ts";
import { type RecordReference, referenceOf } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";

/** Returns the record of the person who works here, from the configuration or the operating system. */
export async function recordPerson(workspace: Workspace): Promise<RecordReference> {
  const name = workspace.config.person ?? userInfo().username;
  const known = await workspace.records.find({
    where: [
      { field: "kind", op: "eq", value: "party" },
      { field: "party.partyType", op: "eq", value: "person" },
      { field: "name", op: "eq", value: name },
    ],
    limit: 1,
  });
  if (known.records[0] !== undefined) return referenceOf(known.records[0]);
  const record = makeRecord({ kind: "party", name, body: { partyType: "person" } });
  await putRecords(workspace, [record]);
  return { id: record.id, digest: recordDigest(record) };
}
