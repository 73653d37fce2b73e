// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RmtcErrorCode } from "@rmtc/contract";
import type { Digest, File, RecordId } from "@rmtc/spec";
import { getReadableRecords } from "../get-records.ts";
import { likenessKinds } from "../lineage/likeness.ts";
import type { LineageAnswer, LineageOptions } from "../lineage/lineage-answer.ts";
import { answer, readUpstream } from "../lineage/trace.ts";
import type { Workspace } from "../workspace.ts";
import { verifySegments } from "./verify-segments.ts";

/** One thing that does not hold. */
export interface VerifyProblem {
  readonly code: RmtcErrorCode;
  readonly record: RecordId;
  /** The file's or segment's digest, where one of them is wrong. */
  readonly digest?: Digest | undefined;
  readonly path?: string | undefined;
  readonly message: string;
}

/** What `verify` found. */
export interface VerifyReport extends LineageAnswer {
  readonly recordsVerified: number;
  readonly filesVerified: number;
  readonly problems: readonly VerifyProblem[];
}

/** How far a verification has come. */
export interface VerifyProgress {
  readonly recordsVerified: number;
  readonly filesVerified: number;
  readonly files: number;
}

/**
 * Hashes records and files again: those of a lineage tree, or all that the workspace holds.
 *
 * Links are checked against the digests of what they lead to, dataset segments against their roots, and every
 * activity's seals are read along. Gaps are reported as in every lineage answer.
 */
export async function verify(
  workspace: Workspace,
  roots: readonly RecordId[] | undefined,
  options: LineageOptions & { readonly onProgress?: ((progress: VerifyProgress) => void) | undefined } = {},
): Promise<VerifyReport> {
  const { signal } = options;
  const cursor = options.asOf ?? (await workspace.records.head({ signal })).cursor;
  const bounded = { ...options, asOf: cursor };
  const every = roots ?? (await allIds(workspace, signal));
  const tree = await readUpstream(
    workspace,
    { roots: every, ignoreRelations: [], kinds: likenessKinds },
    bounded,
  );
  const ids = new Set(tree.reached.keys());
  for (const seals of tree.ledger.seals.values()) for (const seal of seals) ids.add(seal.record.id);
  for (const facts of tree.ledger.facts.values()) for (const { notice } of facts) ids.add(notice);
  for (const sources of tree.ledger.unreadable.values()) for (const id of sources) ids.add(id);

  const problems: VerifyProblem[] = [];
  let recordsVerified = 0;
  let filesVerified = 0;
  for await (const page of workspace.records.verify({ ids: [...ids] }, { signal })) {
    recordsVerified += page.checked;
    for (const damage of page.damages) {
      problems.push({ code: "RMTC_DIGEST_MISMATCH", record: damage.id, message: damage.message });
    }
    options.onProgress?.({ recordsVerified, filesVerified, files: 0 });
  }

  const { stored } = await getReadableRecords(workspace.records, ids, ["files", "body"]);
  const owners = new Map<
    Digest,
    { readonly record: RecordId; readonly file: Pick<File, "path" | "digest"> }
  >();
  for (const { record } of stored.values()) {
    for (const file of record.files ?? [])
      if (!owners.has(file.digest)) owners.set(file.digest, { record: record.id, file });
  }
  const statuses = await workspace.blobs.status([...owners.keys()], { signal });
  const held: Digest[] = [];
  for (const status of statuses) {
    const owner = owners.get(status.digest);
    if (owner === undefined) continue;
    if (status.state === "stored" || status.state === "referenced") held.push(status.digest);
    else if (status.state !== "erased") {
      const code = status.state === "evicted" ? "RMTC_BLOB_EVICTED" : "RMTC_NOT_FOUND";
      problems.push(
        problemOf(
          code,
          owner,
          `Its bytes are ${status.state === "evicted" ? "not here any more" : "not held here"}.`,
        ),
      );
    }
  }
  const checking = workspace.blobs.verify(
    { digests: held },
    {
      signal,
      onProgress: (checked) =>
        options.onProgress?.({ recordsVerified, filesVerified: checked, files: held.length }),
    },
  );
  const damaged = new Set<Digest>();
  for await (const damage of checking) {
    const owner = owners.get(damage.digest);
    damaged.add(damage.digest);
    if (owner !== undefined) problems.push(problemOf("RMTC_DIGEST_MISMATCH", owner, damage.message));
  }
  filesVerified = held.length - damaged.size;
  for (const { record } of stored.values()) {
    if (record.kind !== "dataset") continue;
    const segments = await verifySegments(workspace, record, signal);
    filesVerified += segments.verified;
    problems.push(...segments.problems);
  }
  return { recordsVerified, filesVerified, problems, ...answer(workspace, cursor, tree.gaps) };
}

function problemOf(
  code: RmtcErrorCode,
  owner: { readonly record: RecordId; readonly file: Pick<File, "path" | "digest"> },
  message: string,
): VerifyProblem {
  return { code, record: owner.record, digest: owner.file.digest, path: owner.file.path, message };
}

async function allIds(workspace: Workspace, signal: AbortSignal | undefined): Promise<RecordId[]> {
  const ids = new Set<RecordId>();
  let cursor: string | undefined;
  for (;;) {
    const page = await workspace.records.changes({ cursor, limit: 10_000 }, { signal });
    for (const change of page.changes) ids.add(change.id);
    if (page.changes.length === 0) return [...ids];
    cursor = page.cursor;
  }
}
