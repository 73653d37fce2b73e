// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RmtcRecord } from "@rmtc/spec";
import { checkRecord } from "../../src/index.ts";
import { sampleRecord } from "./sample-record.ts";
import { fixedId, fixedSalt, outcome, type VectorFile } from "./vector-file.ts";

function records(): readonly (readonly [string, unknown])[] {
  const full = sampleRecord();
  const { name: _, ...saltsButName } = full.salts ?? {};
  const bare = {
    specVersion: "0.1",
    id: fixedId(9),
    kind: "subject",
    createdAt: "2026-11-22T10:00:00.000Z",
    links: [],
  };
  return [
    ["hashes a record with every part", full],
    ["hashes a record without any part", bare],
    ["hashes a record with empty salts as one without", { ...bare, salts: {}, redacted: {} }],
    [
      "hashes an empty part, which is not a missing one",
      { ...bare, tags: [], salts: { tags: fixedSalt(1) } },
    ],
    ["keeps the order of links", { ...full, links: full.links.toReversed() }],
    [
      "keeps kinds, versions and relations that nobody knows",
      {
        ...bare,
        specVersion: "7.1",
        kind: "ACME_hologram",
        links: [{ rel: "ACME_dreamtOf", to: fixedId(1), digest: `sha256:${"0".repeat(64)}` }],
        body: { anything: [1, "two", { three: true }] },
        salts: { body: fixedSalt(2) },
      },
    ],
    [
      "hashes an integral double that is written with an exponent",
      { ...bare, body: { max: 3.5e38 }, salts: { body: fixedSalt(3) } },
    ],
    ["refuses a disclosed part without a salt", { ...full, salts: saltsButName }],
    ["refuses a salt without its part", { ...bare, salts: { name: fixedSalt(1) } }],
    [
      "refuses a part that is both disclosed and redacted",
      { ...full, redacted: { name: `sha256:${"0".repeat(64)}` } },
    ],
    [
      "refuses a salt of less than 128 bits",
      { ...full, salts: { ...full.salts, name: "AAAAAAAAAAAAAAAAAAAA" } },
    ],
    [
      "refuses a salt with stray bits in its last letter",
      { ...full, salts: { ...full.salts, name: "AAAAAAAAAAAAAAAAAAAAAB" } },
    ],
    [
      "refuses a top-level field that is not in the envelope",
      { ...full, digest: `sha256:${"0".repeat(64)}` },
    ],
    ["refuses a link with a fourth field", { ...full, links: [{ ...full.links[0], role: "lead" }] }],
    ["refuses an id that is not a UUID version 7 in lower case", { ...full, id: full.id.toUpperCase() }],
    ["refuses a time without milliseconds", { ...full, createdAt: "2026-11-22T10:00:00Z" }],
    ["refuses a missing list of links", { ...full, links: undefined }],
    ["refuses a number in a body that is not I-JSON", { ...full, body: { n: 9_007_199_254_740_992 } }],
    [
      "refuses a file path that leaves its folder",
      { ...full, files: [{ ...full.files?.[0], path: "../plate.exr" }] },
    ],
  ];
}

/** Records with the canonical envelope, part hashes and digest, or why they have none. */
export function recordVectors(): VectorFile {
  return {
    description:
      "Records with their part hashes, canonical envelope and digest; or the code and pointer of the refusal. The salts are fixed for the test only. RMTC-REC-001, RMTC-REC-002, RMTC-REC-005, RMTC-REC-008, RMTC-REC-010, RMTC-REC-011, RMTC-REC-020, RMTC-REC-022 to RMTC-REC-024, RMTC-REC-041, RMTC-REG-004.",
    tests: records().map(([description, record]) => ({
      description,
      record,
      ...outcome(() => {
        const { hashes, envelope, digest } = checkRecord(record as RmtcRecord);
        return { hashes, envelope, digest };
      }),
    })),
  };
}
