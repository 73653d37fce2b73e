// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readSegment } from "@rmtc/attest";
import { RmtcError } from "@rmtc/contract";
import type { DatasetItem, Digest, RmtcRecord } from "@rmtc/spec";
import { bodyOf } from "../body-of.ts";
import type { Workspace } from "../workspace.ts";

/** An item with the hash by which the dataset's tree holds it. */
export interface DatasetEntry {
  readonly item: DatasetItem;
  readonly leaf: Digest;
}

/**
 * Reads a dataset's items, segment by segment; items that were erased are passed over.
 *
 * @throws RMTC_DIGEST_MISMATCH when a segment does not have the root that the dataset names.
 */
export async function* readItems(
  workspace: Workspace,
  dataset: RmtcRecord,
  signal?: AbortSignal,
): AsyncGenerator<DatasetEntry, void> {
  const body = bodyOf(dataset, "dataset");
  if (body === undefined) {
    throw new RmtcError(
      "RMTC_STATE_INVALID",
      `The body of dataset ${dataset.id} is withheld, so its items are not known.`,
      {
        subject: dataset.id,
      },
    );
  }
  for (const segment of body.segments) {
    const entries: DatasetEntry[] = [];
    for await (const lines of readSegment(workspace.blobs.read(segment.digest, { signal }), segment, {
      signal,
    })) {
      for (const { item, leaf } of lines) if (item !== undefined) entries.push({ item, leaf });
    }
    yield* entries;
  }
}
