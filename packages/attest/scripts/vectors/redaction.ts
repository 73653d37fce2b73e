// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, PartName, RmtcRecord } from "@rmtc/spec";
import { mergeDisclosure, partNames, recordDigest, redact, verifyRecord } from "../../src/index.ts";
import { sampleRecord } from "./sample-record.ts";
import { fixedSalt, outcome, type VectorFile, type VectorTest } from "./vector-file.ts";

/** What may be withheld, forged and joined again. */
export function redactionVectors(): VectorFile {
  const record = sampleRecord();
  return {
    description:
      "`redact` takes `parts` from `record`; `verify` checks `record` against `digest`; `merge` joins `a` and `b` without `erased`. The result, or the code of the refusal. RMTC-REC-030 to RMTC-REC-036.",
    tests: [...redactions(record), ...verifications(record), ...merges(record)],
  };
}

function redactions(record: RmtcRecord): VectorTest[] {
  const cases: readonly (readonly [string, readonly PartName[]])[] = [
    ["withholds one part", ["name"]],
    ["erases several parts", ["name", "files", "body"]],
    ["leaves a tombstone", partNames],
    ["withholds nothing", []],
  ];
  return cases.map(([description, parts]) => ({
    description,
    operation: "redact",
    record,
    parts,
    result: redact(record, parts),
    digest: recordDigest(record),
  }));
}

function verifications(record: RmtcRecord): VectorTest[] {
  const digest = recordDigest(record);
  const redacted = redact(record, ["body"]);
  const { body: _, ...others } = redact(record, ["body", "name"]).redacted ?? {};
  const cases: readonly (readonly [string, RmtcRecord])[] = [
    ["accepts a redacted record", redacted],
    ["refuses a forged hash", { ...redacted, redacted: { body: `sha256:${"0".repeat(64)}` } }],
    ["refuses a dropped hash", { ...redact(record, ["body", "name"]), redacted: others }],
    ["refuses two hashes that changed places", swapped(redact(record, ["name", "version"]))],
    ["refuses another value under the same salt", { ...record, name: "Zoe, plate" }],
    [
      "refuses another salt under the same value",
      { ...record, salts: { ...record.salts, name: fixedSalt(200) } },
    ],
    ["refuses a changed link", { ...redacted, links: record.links.slice(1) }],
  ];
  return cases.map(([description, candidate]) => ({
    description,
    operation: "verify",
    record: candidate,
    digest,
    ...outcome(() => ({ redacted: verifyRecord(candidate, digest).redacted })),
  }));
}

function swapped(record: RmtcRecord): RmtcRecord {
  const { name, version } = record.redacted ?? {};
  return { ...record, redacted: { name: version as Digest, version: name as Digest } };
}

function merges(record: RmtcRecord): VectorTest[] {
  const other: RmtcRecord = { ...record, salts: { ...record.salts, name: fixedSalt(200) } };
  const cases: readonly (readonly [string, RmtcRecord, RmtcRecord, readonly PartName[]])[] = [
    [
      "discloses what either copy discloses",
      redact(record, ["name", "body"]),
      redact(record, ["body", "tags"]),
      [],
    ],
    ["does not bring back what was erased", redact(record, ["name"]), record, ["name"]],
    ["keeps a tombstone a tombstone when all was erased", record, record, partNames],
    ["refuses copies with different digests", record, other, []],
  ];
  return cases.map(([description, a, b, erased]) => ({
    description,
    operation: "merge",
    a,
    b,
    erased,
    ...outcome(() => ({ result: mergeDisclosure(a, b, erased) })),
  }));
}
