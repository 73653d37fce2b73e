// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { type Edge, RmtcError } from "@rmtc/contract";
import {
  isActivityKind,
  isArtifactKind,
  kindFamilies,
  type LikenessKind,
  type RecordId,
  type RmtcRecord,
  relationsOfStrength,
} from "@rmtc/spec";
import { getRecord } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";
import { depictedSubjects, likenessKinds } from "./likeness.ts";
import type { LineageAnswer, LineageGap, LineageOptions } from "./lineage-answer.ts";
import { otherEnd } from "./read-closure.ts";
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

/** What a question is about. */
interface Sought {
  readonly ids: ReadonlySet<RecordId>;
  readonly kind: string;
  readonly likeness: readonly LikenessKind[];
}

interface Hit {
  readonly path: readonly Edge[];
  readonly notice?: RecordId | undefined;
}

const never = relationsOfStrength("none");
const weak = relationsOfStrength("weak");
/** Kinds that are neither artifacts nor activities; one that is not known may be either. */
const neverExposed: ReadonlySet<string> = new Set(
  Object.values(kindFamilies)
    .flat()
    .filter((kind) => !isArtifactKind(kind) && !isActivityKind(kind)),
);
/** Kinds that no walk leads to, so that it could not show their absence. */
const notAsked: ReadonlySet<string> = new Set([
  "party",
  "environment",
  "solution",
  "recipe",
  "seal",
  "notice",
]);

/**
 * Tells whether an artifact or activity has seen a record: a subject, artifact, activity, licence or consent.
 *
 * Strong relations carry exposure, weak ones influence. Anything that is not known on the way makes the verdict
 * `unknown`, never `absent`.
 *
 * @throws RMTC_NOT_FOUND when the artifact or the record asked for is not held.
 * @throws RMTC_OPTION_INVALID when no kind of likeness is asked for, or a record of another kind; and when what is
 * asked about is neither artifact nor activity, such as a subject.
 * @see spec/draft/provenance.md#verdicts
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
  const { kind } = (await getRecord(workspace.records, artifact)).record;
  if (neverExposed.has(kind)) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `What a ${kind} has seen cannot be answered; ask of an artifact or an activity.`,
      { pointer: "/artifact", subject: artifact },
    );
  }
  const asked = (await getRecord(workspace.records, target)).record;
  if (notAsked.has(asked.kind)) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `Whether something has seen a ${asked.kind} cannot be answered; ask for a subject, artifact, activity, licence or consent.`,
      { pointer: "/target", subject: target },
    );
  }
  const same =
    asked.kind === "subject"
      ? await sameSubjects(workspace, target, asOf, options.signal)
      : { ids: [target], unreadable: [] };
  const sought: Sought = { ids: new Set(same.ids), kind: asked.kind, likeness: kinds };
  const roots = [artifact];
  const strong = await readUpstream(
    workspace,
    { roots, ignoreRelations: [...never, ...weak], kinds },
    bounded,
  );
  const strongHit = await findHit(strong, sought);
  const all = await readUpstream(workspace, { roots, ignoreRelations: never, kinds }, bounded);
  const weakHit = strongHit ?? (await findHit(all, sought));
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

/** Finds the nearest record of a trace that is sought, depicts whom is sought, or is under what is sought. */
async function findHit(material: TraceMaterial, sought: Sought): Promise<Hit | undefined> {
  let looked = 0;
  for (const id of material.reached.keys()) {
    const record = material.records.get(id);
    if (record === undefined) continue;
    looked += 1;
    if (looked % 1_024 === 0) await setImmediate();
    const facts = material.ledger.facts.get(id) ?? [];
    if (sought.ids.has(id) && sought.kind !== "subject") return { path: pathTo(material, id) };
    for (const { subject, kinds, source } of depictedSubjects(record, facts)) {
      if (!sought.ids.has(subject) || !sought.likeness.some((kind) => kinds.has(kind))) continue;
      if ("notice" in source) return { path: pathTo(material, id), notice: source.notice };
      return { path: [...pathTo(material, id), edgeOf(record, source.link)] };
    }
    const hits = (rel: string): boolean =>
      sought.kind === "subject"
        ? rel !== "depicts" && !material.ignoreRelations.includes(rel)
        : rel === "licensedUnder" || rel === "consentedBy";
    const link = record.links.findIndex(({ rel, to }) => sought.ids.has(to) && hits(rel));
    if (link !== -1) return { path: [...pathTo(material, id), edgeOf(record, link)] };
    for (const { fact, about, grantedBy, notice } of facts) {
      if (grantedBy === undefined || !sought.ids.has(grantedBy) || !about.includes(id)) continue;
      if (fact.effect === "asserts") return { path: pathTo(material, id), notice };
    }
  }
  return undefined;
}

function edgeOf({ id, links }: RmtcRecord, index: number): Edge {
  const link = links[index];
  if (link === undefined) throw new RangeError(`Record ${id} has no link ${index}.`);
  return { from: id, rel: link.rel, to: link.to, digest: link.digest, index };
}

/** The links from the root to a record. */
function pathTo(material: TraceMaterial, id: RecordId): Edge[] {
  const path: Edge[] = [];
  let at = id;
  for (let via = material.reached.get(at)?.via; via !== undefined; via = material.reached.get(at)?.via) {
    path.unshift(via);
    at = otherEnd(via, at);
  }
  return path;
}
