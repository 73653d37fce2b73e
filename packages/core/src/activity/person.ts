// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { userInfo } from "node:os";
import { makeRecord, recordDigest } from "@rmtc/attest";
import { referenceOf } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import type { ResolvedAgent } from "./resolved-agent.ts";

/** Finds or makes the record of the person who works here, from the configuration or the operating system. */
export async function resolvePerson(workspace: Workspace): Promise<ResolvedAgent> {
  const name = workspace.config.person ?? userInfo().username;
  const known = await workspace.records.find({
    where: [
      { field: "kind", op: "eq", value: "party" },
      { field: "party.partyType", op: "eq", value: "person" },
      { field: "name", op: "eq", value: name },
    ],
    limit: 1,
  });
  if (known.records[0] !== undefined) return { reference: referenceOf(known.records[0]), made: [] };
  const record = makeRecord({ kind: "party", name, body: { partyType: "person" } });
  return { reference: { id: record.id, digest: recordDigest(record) }, made: [record] };
}
