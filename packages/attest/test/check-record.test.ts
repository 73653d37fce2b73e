// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { isRmtcError } from "@rmtc/contract";
import type { PartName, RmtcRecord } from "@rmtc/spec";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRecord, makeRecord, partHash, partNames, recordDigest, verifyRecord } from "../src/index.ts";
import { iJsonValue } from "./i-json-value.ts";
import { refusalOf } from "./refusal.ts";
import { sampleRecord } from "./sample-record.ts";

const hashed = (value: unknown): string =>
  `sha256:${createHash("sha256")
    .update(canonicalize(value) as string)
    .digest("hex")}`;

/** The record digest as the design says it, by the reference library. */
function referenceDigest(record: RmtcRecord): string {
  const { specVersion, id, kind, createdAt, links, salts = {}, redacted = {} } = record;
  const parts: Partial<Record<PartName, string>> = { ...redacted };
  for (const name of partNames) {
    if (record[name] !== undefined) parts[name] = hashed([salts[name], name, record[name]]);
  }
  return hashed({ specVersion, id, kind, createdAt, links, parts });
}

describe("checkRecord", () => {
  it("computes the digest as the specification says it", () => {
    const record = sampleRecord();
    expect(recordDigest(record)).toBe(referenceDigest(record));
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
          iJsonValue,
        ),
        (body) => {
          const made = makeRecord({ kind: "process", body });
          expect(recordDigest(made)).toBe(referenceDigest(made));
        },
      ),
    );
  });

  it("returns the canonical bytes that a store keeps", () => {
    const record = sampleRecord();
    const checked = checkRecord(record);
    expect(hashed(JSON.parse(checked.envelope))).toBe(checked.digest);
    expect(canonicalize(JSON.parse(checked.envelope))).toBe(checked.envelope);
    expect(checked.disclosed.map(({ name }) => name)).toEqual(partNames);
    for (const { name, json, salt } of checked.disclosed) {
      expect(json).toBe(canonicalize(record[name]));
      expect(partHash(name, record[name], salt)).toBe(checked.hashes[name]);
    }
  });

  it("keeps kinds, versions and relations that nobody knows", () => {
    const record = { ...sampleRecord(), specVersion: "9.4", kind: "ACME_thing" };
    record.links = [{ ...(record.links[0] as RmtcRecord["links"][0]), rel: "ACME_hallucinatedBy" }];
    expect(recordDigest(record)).toBe(referenceDigest(record));
  });

  it("takes a record without any part", () => {
    const record = makeRecord({ kind: "subject" });
    expect(Object.keys(record)).not.toContain("salts");
    expect(recordDigest(record)).toBe(referenceDigest(record));
  });

  it("gives another digest when links change places", () => {
    const record = sampleRecord();
    expect(recordDigest({ ...record, links: record.links.toReversed() })).not.toBe(recordDigest(record));
  });

  const link = {
    rel: "used",
    to: "urn:uuid:01936e5a-0000-7000-8000-000000000002",
    digest: `sha256:${"a".repeat(64)}`,
  };
  const { name: _, ...salts } = sampleRecord().salts ?? {};
  it.each<[string, object, string]>([
    ["a field nobody knows", { "x/y": 1 }, "/x~1y"],
    ["an id that is no UUID version 7", { id: "urn:uuid:01936e5a-0000-4000-8000-000000000001" }, "/id"],
    ["a time without milliseconds", { createdAt: "2026-11-22T10:00:00Z" }, "/createdAt"],
    ["a fourth field in a link", { links: [{ ...link, role: "x" }] }, "/links/0/role"],
    ["a link without a digest", { links: [{ rel: "used", to: link.to }] }, "/links/0"],
    ["links that are no list", { links: {} }, "/links"],
    ["a disclosed part without a salt", { salts }, "/name"],
    ["a short salt", { salts: { ...salts, name: "AAAA" } }, "/salts/name"],
    ["a salt without its part", { name: undefined }, "/salts/name"],
    ["a part both disclosed and redacted", { redacted: { name: link.digest } }, "/redacted/name"],
    ["a redacted part nobody knows", { redacted: { links: link.digest } }, "/redacted/links"],
    ["a file path that leaves its folder", { files: [{ ...file(), path: "a/../../b" }] }, "/files/0/path"],
    ["an absolute file path", { files: [{ ...file(), path: "/etc/passwd" }] }, "/files/0/path"],
    [
      "a file path that hides `..` behind a line feed",
      { files: [{ ...file(), path: "a\n/../../b" }] },
      "/files/0/path",
    ],
    ["an extension without a vendor", { extensions: { note: 1 } }, "/extensions/note"],
  ])("refuses %s", (_title, change, pointer) => {
    const record = { ...sampleRecord(), ...change } as RmtcRecord;
    expect(refusalOf(() => checkRecord(record))).toEqual({ code: "RMTC_DOCUMENT_INVALID", pointer });
  });

  it("refuses a body that is not I-JSON", () => {
    const record = { ...sampleRecord(), body: { a: [Number.NaN] } };
    expect(refusalOf(() => checkRecord(record))).toEqual({ code: "RMTC_JSON_INVALID", pointer: "/body/a/0" });
  });

  it.each([null, 1, "record", [], new Date(0)])("refuses %j as a record", (value) => {
    expect(refusalOf(() => checkRecord(value as unknown as RmtcRecord)).code).toBe("RMTC_DOCUMENT_INVALID");
  });

  it("throws its own errors only, whatever stands in a record", () => {
    const fields = fc.constantFrom(
      "specVersion",
      "id",
      "links",
      "salts",
      "redacted",
      "tags",
      "files",
      "body",
      "extensions",
    );
    fc.assert(
      fc.property(
        fields,
        fc.anything({ withBigInt: true, withDate: true, withMap: true }),
        (field, value) => {
          try {
            checkRecord({ ...sampleRecord(), [field]: value });
          } catch (error) {
            expect(isRmtcError(error, "RMTC_DOCUMENT_INVALID", "RMTC_JSON_INVALID")).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("refuses any change under a digest that is known", () => {
    const record = sampleRecord();
    const digest = recordDigest(record);
    expect(verifyRecord(record, digest).digest).toBe(digest);
    for (const change of [
      { name: "another" },
      { kind: "model" },
      { links: [] },
      { createdAt: "2026-11-22T10:00:00.001Z" },
    ]) {
      expect(refusalOf(() => verifyRecord({ ...record, ...change }, digest)).code).toBe(
        "RMTC_DIGEST_MISMATCH",
      );
    }
  });
});

function file(): object {
  return { path: "x", mediaType: "image/png", sizeBytes: 1, digest: `sha256:${"c".repeat(64)}` };
}
