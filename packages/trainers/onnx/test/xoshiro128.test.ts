// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import { Xoshiro128 } from "../src/xoshiro128.ts";

it("gives the reference implementation's numbers", () => {
  const random = Xoshiro128.fromState([1, 2, 3, 4]);
  expect([random.nextUint32(), random.nextUint32(), random.nextUint32(), random.nextUint32()]).toEqual([
    11520, 0, 5927040, 70819200,
  ]);
});

it("goes on from a state", () => {
  const random = Xoshiro128.fromSeed(2 ** 53 - 1);
  random.nextUnit();
  const copy = Xoshiro128.fromState(random.state);
  expect([copy.nextUnit(), copy.nextUnit()]).toEqual([random.nextUnit(), random.nextUnit()]);
});

it("spreads its numbers evenly", () => {
  const random = Xoshiro128.fromSeed(1);
  const mean =
    Array.from({ length: 20_000 }, () => random.nextUnit()).reduce((sum, value) => sum + value, 0) / 20_000;
  expect(mean).toBeCloseTo(0.5, 2);
});
