// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import * as attest from "../src/index.ts";

it("exports these names and no others", () => {
  expect(Object.keys(attest).sort()).toMatchInlineSnapshot(`
    [
      "HistoryHasher",
      "SegmentBuilder",
      "canonicalJson",
      "checkRecord",
      "digestFile",
      "findStoredDamage",
      "isTombstone",
      "itemLeaf",
      "itemsRoot",
      "keyId",
      "makeRecord",
      "maxSegmentItems",
      "mergeDisclosure",
      "newRecordId",
      "newSalt",
      "noticePayloadType",
      "parseJson",
      "parseSegmentLine",
      "partHash",
      "partHashOfJson",
      "partNames",
      "proveItem",
      "readSegment",
      "recordDigest",
      "redact",
      "restoreRecord",
      "sealedTextDigest",
      "segmentRoot",
      "sha256",
      "signNotice",
      "tombstone",
      "verifyItemProof",
      "verifyNotice",
      "verifyRecord",
    ]
  `);
});
