// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TestedStore } from "./conformance-case.ts";

/** A fresh store to run one case against, and what can be done with it from outside. */
export interface Subject<S extends TestedStore = TestedStore> {
  /** Open and empty. */
  readonly store: S;
  /**
   * Opens a further instance on the same data, whether or not others are open. Needed by stores that declare
   * `durable` or `concurrentWriters`.
   */
  readonly reopen?: (() => Promise<S>) | undefined;
  /** Flips a bit in the stored bytes of a record or blob; cases that need it are `unsupported` without. */
  readonly damage?: ((id: string) => Promise<void>) | undefined;
  /** Removes what the folder does not hold, such as a schema in a database. Every instance is closed by then. */
  readonly dispose?: (() => Promise<void>) | undefined;
}

/**
 * Makes a subject for one case.
 *
 * @param folder absolute path of an empty folder, which is removed after the case
 */
export type SubjectFactory<S extends TestedStore = TestedStore> = (folder: string) => Promise<Subject<S>>;
