// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { BlobStore, RecordStore, RunStore } from "@rmtc/contract";

/** The roles that the suite has cases for, with the instance that each is run against. */
export interface TestedRoles {
  readonly recordStore: RecordStore;
  readonly blobStore: BlobStore;
  readonly runStore: RunStore;
}

/** The name of a role that the suite has cases for. */
export type TestedRole = keyof TestedRoles;

/** Any instance that cases can be run against. */
export type TestedStore = TestedRoles[TestedRole];

/** `must`: whoever fails it does not conform. `should`: there can be reasons to fail it. */
export type CaseLevel = "must" | "should";

/** What a case is given. */
export interface CaseContext<S extends TestedStore = TestedStore> {
  /** A fresh, empty store; the runner closes it. */
  readonly store: S;
  /** Absolute path of an empty folder for the case's own files. */
  readonly folder: string;
  /** Opens a further instance on the store's data; the runner closes it. */
  open(): Promise<S>;
  /** Closes the store and opens its data again. */
  reopen(): Promise<S>;
  /** Changes the stored bytes of a record or blob behind the store's back. */
  damage(id: string): Promise<void>;
  /** How much of `full` to use: all of it, or a part of it where the suite tests itself; at least `least`. */
  size(full: number, least?: number): number;
}

/** One behaviour that a role's contract demands, and how to see it. */
export interface ConformanceCase<S extends TestedStore = TestedStore> {
  /** `role.topic.behaviour`, never reused for another behaviour. */
  readonly id: string;
  readonly level: CaseLevel;
  /** File and anchor of the sentence in the standard, for example `record-store.md#rmtc-rst-010`. */
  readonly spec: string;
  /** The behaviour in the present tense. */
  readonly title: string;
  /** Whether the case is for stores with these capabilities; for all unless given. */
  readonly when?: (capabilities: S["capabilities"]) => boolean;
  /** Set when the case calls {@link CaseContext.damage}, which not every subject can do. */
  readonly needsDamage?: boolean;
  /** Ends when the store behaves so; throws an `AssertionError` of `node:assert` when it does not. */
  run(context: CaseContext<S>): Promise<void>;
}

/** A case for record stores. */
export type RecordStoreCase = ConformanceCase<RecordStore>;

/** A case for blob stores. */
export type BlobStoreCase = ConformanceCase<BlobStore>;

/** A case for run stores. */
export type RunStoreCase = ConformanceCase<RunStore>;
