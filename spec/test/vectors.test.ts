// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { errorTable, kindFamilies, type SchemaName, validateDocument } from "../src/index.ts";
import { jsonFiles, readJson } from "./read-json.ts";

interface VectorFile {
  readonly description: string;
  readonly schema: string;
  readonly tests: readonly SchemaTest[];
}

interface SchemaTest {
  readonly description: string;
  readonly data: unknown;
  readonly valid: boolean;
  readonly code?: string;
  readonly pointer?: string;
}

/** Refusals of a document or request, which are about a place in it. */
const codesWithPlace = [
  "RMTC_DOCUMENT_INVALID",
  "RMTC_JSON_INVALID",
  "RMTC_OPTION_INVALID",
  "RMTC_QUERY_INVALID",
];

interface Outcome {
  readonly description: string;
  readonly code?: string;
  readonly pointer?: string;
}

/** `dataset-item.schema.json` is the schema `datasetItem`. */
function schemaName(file: string): SchemaName {
  return file
    .replace(".schema.json", "")
    .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as SchemaName;
}

for (const folder of ["kinds", "documents"]) {
  for (const name of await jsonFiles(`draft/vectors/${folder}/`)) {
    const file = await readJson<VectorFile>(`draft/vectors/${folder}/${name}`);
    describe(`the vectors of ${folder}/${name}`, () => {
      it("name the schema they are about, and hold a valid document and at least three others", () => {
        expect(file.schema).toBe(name.replace(".json", ".schema.json"));
        expect(file.tests.some(({ valid }) => valid)).toBe(true);
        expect(file.tests.filter(({ valid }) => !valid).length).toBeGreaterThanOrEqual(3);
      });

      it.each(file.tests.map((test) => [test.description, test] as const))(
        "%s",
        (_, { data, valid, code, pointer }) => {
          const issue = validateDocument(schemaName(file.schema), data);
          expect({ valid: issue === undefined, pointer: issue?.pointer }).toEqual({ valid, pointer });
          expect(code).toBe(valid ? undefined : "RMTC_DOCUMENT_INVALID");
        },
      );
    });
  }
}

describe("the vectors", async () => {
  const codes = new Set(errorTable.map(({ code }) => code));
  const names = await jsonFiles("draft/vectors/");

  it("cover every kind of record", async () => {
    const kinds = Object.values(kindFamilies).flat();
    expect(await jsonFiles("draft/vectors/kinds/")).toEqual(kinds.map((kind) => `${kind}.json`).sort());
  });

  it.each(names)(
    "%s has a description for the file and a different one for each test, and says why it refuses",
    async (name) => {
      const file = await readJson<{ description: string; tests: readonly Outcome[] }>(
        `draft/vectors/${name}`,
      );
      expect(file.description).toMatch(/\.$/);
      expect(new Set(file.tests.map(({ description }) => description)).size).toBe(file.tests.length);
      for (const { description, code, pointer } of file.tests) {
        if (code === undefined) continue;
        expect(codes).toContain(code);
        if (codesWithPlace.includes(code)) expect(pointer, description).toBeDefined();
      }
    },
  );
});
