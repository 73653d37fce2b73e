// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { beforeAll, describe, expect, test } from "vitest";
import type { ConformanceCase, TestedRole, TestedRoles } from "../../src/conformance-case.ts";
import { type CaseOutcome, runCase } from "../../src/run-case.ts";
import { suites } from "../../src/suites.ts";
import type { Double } from "./double.ts";
import { makeSubjects } from "./good-subjects.ts";

const bases = ["full", "plain"] as const;
const options = { scale: 0.01, timeoutSeconds: 20 };
/** How many cases run at once: those of schedulers wait for processes most of the time, others for disks and timers. */
const casesAtOnce: Readonly<Partial<Record<TestedRole, number>>> = { scheduler: 6, trainer: 4, inferer: 4 };

/**
 * Declares the tests of a role's doubles: the store they are made from passes every case, every case catches
 * some double, and each double is caught by exactly the cases that it names.
 *
 * A double can only matter to cases that call a method it replaces, so that only those are run.
 */
export function checkDoubles<R extends TestedRole>(
  role: R,
  doubles: readonly Double<TestedRoles[R]>[],
): void {
  type S = TestedRoles[R];
  const cases: readonly ConformanceCase<S>[] = suites[role];
  /** The methods that each case calls, by base and case id. */
  const called = new Map<string, Set<string>>();
  const outcomes = new Map<string, CaseOutcome>();

  beforeAll(async () => {
    for (const base of bases) {
      for (const one of cases) {
        const methods = new Set<string>();
        const factory = (folder: string) =>
          makeSubjects[role](
            folder,
            base,
            () => ({}),
            (method) => methods.add(method),
          );
        let outcome = await runCase<S>(one, factory, options);
        // Another process may have taken the time that the case measured.
        if (outcome.status === "fail" && isTimed(one.id)) outcome = await runCase<S>(one, factory, options);
        outcomes.set(`${base} ${one.id}`, outcome);
        if (outcome.status !== "unsupported") called.set(`${base} ${one.id}`, methods);
      }
    }
  });

  describe(`${role} doubles`, () => {
    test("are made from a store that passes every case", () => {
      const wrong = [...outcomes].filter(([, { status }]) => status !== "pass" && status !== "unsupported");
      expect(wrong).toEqual([]);
      const never = cases.filter(({ id }) => bases.every((base) => !called.has(`${base} ${id}`)));
      expect(never.map(({ id }) => id)).toEqual([]);
    });

    test("have ids of their own, and name cases that there are", () => {
      expect(new Set(doubles.map(({ id }) => id)).size).toBe(doubles.length);
      const ids = new Set(cases.map(({ id }) => id));
      expect(doubles.flatMap(caughtBy).filter((id) => !ids.has(id))).toEqual([]);
    });

    test("leave no case that catches none of them", () => {
      const covered = new Set(doubles.flatMap(caughtBy));
      expect(cases.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
    });

    for (const double of doubles) {
      const { id, base = "full" } = double;
      test(`${id} is caught by the cases it names and by no other`, async () => {
        const caught: string[] = [];
        const replaced = new Set<string>();
        const factory = (folder: string) =>
          makeSubjects[role](folder, base, (good, instance) => {
            const methods = double.alter(good, instance);
            for (const method of Reflect.ownKeys(methods)) replaced.add(String(method));
            return methods;
          });
        // The double is asked once for what it replaces.
        const probe = await factory("");
        await probe.store[Symbol.asyncDispose]();
        const matter = cases.filter((one) => {
          if (isCostly(one.id) && !caughtBy(double).includes(one.id)) return false;
          const methods = called.get(`${base} ${one.id}`);
          return methods !== undefined && [...replaced].some((method) => methods.has(method));
        });
        const runAll = async (queue: Iterable<ConformanceCase<S>>): Promise<void> => {
          for (const one of queue) {
            const { status, message } = await runCase<S>(one, factory, options);
            expect(status, `${one.id}: ${message}`).not.toBe("error");
            if (status === "fail") caught.push(one.id);
          }
        };
        const together = matter.filter((one) => !isTimed(one.id)).values();
        await Promise.all(Array.from({ length: casesAtOnce[role] ?? 1 }, () => runAll(together)));
        // A case that measures time would measure the others, too.
        await runAll(matter.filter((one) => isTimed(one.id)));
        expect(caught.sort()).toEqual(caughtBy(double).sort());
      });
    }
  });
}

function isTimed(id: string): boolean {
  return id.includes(".blocking.") || id.includes(".midway.") || id.endsWith("-midway");
}

/** Cases that take most of the time are run only for the doubles that name them. */
function isCostly(id: string): boolean {
  return (
    id.includes(".blocking.") ||
    id.includes(".midway.") ||
    id === "record-store.count.more" ||
    id === "record-store.find.random"
  );
}

function caughtBy({ breaks, alsoCaughtBy }: Pick<Double, "breaks" | "alsoCaughtBy">): string[] {
  return [breaks, ...alsoCaughtBy];
}
