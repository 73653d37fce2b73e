// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { RelationName } from "@rmtc/spec";
import { idsOf, type PythonEntity, sourceOf } from "./python-entity.ts";

/** A link to be made, to the record of another entity. */
export interface Edge {
  readonly rel: RelationName;
  readonly to: string;
}

/** The classes of the Python RMTC that become artifacts. */
export const artifactClasses: readonly string[] = [
  "Model",
  "Weights",
  "Checkpoint",
  "Dataset",
  "Aggregation",
  "Collection",
  "Asset",
  "Resource",
];

/** What an activity made and what it read, by class. */
const activities: Readonly<
  Record<string, { readonly made: readonly string[]; readonly read: readonly string[] }>
> = {
  Run: { made: ["result_weights", "result_checkpoints"], read: ["dataset", "checkpoint"] },
  Inference: { made: ["outputs"], read: ["weights", "model", "inputs"] },
};

/** An activity joins each result with each input, so that a small file could ask for any number of links. */
const maxEdges = 1_000_000;

/**
 * Says what derives from what, by the entity that gets the link. An activity becomes links between what it
 * joins.
 *
 * @throws RMTC_LIMIT_EXCEEDED when the entities ask for more than a million links.
 */
export function edgesOf(
  entities: readonly PythonEntity[],
  byId: ReadonlyMap<string, PythonEntity>,
  lose: (source: string, why: string) => void,
): ReadonlyMap<string, readonly Edge[]> {
  const edges = new Map<string, Map<string, Edge>>();
  let asked = 0;
  const isArtifact = (id: string): boolean => artifactClasses.includes(byId.get(id)?.className ?? "");
  const add = (
    source: PythonEntity,
    from: string,
    rel: RelationName,
    targets: readonly string[],
    classes: readonly string[],
  ): void => {
    const links = edges.get(from) ?? new Map<string, Edge>();
    edges.set(from, links);
    for (const to of targets) {
      asked += 1;
      if (asked > maxEdges) {
        throw new RmtcError("RMTC_LIMIT_EXCEEDED", `The entities ask for more than ${maxEdges} links.`, {
          subject: sourceOf(source),
        });
      }
      const target = byId.get(to);
      if (target === undefined) lose(sourceOf(source), `${rel} leads to ${to}, which is not here`);
      else if (!classes.includes(target.className))
        lose(sourceOf(source), `${rel} leads to a ${target.className}`);
      else links.set(`${rel} ${to}`, { rel, to });
    }
  };
  for (const entity of entities) {
    const { id, className } = entity;
    const activity = Object.hasOwn(activities, className) ? activities[className] : undefined;
    if (artifactClasses.includes(className)) {
      add(entity, id, "licensedUnder", idsOf(entity, "licenses"), ["License", "OSS"]);
      add(entity, id, "createdFor", idsOf(entity, "solution"), ["Solution"]);
      for (const field of ["ancestors", "dataset", "datasets", "assets"])
        add(entity, id, "derivedFrom", idsOf(entity, field), artifactClasses);
      if (className === "Weights" || className === "Checkpoint") {
        const models = idsOf(entity, "model");
        add(entity, id, "instanceOf", models.slice(0, 1), ["Model"]);
        if (models.length > 1) lose(sourceOf(entity), "has more than one model; the first is taken");
      }
      for (const variant of idsOf(entity, "variants")) {
        if (isArtifact(variant)) add(entity, variant, "variantOf", [id], artifactClasses);
        else lose(sourceOf(entity), `its variant ${variant} is not here`);
      }
    } else if (activity !== undefined) {
      const read = activity.read.flatMap((field) => idsOf(entity, field));
      for (const made of activity.made.flatMap((field) => idsOf(entity, field))) {
        if (isArtifact(made)) add(entity, made, "derivedFrom", read, artifactClasses);
        else lose(sourceOf(entity), `its result ${made} is not here`);
      }
    }
  }
  return new Map([...edges].map(([id, links]) => [id, [...links.values()]]));
}
