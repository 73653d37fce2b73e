// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { errorTable, validateDocument } from "../src/index.ts";
import { readJson } from "./read-json.ts";

interface Schema {
  readonly properties: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
}

describe("the wire protocol", async () => {
  const { methods } = await readJson<{
    readonly methods: readonly { readonly method: string; readonly params: readonly string[] }[];
  }>("registry/wire-methods.json");

  it("has a schema for the result of every method, and of `open` for every role", async () => {
    const { properties } = await readJson<Schema>("draft/schemas/wire-result.schema.json");
    const kinds = new Set(methods.map(({ method }) => method.split("/")[0] as string));
    const roles = [...kinds].filter((kind) => kind !== "inferable");
    const names = [...roles.map((role) => `open/${role}`), ...methods.map(({ method }) => method)];
    expect(Object.keys(properties).sort()).toEqual(names.sort());
  });

  it("lets errors have the codes of the table and no others", async () => {
    const { properties } = await readJson<Schema>("draft/schemas/error.schema.json");
    expect(properties.code?.enum).toEqual(errorTable.map(({ code }) => code));
  });

  it("has a recorded conversation of messages and results that its schemas allow", async () => {
    const { tests } = await readJson<{
      readonly tests: readonly { readonly message: { readonly id: number; readonly method?: string } }[];
    }>("draft/vectors/wire-transcript.json");
    const asked = new Map<number, string>();
    for (const { message } of tests) {
      expect(validateDocument("wireMessage", message)).toBeUndefined();
      if (message.method !== undefined) asked.set(message.id, message.method);
      const method = asked.get(message.id) ?? "";
      if ("result" in message && methods.some((one) => one.method === method)) {
        expect(validateDocument("wireResult", { [method]: message.result })).toBeUndefined();
      }
    }
  });
});
