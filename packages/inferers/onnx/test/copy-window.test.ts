// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { expect, test } from "vitest";
import { cutWindow, pasteWindow, planesOf } from "../src/copy-window.ts";

test("a window beyond the last row and column repeats them", () => {
  const image = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const window = { row: 1, column: 1, rows: 2, columns: 4 };
  const target = new Uint8Array(8);
  cutWindow(image, planesOf([1, 2, 3], 1, 1), window, target);
  expect([...target]).toEqual([5, 6, 6, 6, 5, 6, 6, 6]);
});

test("windows that are cut out and put back make the same image, channels first or last", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      (outer, rows, columns, inner, size) => {
        const shape = [outer, rows, columns, inner];
        const planes = planesOf(shape, 1, 2);
        const image = Uint8Array.from({ length: outer * rows * columns * inner * 2 }, (_, at) => at);
        const copy = new Uint8Array(image.length);
        const tile = new Uint8Array(outer * size * size * inner * 2);
        const tilePlanes = planesOf([outer, size, size, inner], 1, 2);
        for (let row = 0; row < rows; row += size) {
          for (let column = 0; column < columns; column += size) {
            cutWindow(image, planes, { row, column, rows: size, columns: size }, tile);
            const from = {
              row: 0,
              column: 0,
              rows: Math.min(size, rows - row),
              columns: Math.min(size, columns - column),
            };
            pasteWindow(tile, tilePlanes, from, copy, planes, { row, column });
          }
        }
        expect(copy).toEqual(image);
      },
    ),
  );
});
