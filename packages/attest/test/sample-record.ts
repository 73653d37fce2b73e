// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RmtcRecord } from "@rmtc/spec";
import { makeRecord } from "../src/index.ts";

const otherId = "urn:uuid:01936e5a-0000-7000-8000-000000000002";

/** A record that has every part. */
export function sampleRecord(): RmtcRecord {
  return makeRecord({
    id: "urn:uuid:01936e5a-0000-7000-8000-000000000001",
    kind: "asset",
    createdAt: "2026-11-22T10:00:00.000Z",
    links: [
      { rel: "generatedBy", to: otherId, digest: `sha256:${"a".repeat(64)}` },
      { rel: "depicts", to: otherId, digest: `sha256:${"b".repeat(64)}` },
    ],
    name: "Zoë \u{1f3ac}",
    version: "3.0.0",
    tags: ["plate", "sh010"],
    files: [
      {
        path: "plate.1001.exr",
        mediaType: "image/x-exr",
        sizeBytes: 81_234,
        digest: `sha256:${"c".repeat(64)}`,
      },
    ],
    body: { origin: "captured", depicts: [{ link: 1, kinds: ["face"] }], framesPerSecond: 23.976 },
    annotations: { shot: "sh010" },
    extensions: { FACILITY_x: { note: null } },
  });
}
