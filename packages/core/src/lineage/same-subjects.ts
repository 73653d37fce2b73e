// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import type { Workspace } from "../workspace.ts";
import { readLedger } from "./read-ledger.ts";

/** A subject's whole `sameAs` set, and the notices whose facts could not be read. */
export interface SameSubjects {
  readonly ids: readonly RecordId[];
  readonly unreadable: readonly RecordId[];
}

/**
 * Returns every record that stands for the same person: joined by any notice that says so, unless a trusted
 * notice received later withdraws it.
 */
export async function sameSubjects(
  workspace: Workspace,
  subject: RecordId,
  asOf: ChangeCursor,
  signal?: AbortSignal,
): Promise<SameSubjects> {
  const ids = new Set<RecordId>([subject]);
  const unreadable = new Set<RecordId>();
  for (let frontier: RecordId[] = [subject]; frontier.length > 0; ) {
    const ledger = await readLedger(workspace, frontier, asOf, signal);
    const next = new Set<RecordId>();
    for (const id of frontier) {
      for (const notice of ledger.unreadable.get(id) ?? []) unreadable.add(notice);
      const joined = new Set<RecordId>();
      for (const { fact, about, subjects, trusted } of ledger.facts.get(id) ?? []) {
        if (fact.type !== "sameAs") continue;
        const persons = [...about, ...subjects];
        if (!persons.includes(id)) continue;
        for (const person of persons) {
          if (fact.effect === "asserts") joined.add(person);
          else if (trusted) joined.delete(person);
        }
      }
      for (const person of joined) if (!ids.has(person)) next.add(person);
    }
    for (const person of next) ids.add(person);
    frontier = [...next];
  }
  return { ids: [...ids], unreadable: [...unreadable] };
}
