// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { validateDocument } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { makeRecord, newRecordId, newSalt, recordDigest } from "../src/index.ts";

describe("makeRecord", () => {
  it("makes a valid record with a salt for every part it was given", () => {
    const record = makeRecord({
      kind: "party",
      name: "Zoë",
      version: undefined,
      body: { partyType: "person" },
    });
    expect(validateDocument("record", record)).toBeUndefined();
    expect(Object.keys(record.salts ?? {})).toEqual(["body", "name"]);
    expect(record).not.toHaveProperty("version");
  });

  it("gives the same content another digest each time", () => {
    const content = { id: newRecordId(), kind: "party", createdAt: "2026-11-22T10:00:00.000Z", name: "Zoë" };
    expect(recordDigest(makeRecord(content))).not.toBe(recordDigest(makeRecord(content)));
  });
});

describe("newRecordId", () => {
  it("rises", () => {
    const ids = Array.from({ length: 1_000 }, newRecordId);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(1_000);
  });
});

describe("newSalt", () => {
  it("draws 128 bits, never the same twice", () => {
    const salts = Array.from({ length: 2_000 }, newSalt);
    expect(new Set(salts).size).toBe(2_000);
    for (const salt of salts) {
      expect(Buffer.from(salt, "base64url")).toHaveLength(16);
      expect(salt).toMatch(/^[A-Za-z0-9_-]{21}[AQgw]$/);
    }
  });
});
