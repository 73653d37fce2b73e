// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { itemsRoot, readSegment } from "@rmtc/attest";
import { isRmtcError } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import { bodyOf } from "../body-of.ts";
import type { Workspace } from "../workspace.ts";
import type { VerifyProblem } from "./verify-records.ts";

/** Checks every segment of a dataset against its digest, count and root, and the roots against `itemsRoot`. */
export async function verifySegments(
  workspace: Workspace,
  dataset: RmtcRecord,
  signal?: AbortSignal,
): Promise<{ readonly verified: number; readonly problems: readonly VerifyProblem[] }> {
  const body = bodyOf(dataset, "dataset");
  const problems: VerifyProblem[] = [];
  let verified = 0;
  if (body === undefined) return { verified, problems };
  for (const segment of body.segments) {
    try {
      for await (const _ of readSegment(workspace.blobs.read(segment.digest, { signal }), segment, {
        signal,
      }));
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
  return { verified, problems };
}
