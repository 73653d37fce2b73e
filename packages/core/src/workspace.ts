// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BlobStore, RecordStore, Role, RunStore } from "@rmtc/contract";
import { recoverSeals } from "./activity/seal-activity.ts";
import { loadConfig } from "./config/load-config.ts";
import type { CommandLocation, ExtensionLocation, WorkspaceConfig } from "./config/workspace-config.ts";
import { type BuiltInExtensions, ExtensionHost, type OpenedExtension } from "./extension-host.ts";
import { fileError } from "./file-error.ts";
import { GraphStore } from "./graph/graph-store.ts";

/** The locations a host falls back on where the configuration names none. */
export type DefaultLocations = Readonly<
  Record<"records" | "blobs" | "runs" | "trainer" | "strategy" | "scheduler" | "inferer", ExtensionLocation>
>;

/** How a workspace is opened. */
export interface OpenWorkspaceOptions {
  /** A folder in the workspace; the current one unless given. */
  readonly folder?: string | undefined;
  readonly extensions: BuiltInExtensions;
  readonly defaults: DefaultLocations;
  /**
   * The command that carries out an activity which was opened here, given its record id. Without it, `train`
   * and `infer` work in this process and no scheduler is used.
   */
  readonly taskCommand?: ((activity: string, folder: string) => readonly string[]) | undefined;
  /** Whether lineage comes from a graph in memory: for processes that ask often. */
  readonly residentGraph?: boolean | undefined;
  /** What the workspace is put together from, for a store that lies in no workspace; no file is looked for then. */
  readonly config?: WorkspaceConfig | undefined;
}

/**
 * One facility's view of its records, bytes and runs, put together from extensions.
 *
 * It holds what is open and nothing else; what can be done with it are the functions of this package, such as
 * `ingest`, `train` and `trace`.
 */
export class Workspace implements AsyncDisposable {
  /** Absolute path of the folder that holds `rmtc.config.ts`. */
  readonly folder: string;
  readonly config: WorkspaceConfig;
  readonly records: RecordStore;
  readonly blobs: BlobStore;
  readonly runs: RunStore;
  /** The partition that new records go to. */
  readonly partition: string;
  /** Public keys, in PEM, whose notices are trusted. */
  readonly trustedKeys: readonly string[];
  readonly taskCommand: OpenWorkspaceOptions["taskCommand"];
  readonly #host: ExtensionHost;
  readonly #defaults: DefaultLocations;
  readonly #opened: AsyncDisposable[];

  private constructor(
    host: ExtensionHost,
    options: OpenWorkspaceOptions,
    loaded: { readonly folder: string; readonly config: WorkspaceConfig },
    stores: { readonly records: RecordStore; readonly blobs: BlobStore; readonly runs: RunStore },
    trustedKeys: readonly string[],
  ) {
    this.#host = host;
    this.#defaults = options.defaults;
    this.#opened = [stores.records, stores.blobs, stores.runs];
    this.folder = loaded.folder;
    this.config = loaded.config;
    this.records = stores.records;
    this.blobs = stores.blobs;
    this.runs = stores.runs;
    this.partition = loaded.config.partition ?? "";
    this.trustedKeys = trustedKeys;
    this.taskCommand = options.taskCommand;
  }

  /**
   * Opens the workspace that a folder lies in, and finishes seals that a killed process left behind.
   *
   * @throws RMTC_NOT_FOUND when the folder lies in no workspace.
   * @throws RMTC_OPTION_INVALID, RMTC_EXTENSION_INVALID when the configuration cannot be used.
   */
  static async open(options: OpenWorkspaceOptions): Promise<Workspace> {
    const start = options.folder ?? process.cwd();
    const loaded =
      options.config === undefined
        ? await loadConfig(start)
        : { folder: resolve(start), config: options.config };
    const { config, folder } = loaded;
    const host = new ExtensionHost(options.extensions, folder, commandsOf(config));
    const trustedKeys = await Promise.all(
      (config.trustedKeys ?? []).map((path) => readKey(resolve(folder, path))),
    );
    if (options.config === undefined) await mkdir(join(folder, ".rmtc"), { recursive: true });
    await using opening = new AsyncDisposableStack();
    const open = async <R extends Role>(
      role: R,
      location: ExtensionLocation,
    ): Promise<OpenedExtension<R>> => {
      const opened = await host.open(role, location);
      opening.use(opened.instance);
      return opened;
    };
    const records = await open("recordStore", config.records ?? options.defaults.records);
    const blobs = await open("blobStore", config.blobs ?? options.defaults.blobs);
    const runs = await open("runStore", config.runs ?? options.defaults.runs);
    const recordStore =
      options.residentGraph === true
        ? await GraphStore.open({ store: records.instance, path: join(folder, ".rmtc", "graph.bin") })
        : records.instance;
    const stores = { records: recordStore, blobs: blobs.instance, runs: runs.instance };
    await recoverSeals(stores);
    opening.move();
    return new Workspace(host, options, loaded, stores, trustedKeys);
  }

  /** Opens the configured trainer, or the one that a record names. The caller disposes of it. */
  async openTrainer(location?: ExtensionLocation): Promise<OpenedExtension<"trainer">> {
    return await this.#host.open("trainer", location ?? this.config.trainer ?? this.#defaults.trainer);
  }

  /** Opens the configured strategy with further options, or the one that a record names. */
  async openStrategy(location?: ExtensionLocation): Promise<OpenedExtension<"trainingStrategy">> {
    return await this.#host.open(
      "trainingStrategy",
      location ?? this.config.strategy ?? this.#defaults.strategy,
    );
  }

  /** Opens the configured inferer, or the one that a record names. */
  async openInferer(location?: ExtensionLocation): Promise<OpenedExtension<"inferer">> {
    return await this.#host.open("inferer", location ?? this.config.inferer ?? this.#defaults.inferer);
  }

  /** Opens the configured scheduler. */
  async openScheduler(): Promise<OpenedExtension<"scheduler">> {
    return await this.#host.open("scheduler", this.config.scheduler ?? this.#defaults.scheduler);
  }

  /** Closes the stores. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#opened) await store[Symbol.asyncDispose]();
  }
}

/** The command lines of a configuration, so that a record can ask for their extensions by name. */
function commandsOf(config: WorkspaceConfig): readonly CommandLocation[] {
  const { records, blobs, runs, trainer, strategy, scheduler, inferer } = config;
  return [records, blobs, runs, trainer, strategy, scheduler, inferer].filter(
    (location): location is CommandLocation => typeof location === "object" && "command" in location,
  );
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw fileError(error, path);
  }
}
