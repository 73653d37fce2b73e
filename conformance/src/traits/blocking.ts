// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { ConformanceCase, TestedInstance } from "../conformance-case.ts";
import { longestTurn } from "./loop-delay.ts";
import { operationNamed, type TraitSubject } from "./operation.ts";

const allowedMilliseconds = 50;
const attempts = 5;

/**
 * No method blocks the event loop for more than 50 ms above what the idle loop shows on the same machine.
 *
 * Other processes can stop ours at any time, so a case fails only when every attempt was too long.
 */
export function blockingCases<S extends TestedInstance>(subject: TraitSubject<S>): ConformanceCase<S>[] {
  return subject.operations.map((name) => ({
    id: `${subject.prefix}.blocking.${name}`,
    level: "must",
    spec: subject.spec.blocking,
    when: subject.needs[name] ?? (() => true),
    title: `lets the event loop run on while ${name} works`,
    async run(context) {
      const operation = operationNamed(await subject.prepareHeavy(context), name);
      const excesses: number[] = [];
      while (excesses.length < context.size(attempts, 3)) {
        const idle = await longestTurn(subject.idle ?? (() => setTimeout(context.size(20, 2))));
        const busy = await longestTurn(() => operation.call(context.store, {}));
        if (busy - idle <= allowedMilliseconds) return;
        excesses.push(busy - idle);
      }
      const shown = excesses.map((excess) => excess.toFixed(0)).join(", ");
      assert.fail(`${name} blocked the event loop for ${shown} ms above idle in ${excesses.length} attempts`);
    },
  }));
}
