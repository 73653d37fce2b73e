// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { RmtcRecord } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { mappingRecords } from "../scripts/mapping-records.ts";
import { signDsse, verifyDsse } from "../src/dsse.ts";
import { recordDigest } from "../src/index.ts";

const folder = new URL("../../../spec/mappings/", import.meta.url);

describe("the records of the mappings", () => {
  it("are what their script makes", async () => {
    expect(JSON.parse(mappingRecords())).toEqual(
      JSON.parse(await readFile(new URL("records.json", folder), "utf8")),
    );
  });

  it("are linked by their digests", () => {
    const { records } = JSON.parse(mappingRecords()) as { records: Record<string, RmtcRecord> };
    const digests = new Map(Object.values(records).map((record) => [record.id, recordDigest(record)]));
    const links = Object.values(records).flatMap((record) => record.links);
    expect(links.length).toBeGreaterThan(30);
    for (const { to, digest } of links) expect(digest).toBe(digests.get(to));
  });
});

it("the SLSA statement of the mapping is signed in an envelope and verified, and fails once it is changed", async () => {
  const type = "application/vnd.in-toto+json";
  const statement = await readFile(new URL("examples/slsa.json", folder));
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signature = signDsse(type, statement, privateKey);
  expect(verifyDsse(type, statement, signature, publicKey)).toBe(true);
  const changed = Buffer.from(statement.toString().replace('"steps": 400', '"steps": 500'));
  expect(changed.equals(statement)).toBe(false);
  expect(verifyDsse(type, changed, signature, publicKey)).toBe(false);
});
