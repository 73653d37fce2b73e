// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Act, LicenseBody, RecordId } from "@rmtc/spec";
import { bodyOf } from "../body-of.ts";
import { getRecords } from "../get-records.ts";
import { type RecordReference, targetsOf } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";

/**
 * Checks that an act is permitted on every record it takes, and returns the union of their licences, which the
 * act's outputs link.
 *
 * Every record must link at least one licence, and every licence it links must grant the act, must not exclude
 * it, and must be in force at the time.
 *
 * @throws RMTC_RIGHTS_DENIED with one reason for each record and licence that stands against it.
 */
export async function checkRights(
  workspace: Workspace,
  act: Act,
  inputs: readonly RecordId[],
  at: string = new Date().toISOString(),
): Promise<RecordReference[]> {
  const records = await getRecords(workspace.records, inputs, ["name"]);
  const reasons: string[] = [];
  const licenses = new Map<RecordId, RecordReference>();
  const label = (id: RecordId): string => {
    const record = records.get(id)?.record;
    return record === undefined ? id : `${record.kind} ${record.name ?? ""} (${id})`.replace("  ", " ");
  };
  const users = new Map<RecordId, RecordId[]>();
  for (const id of new Set(inputs)) {
    const stored = records.get(id);
    const linked = stored === undefined ? [] : targetsOf(stored.record, "licensedUnder");
    if (stored === undefined) reasons.push(`${id} is not held here, so its licences are unknown`);
    else if (linked.length === 0) reasons.push(`${label(id)} links no license`);
    for (const license of linked) {
      licenses.set(license.id, license);
      users.set(license.id, [...(users.get(license.id) ?? []), id]);
    }
  }
  const terms = await getRecords(workspace.records, licenses.keys(), ["name", "body"]);
  for (const [id, reference] of licenses) {
    const stored = terms.get(id);
    const name = stored?.record.name ?? id;
    const first = users.get(id) ?? [];
    const on = `on ${label(first[0] ?? id)}${first.length > 1 ? ` and ${first.length - 1} more` : ""}`;
    const why =
      stored === undefined
        ? "is not held here"
        : stored.digest !== reference.digest
          ? "is held under another digest than the link says"
          : whyDenied(bodyOf(stored.record, "license"), act, at);
    if (why !== undefined) reasons.push(`license ${name} ${on} ${why}`);
  }
  if (reasons.length === 0) return [...licenses.values()];
  throw new RmtcError(
    "RMTC_RIGHTS_DENIED",
    `The act "${act}" is denied: ${reasons.slice(0, 5).join("; ")}${reasons.length > 5 ? `; and ${reasons.length - 5} more reasons` : ""}.`,
    { reasons },
  );
}

function whyDenied(license: LicenseBody | undefined, act: Act, at: string): string | undefined {
  if (license === undefined) return "has its terms withheld";
  if (license.excludes?.includes(act)) return `excludes "${act}"`;
  if (!license.grants.includes(act)) return `does not grant "${act}"`;
  if (license.start !== undefined && at < license.start) return `is not in force before ${license.start}`;
  if (license.finish !== undefined && at > license.finish) return `ended at ${license.finish}`;
  return undefined;
}
