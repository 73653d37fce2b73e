// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { itemsRoot, readSegment } from "@rmtc/attest";
import { isRmtcError } from "@rmtc/contract";
import type { DatasetItem, RecordId, RmtcRecord } from "@rmtc/spec";
import { bodyOf } from "../body-of.ts";
import { getReadableRecords } from "../get-records.ts";
import { targetsOf } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import type { VerifyProblem } from "./verify-records.ts";

/**
 * Checks every segment of a dataset against its digest, count and root, the roots against `itemsRoot`, and that
 * every record which an item names is among the links of the dataset or its parts.
 *
 * @see spec/draft/provenance.md#datasets
 */
export async function verifySegments(
  workspace: Workspace,
  dataset: RmtcRecord,
  signal?: AbortSignal,
): Promise<{ readonly verified: number; readonly problems: readonly VerifyProblem[] }> {
  const body = bodyOf(dataset, "dataset");
  const problems: VerifyProblem[] = [];
  let verified = 0;
  if (body === undefined) return { verified, problems };
  const linked = await linkedIds(workspace, dataset);
  const strays = new Set<RecordId>();
  for (const segment of body.segments) {
    try {
      const named = new Set<RecordId>();
      const bytes = workspace.blobs.read(segment.digest, { signal });
      for await (const lines of readSegment(bytes, segment, { signal })) {
        for (const { item } of lines) for (const id of namedBy(item)) named.add(id);
      }
      for (const id of named.difference(linked)) strays.add(id);
      verified += 1;
    } catch (error) {
      if (!isRmtcError(error)) throw error;
      problems.push({ code: error.code, record: dataset.id, digest: segment.digest, message: error.message });
    }
  }
  if (itemsRoot(body.segments.map((segment) => segment.root)) !== body.itemsRoot) {
    problems.push({
      code: "RMTC_DIGEST_MISMATCH",
      record: dataset.id,
      message: "The dataset's itemsRoot does not follow from its segments' roots.",
    });
  }
  const [stray] = strays;
  if (stray !== undefined) {
    const more = strays.size === 1 ? "" : `, and ${strays.size - 1} more`;
    const message = `Items name ${stray}${more}, not among the links of the dataset or its parts.`;
    problems.push({ code: "RMTC_DOCUMENT_INVALID", record: dataset.id, message });
  }
  return { verified, problems };
}

/** Every record that a dataset and its parts link to. */
async function linkedIds(workspace: Workspace, dataset: RmtcRecord): Promise<ReadonlySet<RecordId>> {
  const linked = new Set<RecordId>();
  for (let parts = [dataset]; parts.length > 0; ) {
    const members = parts.flatMap((part) => targetsOf(part, "hasMember")).map(({ id }) => id);
    const further = members.filter((id) => !linked.has(id));
    for (const part of parts) for (const { to } of part.links) linked.add(to);
    const { stored } = await getReadableRecords(workspace.records, further, []);
    parts = [...stored.values()].map(({ record }) => record).filter(({ kind }) => kind === "dataset");
  }
  return linked;
}

function namedBy(item: DatasetItem | undefined): RecordId[] {
  if (item === undefined) return [];
  const files = Object.values(item.slots).map(({ record }) => record);
  const subjects = (item.subjects ?? []).map(({ subject }) => subject);
  return [...files, ...subjects, ...(item.licenses ?? []), ...(item.consents ?? [])];
}
