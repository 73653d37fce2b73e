// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { copyFile, rename } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { type Inferable, isRmtcError, type TensorValue } from "@rmtc/contract";
import type { InfererCase } from "../../conformance-case.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { within } from "../support/within.ts";
import { first, has, image, numbersOf, opened, runOn, weightsOf } from "./sample-networks.ts";

/** Calls among others, and what becomes of them when something ends. */
export const callsCases: readonly InfererCase[] = [
  {
    id: "inferer.calls.wait",
    level: "must",
    spec: "inferer.md#rmtc-inf-043",
    title: "lets calls wait that are more than it runs at once",
    when: has("affine"),
    async run(context) {
      const network = await opened(context, "affine");
      const { concurrency } = network.capabilities;
      assert.ok(Number.isSafeInteger(concurrency) && concurrency >= 1, `its concurrency is ${concurrency}`);
      const x = first(network.inputs);
      const images = Array.from({ length: concurrency + 6 }, (_, at) =>
        image(x, 9, 9, (index) => index + at),
      );
      const answers = await Promise.all(images.map((value) => runOn(network, value)));
      for (const [at, answer] of answers.entries()) {
        assert.deepEqual(
          numbersOf(answer),
          numbersOf(images[at] as TensorValue).map((value) => 2 * value + 1),
        );
      }
    },
  },
  {
    id: "inferer.calls.abort-one",
    level: "must",
    spec: "inferer.md#rmtc-inf-042",
    title: "fails no other call when one is aborted",
    when: has("slow"),
    async run(context) {
      const network = await opened(context, "slow");
      const controller = new AbortController();
      const reason = new Error("enough");
      const slow = outcomeOf(runLong(network, controller.signal));
      const others = Array.from({ length: 3 }, () => outcomeOf(runShort(network)));
      await setTimeout(context.size(100, 10));
      controller.abort(reason);
      assert.equal(await within(context.size(60_000, 2_000), "The end of an aborted call", slow), reason);
      for (const other of others) assert.equal(await other, "done");
      assert.equal(await outcomeOf(runShort(network)), "done");
    },
  },
  {
    id: "inferer.calls.closed",
    level: "must",
    spec: "inferer.md#rmtc-inf-046",
    title: "rejects calls that run when the inferable is closed, and later ones",
    when: has("slow"),
    async run(context) {
      const network = await opened(context, "slow");
      const running = outcomeOf(runLong(network));
      await setTimeout(context.size(100, 10));
      await network[Symbol.asyncDispose]();
      const end = await within(context.size(60_000, 2_000), "The end of a closed call", running);
      assert.equal(end, "RMTC_STATE_INVALID");
      assert.equal(await outcomeOf(runShort(network)), "RMTC_STATE_INVALID");
      await network[Symbol.asyncDispose]();
    },
  },
  {
    id: "inferer.calls.close-one",
    level: "must",
    spec: "inferer.md#rmtc-inf-046",
    title: "closes one inferable and leaves others of the same weights open",
    when: has("affine"),
    async run(context) {
      const weights = await weightsOf(context, "affine");
      const [one, other] = [await context.store.open(weights), await context.store.open(weights)];
      await one[Symbol.asyncDispose]();
      const x = image(first(other.inputs), 3, 3);
      assert.equal(numbersOf(await runOn(other, x)).length, numbersOf(x).length);
    },
  },
  {
    id: "inferer.crash.call",
    level: "must",
    spec: "inferer.md#rmtc-inf-044",
    title: "rejects the call whose process died, and runs those that waited and the next",
    when: has("slow"),
    needsKill: true,
    async run(context) {
      const network = await opened(context, "slow");
      const running = outcomeOf(runLong(network));
      await setTimeout(context.size(200, 10));
      const waiting = outcomeOf(runShort(network));
      await context.kill();
      const end = await within(context.size(60_000, 2_000), "The end of a call that died", running);
      assert.equal(end, "RMTC_PROCESS_FAILED");
      assert.equal(await waiting, "done");
      assert.equal(await outcomeOf(runShort(network)), "done");
    },
  },
  {
    id: "inferer.crash.changed",
    level: "must",
    spec: "inferer.md#rmtc-inf-045",
    title: "runs no other weights than were opened in a process that is started later",
    when: has("affine", "blocks"),
    needsKill: true,
    async run(context) {
      const weights = await weightsOf(context, "affine");
      const network = await context.store.open(weights);
      const x = image(first(network.inputs), 4, 4);
      await runOn(network, x);
      await copyFile((await weightsOf(context, "blocks")).path, `${weights.path}.new`);
      await rename(`${weights.path}.new`, weights.path);
      await context.kill();
      // The host may need a moment to learn that the process is gone.
      await setTimeout(context.size(200, 10));
      await rejectsWith(() => runOn(network, x), "RMTC_STATE_INVALID");
    },
  },
];

function runLong(network: Inferable, signal?: AbortSignal): Promise<unknown> {
  const { name, layout } = first(network.inputs);
  return network.run({ inputs: { [name]: image({ name, layout }, 512, 512) } }, { signal });
}

function runShort(network: Inferable): Promise<unknown> {
  return runOn(network, image(first(network.inputs), 8, 8));
}

/** Returns `done`, an error code, or what else was thrown. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => "done",
    (error: unknown) => (isRmtcError(error) ? error.code : error),
  );
}
