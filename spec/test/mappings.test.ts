// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { toRDF } from "jsonld";
import { describe, expect, it } from "vitest";
import { kindFamilies, relations, type SchemaName, validateDocument } from "../src/index.ts";
import { expectedOf, readExampleRecords, readMappings, valueAt } from "./mapping.ts";
import { readJson, readText } from "./read-json.ts";

const records = await readExampleRecords();
const mappings = await readMappings();
const parts = ["name", "version", "tags", "annotations", "extensions", "salts", "redacted"];
const common = [
  "id",
  "createdAt",
  ...parts,
  "files.path",
  "files.mediaType",
  "files.sizeBytes",
  "files.digest",
];

it("maps to the ten standards of the index", () => {
  expect([...mappings.keys()]).toEqual([
    "c2pa",
    "croissant",
    "mlflow",
    "omc",
    "openassetio-mediacreation",
    "openlineage",
    "opentimelineio",
    "prov-o",
    "rmtc-python",
    "slsa",
  ]);
});

describe("the records that all examples show", () => {
  it.each(Object.entries(records))("%s is valid, with its body and links", (_, record) => {
    expect(validateDocument("record", record)).toBeUndefined();
    expect(validateDocument(record.kind as SchemaName, record.body)).toBeUndefined();
    for (const { rel, to } of record.links) {
      const target = Object.values(records).find(({ id }) => id === to);
      const row = relations.find((relation) => relation.rel === rel);
      expect(
        row?.sources.some((kind) => kind === "*" || kind === record.kind),
        rel,
      ).toBe(true);
      expect(
        row?.targets.some((kind) => kind === "*" || kind === target?.kind),
        rel,
      ).toBe(true);
    }
  });
});

describe.each([...mappings])("the mapping %s", (name, mapping) => {
  it("says of every kind and relation, and of every field of a record, what it is there, or that it is nothing", () => {
    expect(Object.keys(mapping.kinds)).toEqual(Object.values(kindFamilies).flat());
    expect(Object.keys(mapping.relations)).toEqual(relations.map(({ rel }) => rel));
    expect(Object.keys(mapping.fields)).toEqual(expect.arrayContaining(common));
    expect(Object.keys(mapping.theirs).length).toBeGreaterThanOrEqual(5);
  });

  it("gives a reason wherever there is no counterpart", () => {
    const { kinds, relations: mapped, fields, theirs } = mapping;
    for (const [row, cell] of [kinds, mapped, fields, theirs].flatMap((table) => Object.entries(table))) {
      if (cell.startsWith("none")) expect(cell, row).toMatch(/^none: .{12}/);
    }
  });

  it("claims nothing that its example does not show", async () => {
    const example = await readJson<unknown>(`mappings/${mapping.example}`);
    for (const proof of mapping.proofs) {
      const [table = "", ...rest] = proof.row.split(".");
      const row = rest.join(".");
      const cell = (mapping[table as keyof typeof mapping] as Record<string, string> | undefined)?.[row];
      expect(cell, `${proof.row} is a mapped row`).toMatch(/^(?!none)/);
      const ours = valueAt(records, proof.ours);
      expect(ours, proof.ours).toBeDefined();
      if (table === "relations") expect(ours, proof.ours).toMatchObject({ rel: row });
      if (table === "kinds") expect(records[proof.ours.split("/")[0] ?? ""]?.kind, proof.ours).toBe(row);
      const found = valueAt(example, proof.theirs);
      const given = proof.as === "lastStep" ? String(found).split("/").at(-1) : found;
      expect(given, `${name}: ${proof.row} at ${proof.theirs}`).toEqual(expectedOf(records, proof));
    }
  });

  it("has a page that names version, address and what was run", async () => {
    const page = await readText(`mappings/${name}.md`);
    for (const text of [
      mapping.version,
      mapping.address,
      mapping.validator ?? "No official validator was run.",
    ]) {
      expect(page).toContain(text);
    }
  });
});

it("the example of PROV-O is triples of the ontology, one for each claim", async () => {
  const prov = "http://www.w3.org/ns/prov#";
  const terms =
    "Entity Activity Agent Collection hadMember used generated wasGeneratedBy wasAssociatedWith wasAttributedTo startedAtTime endedAtTime generatedAtTime";
  const document = await readJson<object>("mappings/examples/prov-o.jsonld");
  const triples = (await toRDF(document)) as {
    readonly subject: { readonly value: string };
    readonly predicate: { readonly value: string };
    readonly object: { readonly value: string };
  }[];
  const named = triples.flatMap(({ predicate, object }) => [predicate.value, object.value]);
  const used = new Set(
    named.filter((value) => value.startsWith(prov)).map((value) => value.slice(prov.length)),
  );
  expect([...used].sort()).toEqual(terms.split(" ").sort());
  const said = new Set(
    triples.map(({ subject, predicate, object }) =>
      [subject, predicate, object].map(({ value }) => value).join(" "),
    ),
  );
  const id = (handle: string): string => records[handle]?.id ?? "";
  for (const [subject, predicate, object] of [
    ["run", "used", "dataset"],
    ["run", "used", "model"],
    ["run", "wasAssociatedWith", "artist"],
    ["run", "generated", "weights"],
    ["weights", "wasGeneratedBy", "run"],
    ["weights", "wasAttributedTo", "artist"],
    ["inference", "used", "weights"],
    ["inference", "used", "plate"],
    ["matte", "wasGeneratedBy", "inference"],
    ["dataset", "hadMember", "plate"],
    ["delivery", "used", "matte"],
  ] as const) {
    expect(said, `${subject} ${predicate} ${object}`).toContain(
      `${id(subject)} ${prov}${predicate} ${id(object)}`,
    );
  }
});

it.each([
  ["omc", ["schemaVersion", "entityType", "identifier", "name", "provenance", "assetSC", "customData"]],
  [
    "rmtc-python",
    "_id _type_name name version uri licenses solution author model assets dataset description explicit grants result_weights metric".split(
      " ",
    ),
  ],
] as const)(
  "the example of %s, which no official validator reads, has known fields only",
  async (name, known) => {
    const entities = await readJson<readonly object[]>(`mappings/examples/${name}.json`);
    const fields = new Set(entities.flatMap((entity) => Object.keys(entity)));
    expect([...fields].filter((field) => !(known as readonly string[]).includes(field))).toEqual([]);
    expect(fields.size).toBeGreaterThan(5);
  },
);
