// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions, RmtcErrorCode } from "@rmtc/contract";
import type { CaseContext, ConformanceCase, TestedInstance } from "../conformance-case.ts";

/** One method of a role, in a form that traits can apply themselves to. */
export interface Operation<S extends TestedInstance> {
  /** The method's name. */
  readonly name: string;
  /**
   * Calls the method with a request that would succeed, reads what it returns to the end, and returns that without
   * times and paths.
   */
  call(store: S, options: CallOptions): Promise<unknown>;
}

/** What traits need to know of a role. */
export interface TraitSubject<S extends TestedInstance> {
  /** The start of case ids, for example `record-store`. */
  readonly prefix: string;
  /** The file of the standard and its anchors. */
  readonly spec: {
    readonly closed: string;
    readonly closedTwice: string;
    readonly aborted: string;
    /** For roles whose calls can take long by themselves. */
    readonly abortedMidway?: string;
    readonly blocking: string;
    /** For roles whose answers depend on the request alone. */
    readonly concurrent?: string;
  };
  /** What a closed instance refuses with; `RMTC_STORE_CLOSED` unless given. */
  readonly closedCode?: RmtcErrorCode;
  /** Operations that take no signal. */
  readonly withoutSignal?: readonly string[];
  /** Operations that are aborted while they work. */
  readonly midway?: readonly string[];
  /** Operations that are called at the same time and must answer as they do alone. */
  readonly concurrent?: readonly string[];
  /** Which capability an operation needs, for those that not every store has. */
  readonly needs: Readonly<Record<string, NonNullable<ConformanceCase<S>["when"]>>>;
  /** Puts something into the store and returns the operations on it. */
  prepare(context: CaseContext<S>): Promise<readonly Operation<S>[]>;
  /** The names of the operations that {@link TraitSubject.prepare} returns. */
  readonly operations: readonly string[];
  /** Returns everything that the store shows, to be compared. */
  observe(store: S, context: CaseContext<S>): Promise<unknown>;
  /** Fills the store with much, and returns the operations on it that take longest. */
  prepareHeavy(context: CaseContext<S>): Promise<readonly Operation<S>[]>;
  /**
   * What any implementation does at least that holds up the event loop, such as starting a process, which waits
   * until the system has run it for the first time. Blocking is measured above it; above idle time unless given.
   */
  readonly idle?: () => Promise<void>;
  /** Returns the operations of `midway`, with requests that keep them busy for a second at least. */
  prepareLong?(context: CaseContext<S>): Promise<readonly Operation<S>[]>;
  /** Ends what `prepareLong` has started and an abort leaves alone. */
  release?(context: CaseContext<S>): Promise<void>;
}

/** Returns the operation of a name. */
export function operationNamed<S extends TestedInstance>(
  operations: readonly Operation<S>[],
  name: string,
): Operation<S> {
  const found = operations.find((operation) => operation.name === name);
  if (found === undefined) throw new Error(`The suite has no operation ${name}.`);
  return found;
}
