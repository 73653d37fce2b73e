// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { assertSame } from "../cases/support/assert-same.ts";
import type { ConformanceCase, TestedInstance } from "../conformance-case.ts";
import { longestTurn } from "./loop-delay.ts";
import { type Operation, operationNamed, type TraitSubject } from "./operation.ts";

const allowedMilliseconds = 100;
const attempts = 4;

/** Every method with an aborted signal rejects with the signal's reason and leaves nothing behind. */
export function abortCases<S extends TestedInstance>(subject: TraitSubject<S>): ConformanceCase<S>[] {
  const operations = subject.operations.filter((name) => subject.withoutSignal?.includes(name) !== true);
  return operations.map((name) => ({
    id: `${subject.prefix}.aborted.${name}`,
    level: "must",
    spec: subject.spec.aborted,
    when: subject.needs[name] ?? (() => true),
    title: `rejects ${name} with the reason of a signal that is aborted already, and leaves nothing`,
    async run(context) {
      const { store } = context;
      const operation = operationNamed(await subject.prepare(context), name);
      const before = await subject.observe(store, context);
      const reason = new Error("the caller went away");
      const outcome = await operation.call(store, { signal: AbortSignal.abort(reason) }).then(
        () => "it returned",
        (error: unknown) => error,
      );
      assert.equal(outcome, reason, `expected the signal's reason, not ${String(outcome)}`);
      assertSame(await subject.observe(store, context), before, "it left something behind");
    },
  }));
}

/**
 * A method that is at work rejects with the signal's reason within 100 ms above what the idle loop shows.
 *
 * Other processes can stop ours at any time, so a case fails only when every attempt was too late.
 */
export function midwayCases<S extends TestedInstance>(subject: TraitSubject<S>): ConformanceCase<S>[] {
  const { abortedMidway } = subject.spec;
  const prepareLong = subject.prepareLong?.bind(subject);
  if (abortedMidway === undefined || prepareLong === undefined) return [];
  return (subject.midway ?? []).map((name) => ({
    id: `${subject.prefix}.midway.${name}`,
    level: "must",
    spec: abortedMidway,
    when: subject.needs[name] ?? (() => true),
    title: `rejects ${name} within 100 ms of an abort while it works`,
    async run(context) {
      const delays: number[] = [];
      while (delays.length < attempts) {
        const operation: Operation<S> = operationNamed(await prepareLong(context), name);
        const controller = new AbortController();
        const reason = new Error("the caller went away");
        const running = operation.call(context.store, { signal: controller.signal }).then(
          () => "it returned",
          (error: unknown) => error,
        );
        await setTimeout(context.size(200, 30));
        const idle = await longestTurn(() => setTimeout(2));
        const start = performance.now();
        controller.abort(reason);
        const limit = setTimeout(allowedMilliseconds * 10, "it went on for a second", { ref: false });
        const outcome = await Promise.race([running, limit]);
        const delay = performance.now() - start;
        await subject.release?.(context);
        assert.equal(outcome, reason, `expected the signal's reason, not ${String(outcome)}`);
        if (delay - idle <= allowedMilliseconds) return;
        delays.push(delay);
      }
      assert.fail(
        `${name} went on for ${delays.map((delay) => delay.toFixed(0)).join(", ")} ms after an abort`,
      );
    },
  }));
}
