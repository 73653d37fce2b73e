// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { queryFields } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { fieldValues, type QueriedRecord, queryFieldOf } from "../src/index.ts";
import { idOf, stored } from "./sample-record.ts";

function valuesOf(name: string, record: QueriedRecord): readonly (string | number)[] {
  const field = queryFieldOf(name);
  if (field === undefined) throw new Error(`${name} is not registered`);
  return fieldValues(record, field);
}

describe("fieldValues", () => {
  const digest = `sha256:${"c".repeat(64)}`;
  const file = { mediaType: "image/x-exr", sizeBytes: 1, digest };
  const asset = stored(1, {
    name: "plate",
    tags: ["a", "b"],
    files: [
      { ...file, path: "1.exr" },
      { ...file, path: "2.exr" },
    ],
    links: [
      { rel: "depicts", to: idOf(7), digest },
      { rel: "used", to: idOf(8), digest },
      { rel: "depicts", to: idOf(9), digest },
      { rel: "depicts", to: idOf(7), digest },
    ],
    body: { sequenceName: "sh010", frameNumber: 1001 },
  });

  it.each<[string, unknown]>([
    ["id", [idOf(1)]],
    ["digest", [`sha256:${"1".padStart(64, "0")}`]],
    ["kind", ["asset"]],
    ["name", ["plate"]],
    ["version", []],
    ["tag", ["a", "b"]],
    ["created", ["2026-11-22T10:00:00.000Z"]],
    ["file.digest", [digest]],
    ["file.mediaType", ["image/x-exr"]],
    ["link.depicts", [idOf(7), idOf(9)]],
    ["link.hasMember", []],
    ["asset.sequenceName", ["sh010"]],
    ["asset.frameNumber", [1001]],
    ["weights.step", []],
  ])("reads %s", (name, values) => {
    expect(valuesOf(name, asset)).toEqual(values);
  });

  it("finds nothing in a body of another kind, a withheld part, or a value of another type", () => {
    expect(valuesOf("weights.step", stored(1, { kind: "checkpoint", body: { step: 3 } }))).toEqual([]);
    expect(valuesOf("checkpoint.step", stored(1, { kind: "checkpoint", body: { step: 3 } }))).toEqual([3]);
    expect(valuesOf("checkpoint.step", stored(1, { kind: "checkpoint", body: { step: "3" } }))).toEqual([]);
    expect(valuesOf("checkpoint.step", stored(1, { kind: "checkpoint", body: { step: 0.5 } }))).toEqual([]);
    expect(valuesOf("checkpoint.step", stored(1, { kind: "checkpoint" }))).toEqual([]);
    expect(
      valuesOf("model.architecture", stored(1, { kind: "model", body: { architecture: "unet" } })),
    ).toEqual([]);
    expect(valuesOf("asset.sequenceName", stored(1, { body: { sequenceName: ["sh010"] } }))).toEqual([]);
  });

  it("reads nothing that a record only inherits", () => {
    expect(valuesOf("asset.sequenceName", stored(1, { body: Object.create({ sequenceName: "x" }) }))).toEqual(
      [],
    );
  });

  it("can read every registered field of every kind", () => {
    for (const field of queryFields) expect(fieldValues(asset, field)).toBeInstanceOf(Array);
  });
});
