// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { BlobStore } from "./blob-store.ts";
import type { CallOptions } from "./call-options.ts";
import type { Converter } from "./converter.ts";
import type { Inferer } from "./inferer.ts";
import type { RecordStore } from "./record-store.ts";
import type { RunStore } from "./run-store.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Trainer } from "./trainer.ts";
import type { TrainingStrategy } from "./training-strategy.ts";

/** What each role's extension opens. */
export interface RoleInstances {
  readonly recordStore: RecordStore;
  readonly blobStore: BlobStore;
  readonly runStore: RunStore;
  readonly trainer: Trainer;
  readonly trainingStrategy: TrainingStrategy;
  readonly scheduler: Scheduler;
  readonly inferer: Inferer;
  readonly converter: Converter;
}

/** The name of a role. */
export type Role = keyof RoleInstances;

/** The newest contract version of each role that this package describes. A host accepts a range. */
export const contractVersions: Readonly<Record<Role, number>> = {
  recordStore: 1,
  blobStore: 1,
  runStore: 1,
  trainer: 1,
  trainingStrategy: 1,
  scheduler: 1,
  inferer: 1,
  converter: 1,
};

/**
 * Checks options and fills in defaults: the one method of a Standard Schema that RMTC uses, so that zod,
 * valibot or arktype schemas fit as they are.
 *
 * @see https://standardschema.dev
 */
export interface OptionsSchema<Options> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => OptionsResult<Options> | Promise<OptionsResult<Options>>;
    readonly types?: { readonly input: unknown; readonly output: Options } | undefined;
  };
}

/** The outcome of a check of options. */
export type OptionsResult<Options> =
  | { readonly value: Options; readonly issues?: undefined }
  | { readonly issues: readonly OptionsIssue[] };

/** One thing that is wrong with options. */
export interface OptionsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Where an extension is opened. */
export interface OpenContext extends CallOptions {
  /** Absolute path of the folder that relative paths in options start from. */
  readonly baseFolder: string;
}

/** An extension: one role under one name. A package exports it as its default. */
export interface Extension<R extends Role = Role, Options = unknown> {
  readonly role: R;
  /** Package-like name, for example `@rmtc/store-sqlite`. */
  readonly name: string;
  /** The extension's own version, recorded with every activity it takes part in. */
  readonly version: string;
  /** The contract version of the role that it implements. */
  readonly contract: number;
  /** The URL scheme that stands for it in a configuration, for example `sqlite` in `sqlite:.rmtc/catalog.db`. */
  readonly scheme?: string | undefined;
  readonly options: OptionsSchema<Options>;
  /** Opens an instance; whatever the options' schema returned is passed on. */
  open(options: Options, context: OpenContext): Promise<RoleInstances[R]>;
}

/** Returns its argument, typed: the way every extension package declares its default export. */
export function defineExtension<R extends Role, Options>(
  extension: Extension<R, Options>,
): Extension<R, Options> {
  return extension;
}
