// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import {
  isActivityKind,
  isArtifactKind,
  kindFamilies,
  mediaTypes,
  queryFields,
  relationOf,
  relations,
  relationsOfStrength,
  specVersion,
  strengthOf,
} from "../src/index.ts";
import { jsonFiles, readJson, readText } from "./read-json.ts";

const kinds = Object.values(kindFamilies).flat();

describe("the registry of kinds", () => {
  it("is the list of kinds in the schemas, each in one family", async () => {
    const common = await readJson<{ $defs: { RecordKind: { enum: string[] } } }>(
      "draft/schemas/common.schema.json",
    );
    expect(kinds.toSorted()).toEqual(common.$defs.RecordKind.enum.toSorted());
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  it("tells artifacts from activities", () => {
    expect(kinds.filter(isArtifactKind)).toEqual(kindFamilies.artifact);
    expect(kinds.filter(isActivityKind)).toEqual(kindFamilies.activity);
    expect(isArtifactKind("ACME_thing")).toBe(false);
  });
});

describe("the relation table", () => {
  it("names known kinds only, and each relation once", () => {
    expect(new Set(relations.map(({ rel }) => rel)).size).toBe(relations.length);
    for (const { rel, sources, targets } of relations) {
      for (const kind of [...sources, ...targets]) {
        expect(kind === "*" || kinds.includes(kind), `${rel} names ${kind}`).toBe(true);
      }
    }
  });

  it("has the strong, weak and other relations of the design", () => {
    expect(relationsOfStrength("strong").toSorted()).toEqual(
      "generatedBy trainedOn initializedFrom resumedFrom distilledFrom mergedFrom convertedFrom quantizedFrom adapterOf synthesizedBy conditionedOn derivedFrom variantOf hasMember depicts used"
        .split(" ")
        .sort(),
    );
    expect(relationsOfStrength("weak").toSorted()).toEqual(["annotatedBy", "selectedBy", "validatedOn"]);
    expect(relationsOfStrength("none").toSorted()).toEqual(
      "testedOn instanceOf licensedUnder consentedBy attributedTo createdFor environment supersedes deliveredTo about lists"
        .split(" ")
        .sort(),
    );
  });

  it("counts a relation that nobody knows as strong", () => {
    expect(relationOf("ACME_dreamtOf")).toBeUndefined();
    expect(strengthOf("ACME_dreamtOf")).toBe("strong");
    expect(strengthOf("testedOn")).toBe("none");
  });
});

describe("the registry of query fields", () => {
  const operatorsOfType = {
    keyword: ["eq", "in", "prefix", "exists"],
    text: ["eq", "in", "prefix", "text", "exists"],
    integer: ["eq", "in", "exists", "lt", "lte", "gt", "gte"],
    time: ["eq", "in", "exists", "lt", "lte", "gt", "gte"],
    reference: ["eq", "in", "exists"],
  } as const;

  it("has each field once, with operators that its type can answer", () => {
    expect(new Set(queryFields.map(({ field }) => field)).size).toBe(queryFields.length);
    for (const { field, type, operators } of queryFields) {
      for (const operator of operators) {
        expect(operatorsOfType[type] as readonly string[], `${field} has ${operator}`).toContain(operator);
      }
    }
  });

  it("orders only by fields that have one value", () => {
    for (const { field, path, orderable } of queryFields) {
      if (orderable) expect(path, field).not.toMatch(/\*|^\/links/);
    }
  });

  it("has a field for every relation, and body fields of known kinds only", () => {
    for (const { rel } of relations) {
      expect(queryFields.find(({ field }) => field === `link.${rel}`)?.path).toBe(`/links/${rel}`);
    }
    for (const { field, path, kinds: ofKinds } of queryFields) {
      expect(path.startsWith("/body/"), field).toBe(ofKinds !== undefined);
      for (const kind of ofKinds ?? []) expect(kinds).toContain(kind);
    }
  });

  it("names body fields that the schema of their kind has, with its type", async () => {
    for (const { field, path, type, kinds: ofKinds = [] } of queryFields) {
      for (const kind of ofKinds) {
        const schema = await schemaAt(kind, path.split("/").slice(2));
        expect(schema, `${field} of ${kind}`).toBeDefined();
        expect(schema?.type === "integer", field).toBe(type === "integer");
      }
    }
  });
});

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

async function schemaAt(kind: string, steps: readonly string[]): Promise<Schema | undefined> {
  let schema: Schema | undefined = await readJson<Schema>(`draft/schemas/${kind}.schema.json`);
  for (const step of steps) schema = schema?.properties?.[step];
  return schema;
}

describe("the other registries", () => {
  it("have each media type and suffix once", () => {
    const types = mediaTypes.map(({ mediaType }) => mediaType);
    expect(new Set(types).size).toBe(types.length);
    for (const { suffix } of mediaTypes) expect(suffix).toMatch(/^(\.[a-z0-9]+)?$/);
  });

  it("have each axis label once, as the layout schema spells them", async () => {
    const { axes } = await readJson<{ axes: { axis: string }[] }>("registry/axes.json");
    const labels = axes.map(({ axis }) => axis);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(/^[a-z][a-z0-9]{0,15}$/);
  });

  it("have each vendor prefix once, in the form that names have", async () => {
    const { prefixes } = await readJson<{ prefixes: { prefix: string }[] }>("registry/vendor-prefixes.json");
    const names = prefixes.map(({ prefix }) => prefix);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Z0-9]{1,31}$/);
  });

  it("have exactly the capabilities that the contracts have", async () => {
    const { capabilities } = await readJson<{
      capabilities: readonly { readonly instance: string; readonly capability: string }[];
    }>("registry/capabilities.json");
    const registered = capabilities.map(({ instance, capability }) => `${instance}.${capability}`);
    const declared: string[] = [];
    for (const file of [
      "record-store",
      "blob-store",
      "run-store",
      "trainer",
      "training-strategy",
      "scheduler",
      "inferer",
      "converter",
    ]) {
      const source = await readText(`../packages/contract/src/${file}.ts`);
      for (const [, name = "", fields = ""] of source.matchAll(
        /interface (\w+)Capabilities \{([\s\S]*?)\n\}/g,
      )) {
        const instance = name.charAt(0).toLowerCase() + name.slice(1);
        for (const [, field] of fields.matchAll(/^ {2}readonly (\w+)\??: /gm))
          declared.push(`${instance}.${field}`);
      }
    }
    expect(registered.toSorted()).toEqual([...new Set(declared)].sort());
  });

  it("are of this version of the standard", async () => {
    for (const name of await jsonFiles("registry/")) {
      expect((await readJson<{ specVersion: string }>(`registry/${name}`)).specVersion, name).toBe(
        specVersion,
      );
    }
    expect((await readJson<{ specVersion: string }>("draft/errors.json")).specVersion).toBe(specVersion);
  });
});
