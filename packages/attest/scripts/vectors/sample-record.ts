// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PartName, RmtcRecord } from "@rmtc/spec";
import { partNames, sha256 } from "../../src/index.ts";
import { fixedId, fixedSalt } from "./vector-file.ts";

/** A record with every part, and salts that are not random. */
export function sampleRecord(): RmtcRecord {
  const parts: Pick<RmtcRecord, PartName> = {
    name: "Zoë, plate \u{1f3ac}",
    version: "3.0.0",
    tags: ["plate", "sh010"],
    files: [{ path: "sh010.1001.exr", mediaType: "image/x-exr", sizeBytes: 5, digest: sha256("plate") }],
    body: {
      origin: "captured",
      sequenceName: "sh010",
      frameNumber: 1001,
      framesPerSecond: 23.976,
      depicts: [{ link: 1, kinds: ["face"], role: "likeness" }],
    },
    annotations: { slate: "10A take 3" },
    extensions: { FACILITY_shot: { rating: 4.5, seen: null } },
  };
  return {
    specVersion: "0.1",
    id: fixedId(1),
    kind: "asset",
    createdAt: "2026-11-22T10:00:00.000Z",
    links: [
      { rel: "attributedTo", to: fixedId(2), digest: sha256("a party") },
      { rel: "depicts", to: fixedId(3), digest: sha256("a subject") },
    ],
    ...parts,
    salts: Object.fromEntries(partNames.map((name, index) => [name, fixedSalt(index + 1)])),
  };
}
