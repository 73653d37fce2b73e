// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { assertSame } from "../cases/support/assert-same.ts";
import type { ConformanceCase, TestedStore } from "../conformance-case.ts";
import { operationNamed, type TraitSubject } from "./operation.ts";

/** Every method with an aborted signal rejects with the signal's reason and leaves nothing behind. */
export function abortCases<S extends TestedStore>(subject: TraitSubject<S>): ConformanceCase<S>[] {
  return subject.operations.map((name) => ({
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
