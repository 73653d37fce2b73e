// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isActivityKind, isArtifactKind, type RecordId, relationsOfStrength } from "@rmtc/spec";
import { getRecord, getRecords } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";
import { depictedSubjects } from "./likeness.ts";
import type { LineageAnswer, LineageGap, LineageNode, LineageOptions } from "./lineage-answer.ts";
import { readClosure } from "./read-closure.ts";
import { readEdges } from "./read-edges.ts";
import { type Ledger, readLedger } from "./read-ledger.ts";
import { reliableRecord } from "./reliable-body.ts";
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

/**
 * Follows links back from a record to everything that was made from it, by strong and weak relations.
 *
 * @see spec/draft/provenance.md#downstream
 */
export async function impact(
  workspace: Workspace,
  root: RecordId,
  options: LineageOptions = {},
): Promise<Impact> {
  const { signal } = options;
  const asOf = options.asOf ?? (await workspace.records.head({ signal })).cursor;
  const { record } = await getRecord(workspace.records, root);
  const same = record.kind === "subject" ? (await sameSubjects(workspace, root, asOf, signal)).ids : [root];
  const said = await readLedger(workspace, same, asOf, signal);
  const roots = [...same, ...(await namedByNotices(workspace, same, said, asOf, signal))];
  if (!isArtifactKind(record.kind) && !isActivityKind(record.kind) && record.kind !== "subject") {
    const edges = readEdges(workspace, { ids: [root], direction: "downstream", asOf, signal });
    for await (const { rel, from } of edges) if (rel !== "about" && rel !== "supersedes") roots.push(from);
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
    ...answer(workspace, asOf, [...unreadableGaps(said), ...closure.gaps]),
  };
}

/** What notices about the start say, and cannot be read. */
function unreadableGaps({ unreadable }: Ledger): LineageGap[] {
  return [...unreadable].flatMap(([record, notices]) =>
    notices.map((notice): LineageGap => {
      const message = `The facts of notice ${notice} about this record are withheld.`;
      return { type: "redacted", record, message };
    }),
  );
}

/** Records that notices say depict one of the subjects, or are under the licence or consent. */
async function namedByNotices(
  workspace: Workspace,
  roots: readonly RecordId[],
  said: Ledger,
  asOf: string,
  signal: AbortSignal | undefined,
): Promise<RecordId[]> {
  const named = new Set<RecordId>();
  const granted: RecordId[] = [];
  for (const { fact, about, grantedBy } of [...said.facts.values()].flat()) {
    if (fact.type === "depicts") for (const id of about) named.add(id);
    if (fact.effect === "asserts" && grantedBy !== undefined && roots.includes(grantedBy)) {
      granted.push(...about);
    }
  }
  const stored = await getRecords(workspace.records, named, ["body"]);
  const ledger = await readLedger(workspace, stored.keys(), asOf, signal);
  const depicting = [...stored.values()].filter(({ record }) => {
    const facts = ledger.facts.get(record.id) ?? [];
    const depicted = depictedSubjects(reliableRecord(record, facts), facts);
    return depicted.some(({ subject }) => roots.includes(subject));
  });
  return [...depicting.map(({ record }) => record.id), ...granted];
}
