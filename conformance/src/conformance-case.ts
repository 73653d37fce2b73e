// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type {
  BlobStore,
  Converter,
  Inferer,
  RecordStore,
  Role,
  RoleInstances,
  RunStore,
  Scheduler,
  Trainer,
  TrainingStrategy,
} from "@rmtc/contract";
import type { Fixture } from "./fixture.ts";

/** The roles that the suite has cases for, with the instance that each is run against: all of them. */
export type TestedRoles = RoleInstances;

/** The name of a role that the suite has cases for. */
export type TestedRole = Role;

/** Any instance that cases can be run against. */
export type TestedInstance = TestedRoles[TestedRole];

/** `must`: whoever fails it does not conform. `should`: there can be reasons to fail it. */
export type CaseLevel = "must" | "should";

/** What a case is given. */
export interface CaseContext<S extends TestedInstance = TestedInstance> {
  /** A fresh, empty store, or whatever else the role opens; the runner closes it. */
  readonly store: S;
  /** What the subject brought along for the cases. */
  readonly fixture: Fixture;
  /** Absolute path of an empty folder for the case's own files. */
  readonly folder: string;
  /** Opens a further instance on the store's data; the runner closes it. */
  open(): Promise<S>;
  /** Closes the store and opens its data again. */
  reopen(): Promise<S>;
  /** Changes the stored bytes of a record or blob behind the store's back. */
  damage(id: string): Promise<void>;
  /** Ends every process that works for the instance, as a crash would. */
  kill(): Promise<void>;
  /** How much of `full` to use: all of it, or a part of it where the suite tests itself; at least `least`. */
  size(full: number, least?: number): number;
}

/** One behaviour that a role's contract demands, and how to see it. */
export interface ConformanceCase<S extends TestedInstance = TestedInstance> {
  /** `role.topic.behaviour`, never reused for another behaviour. */
  readonly id: string;
  readonly level: CaseLevel;
  /** File and anchor of the sentence in the standard, for example `record-store.md#rmtc-rst-010`. */
  readonly spec: string;
  /** The behaviour in the present tense. */
  readonly title: string;
  /** Whether the case is for instances with these capabilities and this fixture; for all unless given. */
  readonly when?: (capabilities: S["capabilities"], fixture: Fixture) => boolean;
  /** Set when the case calls {@link CaseContext.damage}, which not every subject can do. */
  readonly needsDamage?: boolean;
  /** Set when the case calls {@link CaseContext.kill}, which not every subject can do. */
  readonly needsKill?: boolean;
  /** Ends when the instance behaves so; throws an `AssertionError` of `node:assert` when it does not. */
  run(context: CaseContext<S>): Promise<void>;
}

/** A case for record stores. */
export type RecordStoreCase = ConformanceCase<RecordStore>;

/** A case for blob stores. */
export type BlobStoreCase = ConformanceCase<BlobStore>;

/** A case for run stores. */
export type RunStoreCase = ConformanceCase<RunStore>;

/** A case for training strategies. */
export type TrainingStrategyCase = ConformanceCase<TrainingStrategy>;

/** A case for trainers. */
export type TrainerCase = ConformanceCase<Trainer>;

/** A case for schedulers. */
export type SchedulerCase = ConformanceCase<Scheduler>;

/** A case for inferers. */
export type InfererCase = ConformanceCase<Inferer>;

/** A case for converters. */
export type ConverterCase = ConformanceCase<Converter>;
