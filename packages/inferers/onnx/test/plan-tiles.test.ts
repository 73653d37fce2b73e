// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { NetworkGeometry } from "../src/geometry/network-geometry.ts";
import { planTiles } from "../src/plan-tiles.ts";

function geometryOf(geometry: Partial<NetworkGeometry>): NetworkGeometry {
  return { stride: 1, before: 0, after: 0, receptiveField: 1, seamMultiple: 1, rowAxes: {}, ...geometry };
}

test("tiles cover every row once, start at multiples of the stride and keep nothing near their edges", () => {
  const anyPlan = fc.record({
    strides: fc.constantFrom(1, 2, 3),
    seamMultiple: fc.constantFrom(1, 2, 4),
    before: fc.nat(30),
    after: fc.nat(30),
    spare: fc.nat(20),
    steps: fc.integer({ min: 1, max: 8 }),
    length: fc.integer({ min: 1, max: 300 }),
  });
  fc.assert(
    fc.property(anyPlan, ({ strides, seamMultiple, before, after, spare, steps, length }) => {
      // Every output's step divides the network's stride.
      const stride = strides * seamMultiple;
      const receptiveField = before + after + seamMultiple;
      const geometry = geometryOf({ stride, seamMultiple, before, after, receptiveField });
      const overlap = receptiveField + spare;
      const size = (Math.ceil(overlap / stride) + steps) * stride;
      const total = length * stride;
      const spans = planTiles(total, { size, overlap }, geometry);
      expect(spans[0]).toMatchObject({ origin: 0, keepFrom: 0 });
      expect(spans.at(-1)?.keepTo).toBe(total);
      const tile = Math.min(size, total);
      for (const [index, { origin, keepFrom, keepTo }] of spans.entries()) {
        expect(origin % stride).toBe(0);
        expect(origin + tile).toBeLessThanOrEqual(total);
        expect(keepTo).toBeGreaterThan(keepFrom);
        if (index === 0) continue;
        expect(keepFrom).toBe(spans[index - 1]?.keepTo);
        expect(keepFrom % seamMultiple).toBe(0);
        expect(keepFrom - before).toBeGreaterThanOrEqual(origin);
        expect(keepFrom + after).toBeLessThanOrEqual((spans[index - 1]?.origin ?? 0) + tile);
      }
    }),
  );
});

test("an image smaller than a tile is one tile", () => {
  expect(planTiles(100, { size: 128, overlap: 16 }, geometryOf({}))).toEqual([
    { origin: 0, keepFrom: 0, keepTo: 100 },
  ]);
});

test.each([
  ["size", { size: 30, overlap: 4 }],
  ["size", { size: 0, overlap: 0 }],
  ["overlap", { size: 32, overlap: 30 }],
  ["overlap", { size: 32, overlap: -1 }],
  ["overlap", { size: 32, overlap: 1.5 }],
])("a wrong %s is refused", (field, tiles) => {
  expect(() => planTiles(100, tiles, geometryOf({ stride: 4 }))).toThrow(
    expect.objectContaining({ code: "RMTC_OPTION_INVALID", pointer: `/tiles/${field}` }),
  );
});
