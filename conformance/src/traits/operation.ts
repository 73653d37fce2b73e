// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions } from "@rmtc/contract";
import type { CaseContext, TestedStore } from "../conformance-case.ts";

/** One method of a role, in a form that traits can apply themselves to. */
export interface Operation<S extends TestedStore> {
  /** The method's name. */
  readonly name: string;
  /** Calls the method with a request that would succeed, and reads what it returns to the end. */
  call(store: S, options: CallOptions): Promise<unknown>;
}

/** What traits need to know of a role. */
export interface TraitSubject<S extends TestedStore> {
  /** The start of case ids, for example `record-store`. */
  readonly prefix: string;
  /** The file of the standard and its anchors. */
  readonly spec: {
    readonly closed: string;
    readonly closedTwice: string;
    readonly aborted: string;
    readonly blocking: string;
  };
  /** Which capability an operation needs, for those that not every store has. */
  readonly needs: Readonly<Record<string, (capabilities: S["capabilities"]) => boolean>>;
  /** Puts something into the store and returns the operations on it. */
  prepare(context: CaseContext<S>): Promise<readonly Operation<S>[]>;
  /** The names of the operations that {@link TraitSubject.prepare} returns. */
  readonly operations: readonly string[];
  /** Returns everything that the store shows, to be compared. */
  observe(store: S, context: CaseContext<S>): Promise<unknown>;
  /** Fills the store with much, and returns the operations on it that take longest. */
  prepareHeavy(context: CaseContext<S>): Promise<readonly Operation<S>[]>;
}

/** Returns the operation of a name. */
export function operationNamed<S extends TestedStore>(
  operations: readonly Operation<S>[],
  name: string,
): Operation<S> {
  const found = operations.find((operation) => operation.name === name);
  if (found === undefined) throw new Error(`The suite has no operation ${name}.`);
  return found;
}
