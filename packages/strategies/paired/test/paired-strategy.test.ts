// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import type { PlanItem } from "@rmtc/contract";
import { validateDocument } from "@rmtc/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type PairedOptionsInput, PairedStrategy, pairedOptions } from "../src/index.ts";

const losses = [{ name: "matte", loss: "bce", output: "alpha", target: "matte" }] as const;

function strategyOf(options: Partial<PairedOptionsInput> = {}): PairedStrategy {
  return new PairedStrategy(pairedOptions.parse({ losses, ...options }));
}

const items: readonly PlanItem[] = Array.from({ length: 5 }, (_, index) => ({
  key: `frame-${index}`,
  width: 640 + index,
  height: 360,
}));

const anyCase = fc.record({
  sizes: fc.array(
    fc.record({ width: fc.integer({ min: 16, max: 5000 }), height: fc.integer({ min: 16, max: 5000 }) }),
    {
      minLength: 1,
      maxLength: 40,
    },
  ),
  seed: fc.maxSafeNat(),
  fromStep: fc.integer({ min: 1, max: 2 ** 40 }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  stepCount: fc.integer({ min: 0, max: 12 }),
  cut: fc.nat(12),
});

test("pages of the plan, joined, are the plan asked for at once", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ sizes, seed, fromStep, batchSize, stepCount, cut }) => {
      const strategy = strategyOf({ crop: 16, batchSize, flipY: true, exposureStops: { min: -2, max: 1.5 } });
      const planned = sizes.map((size, index) => ({ key: String(index), ...size }));
      const page = (from: number, count: number) =>
        strategy.plan({ items: planned, seed, fromStep: from, stepCount: count });
      const first = Math.min(cut, stepCount);
      const whole = await page(fromStep, stepCount);
      const head = await page(fromStep, first);
      const tail = await page(fromStep + first, stepCount - first);
      expect([...head.steps, ...tail.steps]).toEqual(whole.steps);
      expect(tail.state).toEqual(whole.state);
    }),
  );
});

test("every crop lies inside its item, and every plan matches its schema", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ sizes, seed, fromStep, batchSize, stepCount }) => {
      const strategy = strategyOf({ crop: { width: 16, height: 9 }, batchSize });
      const planned = sizes.map((size, index) => ({ key: String(index), ...size }));
      const plan = await strategy.plan({ items: planned, seed, fromStep, stepCount });
      expect(validateDocument("trainingPlan", plan)).toBeUndefined();
      expect(plan.steps.map(({ step }) => step)).toEqual(
        Array.from({ length: stepCount }, (_, index) => fromStep + index),
      );
      for (const { item, crop } of plan.steps.flatMap(({ samples }) => samples)) {
        expect(crop).toMatchObject({ width: 16, height: 9 });
        expect(crop.x + crop.width).toBeLessThanOrEqual(planned[item]?.width ?? 0);
        expect(crop.y + crop.height).toBeLessThanOrEqual(planned[item]?.height ?? 0);
      }
    }),
  );
});

test("every epoch visits every item once, and the orders differ", async () => {
  const strategy = strategyOf({ batchSize: 3 });
  const many = Array.from({ length: 12 }, (_, index) => ({ key: String(index), width: 128, height: 128 }));
  const plan = await strategy.plan({ items: many, seed: 7, fromStep: 1, stepCount: 40 });
  const visited = plan.steps.flatMap(({ samples }) => samples.map(({ item }) => item));
  const epochs = Array.from({ length: 10 }, (_, epoch) => visited.slice(epoch * 12, epoch * 12 + 12));
  for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual(many.map((_, index) => index));
  expect(new Set(epochs.map(String)).size).toBe(10);
});

test("all orders of few items come about equally often", async () => {
  const strategy = strategyOf({ batchSize: 3 });
  const plan = await strategy.plan({ items: items.slice(0, 3), seed: 1, fromStep: 1, stepCount: 6000 });
  const counts = Map.groupBy(plan.steps, ({ samples }) => samples.map(({ item }) => item).join(""));
  expect([...counts.keys()].toSorted()).toEqual(["012", "021", "102", "120", "201", "210"]);
  for (const steps of counts.values()) expect(Math.abs(steps.length - 1000)).toBeLessThan(120);
});

test("half of the samples are mirrored, each way by itself", async () => {
  const strategy = strategyOf({ flipY: true, batchSize: 8 });
  const { steps } = await strategy.plan({ items, seed: 3, fromStep: 1, stepCount: 1000 });
  const samples = steps.flatMap((step) => step.samples);
  const share = (test: (sample: (typeof samples)[number]) => boolean) =>
    samples.filter(test).length / samples.length;
  expect(share(({ flipX }) => flipX)).toBeCloseTo(0.5, 1);
  expect(share(({ flipY }) => flipY)).toBeCloseTo(0.5, 1);
  expect(share(({ flipX, flipY }) => flipX && flipY)).toBeCloseTo(0.25, 1);
});

test("nothing is mirrored or brightened unless asked for", async () => {
  const strategy = strategyOf({ flipX: false });
  const { steps } = await strategy.plan({ items, seed: 3, fromStep: 1, stepCount: 50 });
  for (const { flipX, flipY, exposureStops } of steps.flatMap((step) => step.samples)) {
    expect({ flipX, flipY, exposureStops }).toEqual({ flipX: false, flipY: false, exposureStops: 0 });
  }
});

test("exposure is a multiple of 1/256 stop, in range, spread evenly and reaches both ends", async () => {
  const strategy = strategyOf({ exposureStops: { min: -0.501, max: 0.25 } });
  const { steps } = await strategy.plan({ items, seed: 5, fromStep: 1, stepCount: 1000 });
  const stops = steps.flatMap(({ samples }) => samples.map(({ exposureStops }) => exposureStops));
  for (const value of stops) expect(Number.isInteger(value * 256)).toBe(true);
  expect(Math.min(...stops)).toBe(-0.5);
  expect(Math.max(...stops)).toBe(0.25);
  expect(stops.reduce((sum, value) => sum + value, 0) / stops.length).toBeCloseTo(-0.125, 1);
});

test("the same seed gives the same plan, another seed another", async () => {
  const request = { items, seed: 11, fromStep: 1, stepCount: 20 };
  const plan = await strategyOf().plan(request);
  expect(await strategyOf().plan(request)).toEqual(plan);
  expect(await strategyOf().plan({ ...request, seed: 12 })).not.toEqual(plan);
  expect(await strategyOf().plan({ ...request, seed: 11 + 2 ** 32 })).not.toEqual(plan);
});

test("the plan is the one that the standard gives as an example", async () => {
  const text = await readFile(
    new URL("../../../../spec/draft/training-strategy.md", import.meta.url),
    "utf8",
  );
  const example: unknown = JSON.parse(/```json\n([^`]*)```/.exec(text)?.[1] ?? "");
  const strategy = strategyOf({
    crop: { width: 128, height: 96 },
    batchSize: 2,
    flipY: true,
    exposureStops: { min: -1, max: 1 },
  });
  expect(await strategy.plan({ items, seed: 2026, fromStep: 3, stepCount: 2 })).toEqual(example);
});

test("an item smaller than the crop is refused by name", async () => {
  const small = [...items, { key: "thumbnail", width: 640, height: 64 }];
  await expect(strategyOf().plan({ items: small, seed: 0, fromStep: 1, stepCount: 1 })).rejects.toMatchObject(
    {
      code: "RMTC_LAYOUT_MISMATCH",
      subject: "thumbnail",
    },
  );
});

test.each([
  ["items", { items: [] }],
  ["seed", { seed: -1 }],
  ["seed", { seed: 2 ** 53 }],
  ["fromStep", { fromStep: 0 }],
  ["fromStep", { fromStep: 1.5 }],
  ["stepCount", { stepCount: -1 }],
  ["stepCount", { stepCount: 2 ** 52 }],
])("a request with wrong %s is refused", async (field, change) => {
  const request = { items, seed: 0, fromStep: 1, stepCount: 1, ...change };
  await expect(strategyOf().plan(request)).rejects.toMatchObject({
    code: "RMTC_OPTION_INVALID",
    pointer: `/${field}`,
  });
});

test("a long plan can be aborted and leaves the event loop its turns", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const planned = strategyOf().plan(
    { items, seed: 0, fromStep: 1, stepCount: 1e9 },
    { signal: controller.signal },
  );
  setTimeout(() => controller.abort(reason), 5);
  await expect(planned).rejects.toBe(reason);
});

test.each([
  { losses: [] },
  { losses: [losses[0], losses[0]] },
  { losses, crop: 0 },
  { losses, batchSize: 1.5 },
  { losses, exposureStops: { min: 1, max: -1 } },
  { losses, exposureStops: { min: 0.001, max: 0.002 } },
  { losses, jitter: 3 },
])("options that make no sense are refused: %j", (options) => {
  expect(pairedOptions.safeParse(options).success).toBe(false);
});
