// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { assertSame } from "../cases/support/assert-same.ts";
import type { ConformanceCase, TestedInstance } from "../conformance-case.ts";
import { operationNamed, type TraitSubject } from "./operation.ts";

const calls = 3;

/** A method that is called several times at once answers each time as it does alone. */
export function concurrentCases<S extends TestedInstance>(subject: TraitSubject<S>): ConformanceCase<S>[] {
  const { concurrent: anchor } = subject.spec;
  if (anchor === undefined) return [];
  return (subject.concurrent ?? []).map((name) => ({
    id: `${subject.prefix}.concurrent.${name}`,
    level: "must",
    spec: anchor,
    when: subject.needs[name] ?? (() => true),
    title: `answers ${name} as it does alone while others call it`,
    async run(context) {
      const operation = operationNamed(await subject.prepare(context), name);
      const alone = await operation.call(context.store, {});
      const together = await Promise.all(
        Array.from({ length: calls }, () => operation.call(context.store, {})),
      );
      for (const answer of together) assertSame(answer, alone);
    },
  }));
}
