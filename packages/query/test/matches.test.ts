// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter } from "@rmtc/contract";
import { describe, expect, it } from "vitest";
import { matches } from "../src/index.ts";
import { idOf, stored } from "./sample-record.ts";

const zoe = stored(1, {
  name: "Zoë plate",
  tags: ["roto", "sh010"],
  links: [{ rel: "depicts", to: idOf(7), digest: `sha256:${"a".repeat(64)}` }],
  body: { frameNumber: 1001, sequenceName: "sh010" },
});

describe("matches", () => {
  it.each<[boolean, Filter[]]>([
    [true, []],
    [true, [{ field: "kind", op: "eq", value: "asset" }]],
    [false, [{ field: "kind", op: "eq", value: "Asset" }]],
    [true, [{ field: "kind", op: "in", value: ["model", "asset"] }]],
    [true, [{ field: "tag", op: "eq", value: "sh010" }]],
    [true, [{ field: "tag", op: "prefix", value: "ro" }]],
    [false, [{ field: "tag", op: "eq", value: "SH010" }]],
    [true, [{ field: "name", op: "text", value: "zoe" }]],
    [false, [{ field: "name", op: "prefix", value: "zoe" }]],
    [true, [{ field: "name", op: "prefix", value: "Zoë" }]],
    [true, [{ field: "name", op: "exists", value: true }]],
    [false, [{ field: "name", op: "exists", value: false }]],
    [true, [{ field: "version", op: "exists", value: false }]],
    [false, [{ field: "version", op: "eq", value: "" }]],
    [true, [{ field: "link.depicts", op: "eq", value: idOf(7) }]],
    [true, [{ field: "asset.frameNumber", op: "gte", value: 1001 }]],
    [true, [{ field: "asset.frameNumber", op: "gt", value: 999 }]],
    [false, [{ field: "asset.frameNumber", op: "lt", value: 1001 }]],
    [true, [{ field: "asset.frameNumber", op: "lte", value: 1001 }]],
    [false, [{ field: "weights.step", op: "gte", value: 0 }]],
    [true, [{ field: "created", op: "gt", value: "2026-11-22T09:59:59.999Z" }]],
    [false, [{ field: "created", op: "lt", value: "2026-11-22T10:00:00.000Z" }]],
    [
      false,
      [
        { field: "kind", op: "eq", value: "asset" },
        { field: "tag", op: "eq", value: "none" },
      ],
    ],
  ])("says %s to %j", (expected, where) => {
    expect(matches(zoe, where)).toBe(expected);
  });
});
