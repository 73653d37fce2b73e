// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Edge, RmtcError } from "@rmtc/contract";
import { type LikenessKind, type RecordId, relationsOfStrength } from "@rmtc/spec";
import { getRecord } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";
import { depictedSubjects, likenessKinds } from "./likeness.ts";
import type { LineageAnswer, LineageGap, LineageOptions } from "./lineage-answer.ts";
import { sameSubjects } from "./same-subjects.ts";
import { answer, readUpstream, type TraceMaterial } from "./trace.ts";

/**
 * The answer to "has this seen X": `present` with a path; `unknown` with what is missing;
 * `absent-but-influenced` if X only steered choices, with a path; or `absent`.
 */
export type Verdict = "present" | "unknown" | "absent-but-influenced" | "absent";

/** A verdict with its proof. */
export interface Exposure extends LineageAnswer {
  readonly verdict: Verdict;
  /** Every record that stands for X: a subject's whole `sameAs` set. */
  readonly targets: readonly RecordId[];
  /** The kinds of likeness asked for. */
  readonly kinds: readonly LikenessKind[];
  /** The way from the artifact to X, for `present` and `absent-but-influenced`. */
  readonly path?: readonly Edge[] | undefined;
  /** The notice that says so, where no link does. */
  readonly notice?: RecordId | undefined;
}

interface Hit {
  readonly path: readonly Edge[];
  readonly notice?: RecordId | undefined;
}

const never = relationsOfStrength("none");
const weak = relationsOfStrength("weak");

/**
 * Tells whether an artifact was made from a record: a subject, asset, dataset, model, weights or licence.
 *
 * Strong relations carry exposure, weak ones influence. Anything that is not known on the way makes the verdict
 * `unknown`, never `absent`.
 *
 * @throws RMTC_NOT_FOUND when the artifact or the record asked for is not held.
 */
export async function exposure(
  workspace: Workspace,
  artifact: RecordId,
  target: RecordId,
  options: LineageOptions & { readonly kinds?: readonly LikenessKind[] | undefined } = {},
): Promise<Exposure> {
  const kinds = options.kinds ?? likenessKinds;
  if (kinds.length === 0) {
    throw new RmtcError("RMTC_OPTION_INVALID", "Name at least one kind of likeness.", { pointer: "/kinds" });
  }
  const asOf = options.asOf ?? (await workspace.records.head()).cursor;
  const bounded = { ...options, asOf };
  await getRecord(workspace.records, artifact);
  const asked = (await getRecord(workspace.records, target)).record;
  const same =
    asked.kind === "subject"
      ? await sameSubjects(workspace, target, asOf, options.signal)
      : { ids: [target], unreadable: [] };
  const targets = new Set(same.ids);
  const roots = [artifact];
  const strong = await readUpstream(
    workspace,
    { roots, ignoreRelations: [...never, ...weak], kinds },
    bounded,
  );
  const strongHit = findHit(strong, targets, kinds);
  const all = await readUpstream(workspace, { roots, ignoreRelations: never, kinds }, bounded);
  const weakHit = strongHit ?? findHit(all, targets, kinds);
  const gaps: LineageGap[] = [
    ...all.gaps,
    ...same.unreadable.map(
      (notice): LineageGap => ({
        type: "redacted",
        record: target,
        message: `The facts of notice ${notice} about this subject are withheld.`,
      }),
    ),
  ];
  const hit = strongHit ?? weakHit;
  const verdict: Verdict =
    strongHit !== undefined
      ? "present"
      : gaps.length > 0
        ? "unknown"
        : weakHit !== undefined
          ? "absent-but-influenced"
          : "absent";
  return {
    verdict,
    targets: same.ids,
    kinds,
    path: hit?.path,
    notice: hit?.notice,
    ...answer(workspace, asOf, gaps),
  };
}

/** Finds the nearest record of a trace that is a target, depicts one, or is licensed under one. */
function findHit(
  material: TraceMaterial,
  targets: ReadonlySet<RecordId>,
  kinds: readonly LikenessKind[],
): Hit | undefined {
  for (const id of material.reached.keys()) {
    const stored = material.stored.get(id);
    if (stored === undefined) continue;
    const { record } = stored;
    if (targets.has(id) && record.kind !== "subject") return { path: pathTo(material, id) };
    for (const depicted of depictedSubjects(record, material.ledger.facts.get(id) ?? [])) {
      if (!targets.has(depicted.subject) || !kinds.some((kind) => depicted.kinds.has(kind))) continue;
      if ("notice" in depicted.source) return { path: pathTo(material, id), notice: depicted.source.notice };
      return { path: [...pathTo(material, id), edgeOf(record, depicted.source.link)] };
    }
    const license = record.links.findIndex((link) => link.rel === "licensedUnder" && targets.has(link.to));
    if (license !== -1) return { path: [...pathTo(material, id), edgeOf(record, license)] };
  }
  return undefined;
}

function edgeOf(
  record: { readonly id: RecordId; readonly links: readonly Omit<Edge, "from" | "index">[] },
  index: number,
): Edge {
  const link = record.links[index];
  if (link === undefined) throw new RangeError(`Record ${record.id} has no link ${index}.`);
  return { from: record.id, rel: link.rel, to: link.to, digest: link.digest, index };
}

/** The links from the root to a record. */
function pathTo(material: TraceMaterial, id: RecordId): Edge[] {
  const path: Edge[] = [];
  for (
    let via = material.reached.get(id)?.via;
    via !== undefined;
    via = material.reached.get(via.from)?.via
  ) {
    path.unshift(via);
  }
  return path;
}
