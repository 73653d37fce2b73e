// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleBatch, type BatchSample } from "../src/assemble-batch.ts";
import { validationTiles } from "../src/validation-tiles.ts";

/** An item of 4x3 pixels and two channels whose values say where they are: channel, row, column. */
const item = {
  key: "item",
  width: 4,
  height: 3,
  slots: new Map([["plate", { channels: 2, data: Float32Array.from({ length: 24 }, (_, at) => place(at)) }]]),
};

function place(at: number): number {
  return Math.floor(at / 12) * 100 + (Math.floor(at / 4) % 3) * 10 + (at % 4);
}

const sample = (change: Partial<BatchSample> = {}): BatchSample => ({
  item,
  crop: { x: 1, y: 1, width: 2, height: 2 },
  flipX: false,
  flipY: false,
  gain: 1,
  ...change,
});

describe("assembleBatch", () => {
  it.each([
    ["as it is", {}, [11, 12, 21, 22, 111, 112, 121, 122]],
    ["mirrored left to right", { flipX: true }, [12, 11, 22, 21, 112, 111, 122, 121]],
    ["mirrored top to bottom", { flipY: true }, [21, 22, 11, 12, 121, 122, 111, 112]],
    ["mirrored both ways", { flipX: true, flipY: true }, [22, 21, 12, 11, 122, 121, 112, 111]],
    ["brighter", { gain: 2 }, [22, 24, 42, 44, 222, 224, 242, 244]],
  ])("cuts a crop out %s", (_, change, expected) => {
    expect([...assembleBatch([sample(change)], "plate", 2)]).toEqual(expected);
  });

  it("puts samples one after another", () => {
    const batch = assembleBatch([sample(), sample({ flipX: true })], "plate", 2);
    expect([...batch.slice(0, 2), ...batch.slice(8, 10)]).toEqual([11, 12, 12, 11]);
  });
});

describe("validationTiles", () => {
  it("covers every pixel with tiles of one size, inside the item", () => {
    const sizes = fc.record({
      width: fc.integer({ min: 8, max: 900 }),
      height: fc.integer({ min: 8, max: 900 }),
    });
    fc.assert(
      fc.property(sizes, fc.constantFrom(1, 2, 4, 8), ({ width, height }, stride) => {
        const tiles = validationTiles({ key: "item", width, height }, stride);
        const covers = (x: number, y: number): boolean =>
          tiles.some(
            (tile) => x >= tile.x && y >= tile.y && x < tile.x + tile.width && y < tile.y + tile.height,
          );
        expect(new Set(tiles.map((tile) => `${tile.width}x${tile.height}`)).size).toBe(1);
        expect(tiles.every((tile) => tile.width % stride === 0 && tile.height % stride === 0)).toBe(true);
        expect(tiles.every((tile) => tile.x + tile.width <= width && tile.y + tile.height <= height)).toBe(
          true,
        );
        for (const x of [0, width >> 1, width - 1])
          for (const y of [0, height >> 1, height - 1]) expect(covers(x, y)).toBe(true);
      }),
    );
  });

  it("refuses an item that is smaller than the network's stride", () => {
    expect(() => validationTiles({ key: "item", width: 3, height: 30 }, 4)).toThrow(
      expect.objectContaining({ code: "RMTC_LAYOUT_MISMATCH", subject: "item" }),
    );
  });
});
