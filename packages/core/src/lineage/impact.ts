// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Edge } from "@rmtc/contract";
import { isActivityKind, isArtifactKind, type RecordId, relationsOfStrength } from "@rmtc/spec";
import { getRecord, getRecords } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";
import { depictedSubjects } from "./likeness.ts";
import type { LineageAnswer, LineageNode, LineageOptions } from "./lineage-answer.ts";
import { readClosure } from "./read-closure.ts";
import { readLedger } from "./read-ledger.ts";
import { sameSubjects } from "./same-subjects.ts";
import { answer } from "./trace.ts";

/**
 * What was made from records, within the stores of `scope`: other stores, and whoever holds a delivery, may
 * hold more.
 */
export interface Impact extends LineageAnswer {
  /** Breadth first, from the roots on. */
  readonly nodes: readonly LineageNode[];
  /** Activities that have not ended: they may still make more. */
  readonly unsealed: readonly RecordId[];
  /** Deliveries and the parties that received them. */
  readonly holders: readonly { readonly delivery: RecordId; readonly parties: readonly RecordId[] }[];
}

const never = relationsOfStrength("none");

/** Follows links back from a record to everything that was made from it, by strong and weak relations. */
export async function impact(
  workspace: Workspace,
  root: RecordId,
  options: LineageOptions = {},
): Promise<Impact> {
  const { signal } = options;
  const asOf = options.asOf ?? (await workspace.records.head({ signal })).cursor;
  const { record } = await getRecord(workspace.records, root);
  const same = record.kind === "subject" ? (await sameSubjects(workspace, root, asOf, signal)).ids : [root];
  const roots = [...same, ...(await namedByNotices(workspace, same, asOf, signal))];
  if (!isArtifactKind(record.kind) && !isActivityKind(record.kind) && record.kind !== "subject") {
    roots.push(...(await holdersOf(workspace, root, asOf, signal)));
  }
  const closure = await readClosure(workspace, {
    roots: [...new Set(roots)],
    direction: "downstream",
    ignoreRelations: never,
    asOf,
    signal,
  });
  const stored = await getRecords(workspace.records, closure.records.keys(), ["name"]);
  const activities = [...closure.records.values()].filter((reached) => isActivityKind(reached.kind));
  const ledger = await readLedger(
    workspace,
    activities.map((activity) => activity.id),
    asOf,
    signal,
  );
  return {
    nodes: [...closure.records.values()].map((reached) => ({
      ...reached,
      name: stored.get(reached.id)?.record.name,
    })),
    unsealed: activities.filter((activity) => !ledger.seals.has(activity.id)).map((activity) => activity.id),
    holders: activities
      .filter((activity) => activity.kind === "delivery")
      .map((delivery) => ({
        delivery: delivery.id,
        parties: (stored.get(delivery.id)?.record.links ?? [])
          .filter((link) => link.rel === "deliveredTo")
          .map((link) => link.to),
      })),
    ...answer(workspace, asOf, closure.gaps),
  };
}

/** Records that notices say depict one of the subjects. */
async function namedByNotices(
  workspace: Workspace,
  subjects: readonly RecordId[],
  asOf: string,
  signal: AbortSignal | undefined,
): Promise<RecordId[]> {
  const ledger = await readLedger(workspace, subjects, asOf, signal);
  const named = new Set<RecordId>();
  for (const facts of ledger.facts.values()) {
    for (const { fact, about } of facts) if (fact.type === "depicts") for (const id of about) named.add(id);
  }
  const stored = await getRecords(workspace.records, named, ["body"]);
  const about = await readLedger(workspace, stored.keys(), asOf, signal);
  return [...stored.values()]
    .filter(({ record }) =>
      depictedSubjects(record, about.facts.get(record.id) ?? []).some(({ subject }) =>
        subjects.includes(subject),
      ),
    )
    .map(({ record }) => record.id);
}

/** Artifacts and activities that name a licence, party, environment or solution. */
async function holdersOf(
  workspace: Workspace,
  root: RecordId,
  asOf: string,
  signal: AbortSignal | undefined,
): Promise<RecordId[]> {
  const edges: Edge[] = [];
  let cursor: string | undefined;
  do {
    const page = await workspace.records.edges(
      { ids: [root], direction: "downstream", limit: 10_000, cursor, asOf },
      { signal },
    );
    edges.push(...page.edges);
    cursor = page.next;
  } while (cursor !== undefined);
  return edges.filter((edge) => edge.rel !== "about" && edge.rel !== "supersedes").map((edge) => edge.from);
}
