// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TestedInstance, TestedRole, TestedRoles } from "../../src/conformance-case.ts";

/** What of a role's instance can be replaced: its methods, and what it says it can do. */
export type Methods<S extends TestedInstance> = Omit<S, "name">;

/** A store that is right but for one behaviour, and the cases that catch it. */
export interface Double<S extends TestedInstance = TestedInstance> {
  readonly id: string;
  /** The case that pins the behaviour. */
  readonly breaks: string;
  /** Every other case that catches it too. */
  readonly alsoCaughtBy: readonly string[];
  /** `full` declares every capability, `plain` none; `full` unless given. */
  readonly base?: "full" | "plain";
  /**
   * Returns what behaves otherwise.
   *
   * @param good a store that is right, on the same data
   * @param instance 0 for the first instance on its data, 1 for the next, and so on
   */
  alter(good: S, instance: number): Partial<Methods<S>>;
}

/** Doubles of one role. */
export type RoleDoubles<R extends TestedRole> = readonly Double<TestedRoles[R]>[];
