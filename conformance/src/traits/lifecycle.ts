// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rejectsWith } from "../cases/support/rejects-with.ts";
import type { ConformanceCase, TestedInstance } from "../conformance-case.ts";
import { operationNamed, type TraitSubject } from "./operation.ts";

/** Every method of a closed instance refuses; closing again is no error. */
export function lifecycleCases<S extends TestedInstance>(subject: TraitSubject<S>): ConformanceCase<S>[] {
  const refused = subject.operations.map(
    (name): ConformanceCase<S> => ({
      id: `${subject.prefix}.closed.${name}`,
      level: "must",
      spec: subject.spec.closed,
      when: subject.needs[name] ?? (() => true),
      title: `refuses ${name} after it was closed`,
      async run(context) {
        const operation = operationNamed(await subject.prepare(context), name);
        await context.store[Symbol.asyncDispose]();
        await rejectsWith(() => operation.call(context.store, {}), subject.closedCode ?? "RMTC_STORE_CLOSED");
      },
    }),
  );
  const twice: ConformanceCase<S> = {
    id: `${subject.prefix}.closed.twice`,
    level: "must",
    spec: subject.spec.closedTwice,
    title: "can be closed again, also at the same time",
    async run({ store }) {
      await Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
      await store[Symbol.asyncDispose]();
    },
  };
  return [...refused, twice];
}
