// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { kindFamilies, type Relation, type RelationStrength, relations } from "./generated/registry.ts";

const byName: ReadonlyMap<string, Relation> = new Map(relations.map((relation) => [relation.rel, relation]));
const artifacts: ReadonlySet<string> = new Set(kindFamilies.artifact);
const activities: ReadonlySet<string> = new Set(kindFamilies.activity);

/** Looks up a relation, or returns `undefined` for one that this version does not know. */
export function relationOf(rel: string): Relation | undefined {
  return byName.get(rel);
}

/** Tells how much exposure a relation carries; an unknown relation counts as strong. */
export function strengthOf(rel: string): RelationStrength {
  return byName.get(rel)?.strength ?? "strong";
}

/** The relations of one strength, by name. */
export function relationsOfStrength(strength: RelationStrength): string[] {
  return relations.filter((relation) => relation.strength === strength).map((relation) => relation.rel);
}

/** Tells whether a kind is an artifact: something that an activity reads or makes. */
export function isArtifactKind(kind: string): boolean {
  return artifacts.has(kind);
}

/** Tells whether a kind is the opening record of an activity. */
export function isActivityKind(kind: string): boolean {
  return activities.has(kind);
}
