// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PartName, RmtcRecord } from "@rmtc/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkRecord,
  findStoredDamage,
  isTombstone,
  makeRecord,
  mergeDisclosure,
  partNames,
  recordDigest,
  redact,
  restoreRecord,
  tombstone,
  verifyRecord,
} from "../src/index.ts";
import { refusalOf } from "./refusal.ts";
import { sampleRecord } from "./sample-record.ts";

const someParts = fc.subarray([...partNames]);
const disclosedParts = (record: RmtcRecord): PartName[] =>
  partNames.filter((name) => record[name] !== undefined);

describe("redact", () => {
  it("keeps the digest whatever is withheld, and leaves neither value nor salt", () => {
    const record = sampleRecord();
    const digest = recordDigest(record);
    fc.assert(
      fc.property(someParts, someParts, (first, second) => {
        const redacted = redact(redact(record, first), second);
        expect(recordDigest(redacted)).toBe(digest);
        for (const name of [...first, ...second]) {
          expect(redacted[name]).toBeUndefined();
          expect(redacted.salts?.[name]).toBeUndefined();
          expect(redacted.redacted?.[name]).toMatch(/^sha256:/);
        }
      }),
    );
  });

  it("passes over parts that the record does not have", () => {
    const { version: _, ...record } = sampleRecord();
    const { version: __, ...salts } = record.salts ?? {};
    const shorter: RmtcRecord = { ...record, salts };
    expect(redact(shorter, ["version"])).toEqual(shorter);
  });

  it("leaves a tombstone that verifies with its links", () => {
    const record = sampleRecord();
    const stone = tombstone(record);
    expect(isTombstone(stone)).toBe(true);
    expect(isTombstone(record)).toBe(false);
    expect(isTombstone(redact(record, ["name"]))).toBe(false);
    expect(isTombstone(makeRecord({ kind: "subject" }))).toBe(false);
    expect(stone.salts).toBeUndefined();
    expect(stone.links).toEqual(record.links);
    expect(verifyRecord(stone, recordDigest(record)).redacted).toEqual(partNames);
  });

  it("does not let another part, hash or salt stand for the one that was there", () => {
    const record = sampleRecord();
    const digest = recordDigest(record);
    const redacted = redact(record, ["body"]);
    const { body: _, ...withoutBody } = redacted.redacted ?? {};
    const forgeries: RmtcRecord[] = [
      { ...redacted, redacted: { ...redacted.redacted, body: `sha256:${"0".repeat(64)}` } },
      { ...redacted, redacted: withoutBody },
      { ...record, body: { origin: "handmade" } },
      { ...record, salts: { ...record.salts, body: record.salts?.name as string } },
    ];
    for (const forged of forgeries) expect(() => verifyRecord(forged, digest)).toThrow();
  });
});

describe("mergeDisclosure", () => {
  it("discloses what either copy discloses, except what was erased, in either order", () => {
    const record = sampleRecord();
    fc.assert(
      fc.property(someParts, someParts, someParts, (hiddenLeft, hiddenRight, erased) => {
        const left = redact(record, hiddenLeft);
        const right = redact(record, hiddenRight);
        const merged = mergeDisclosure(left, right, erased);
        const hidden = new Set([...hiddenLeft.filter((name) => hiddenRight.includes(name)), ...erased]);
        expect(disclosedParts(merged)).toEqual(partNames.filter((name) => !hidden.has(name)));
        expect(recordDigest(merged)).toBe(recordDigest(record));
        expect(mergeDisclosure(right, left, erased)).toEqual(merged);
      }),
    );
  });

  it("refuses copies with different digests", () => {
    expect(refusalOf(() => mergeDisclosure(sampleRecord(), sampleRecord())).code).toBe(
      "RMTC_RECORD_CONFLICT",
    );
  });
});

describe("restoreRecord", () => {
  it("gives back what was put, or what of it was asked for", () => {
    const record = sampleRecord();
    const { digest, envelope, disclosed } = checkRecord(record);
    expect(restoreRecord(envelope, disclosed)).toEqual(record);
    const named = restoreRecord(
      envelope,
      disclosed.filter(({ name }) => name === "name"),
    );
    expect(disclosedParts(named)).toEqual(["name"]);
    expect(recordDigest(named)).toBe(digest);
    expect(findStoredDamage(digest, envelope, disclosed)).toBeUndefined();
  });

  it("says that stored text which is no JSON is damage", () => {
    const { envelope, disclosed } = checkRecord(sampleRecord());
    const cut = disclosed.map((part) => ({ ...part, json: part.json.slice(1) }));
    expect(refusalOf(() => restoreRecord(envelope.slice(1), [])).code).toBe("RMTC_STORE_DAMAGED");
    expect(refusalOf(() => restoreRecord(envelope, cut)).code).toBe("RMTC_STORE_DAMAGED");
  });

  it("names what no longer gives the digest", () => {
    const { digest, envelope, disclosed } = checkRecord(sampleRecord());
    const damaged = disclosed.map((part) => (part.name === "name" ? { ...part, json: '"Zoe"' } : part));
    expect(findStoredDamage(digest, envelope.replace("asset", "model"), disclosed)).toContain("envelope");
    expect(findStoredDamage(digest, envelope, damaged)).toContain("name");
    const { envelope: other, digest: otherDigest } = checkRecord(makeRecord({ kind: "subject" }));
    expect(findStoredDamage(otherDigest, other, disclosed)).toContain("not in the envelope");
  });
});
