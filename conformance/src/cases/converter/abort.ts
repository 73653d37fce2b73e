// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { Converter, ConvertRequest } from "@rmtc/contract";
import type { CaseContext, ConverterCase } from "../../conformance-case.ts";
import { longestTurn } from "../../traits/loop-delay.ts";
import { outputFolder, requestsOf } from "./sample-sources.ts";

const allowedMilliseconds = 100;
const attempts = 4;
/** When calls are aborted, as parts of the time that a whole conversion takes. */
const moments = [0, 0.25, 0.5];

/** How a converter ends a call that is aborted while it works. */
export const abortCases: readonly ConverterCase[] = [
  {
    id: "converter.midway.convert",
    level: "must",
    spec: "converter.md#rmtc-cnv-015",
    title: "rejects convert within 100 ms of an abort while it works",
    async run(context) {
      const { store, size } = context;
      const numbers = Array.from({ length: size(4_000_000, 4_000) }, (_, index) => index % 97);
      const [request] = await requestsOf(context, numbers);
      assert.ok(request, "there is no source for any conversion; let the fixture bring one");
      const started = performance.now();
      await store.convert(request);
      const whole = performance.now() - started;
      for (const moment of moments) {
        const delays = [await delayOf(context, request, moment * whole)];
        while ((delays.at(-1) ?? 0) > allowedMilliseconds && delays.length < attempts) {
          delays.push(await delayOf(context, request, moment * whole));
        }
        const shown = delays.map((delay) => delay.toFixed(0)).join(", ");
        assert.ok((delays.at(-1) ?? 0) <= allowedMilliseconds, `it went on for ${shown} ms after an abort`);
      }
    },
  },
];

/** Aborts a conversion, and returns how long it took to end, above what the idle loop shows. */
async function delayOf(
  context: CaseContext<Converter>,
  request: ConvertRequest,
  milliseconds: number,
): Promise<number> {
  const own = { ...request, outputFolder: await outputFolder(context) };
  const idle = await longestTurn(() => setTimeout(2));
  const controller = new AbortController();
  const reason = new Error("the caller went away");
  const running = context.store.convert(own, { signal: controller.signal }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (milliseconds > 0) await setTimeout(milliseconds);
  const start = performance.now();
  controller.abort(reason);
  const outcome = await running;
  const delay = performance.now() - start - idle;
  // Whoever was done already has not been aborted.
  if (outcome !== undefined) {
    assert.equal(outcome, reason, `expected the signal's reason, not ${String(outcome)}`);
  }
  return delay;
}
