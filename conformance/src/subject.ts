// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TestedInstance } from "./conformance-case.ts";
import type { Fixture } from "./fixture.ts";

/** A fresh instance to run one case against, and what can be done with it from outside. */
export interface Subject<S extends TestedInstance = TestedInstance> {
  /** The instance, open and empty: a store, or whatever else the role opens. */
  readonly store: S;
  /**
   * Opens a further instance on the same data, whether or not others are open. Needed by stores that declare
   * `durable`, `concurrentWriters` or `detached`.
   */
  readonly reopen?: (() => Promise<S>) | undefined;
  /** Flips a bit in the stored bytes of a record or blob; cases that need it are `unsupported` without. */
  readonly damage?: ((id: string) => Promise<void>) | undefined;
  /**
   * Ends every process that works for the instance with SIGKILL, and no other; cases that need it are
   * `unsupported` without.
   */
  readonly kill?: (() => Promise<void>) | undefined;
  /** What the cases of this role are to use, where the suite's own choice does not do. */
  readonly fixture?: Fixture | undefined;
  /** Removes what the folder does not hold, such as a schema in a database. Every instance is closed by then. */
  readonly dispose?: (() => Promise<void>) | undefined;
}

/**
 * Makes a subject for one case.
 *
 * @param folder absolute path of an empty folder, which is removed after the case
 */
export type SubjectFactory<S extends TestedInstance = TestedInstance> = (
  folder: string,
) => Promise<Subject<S>>;
