// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FileRecordStore, FileRunStore } from "../../src/index.ts";

/** Folders and machines of one test: each machine has an index of its own for each folder. */
export class Machines implements AsyncDisposable {
  readonly root: string;
  readonly #open: AsyncDisposable[] = [];

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<Machines> {
    return new Machines(await mkdtemp(join(tmpdir(), "rmtc-store-file-")));
  }

  folder(name: string): string {
    return join(this.root, name);
  }

  index(machine: string, name: string): string {
    return join(this.root, `index-${machine}-${name}`);
  }

  async records(machine: string, name: string): Promise<FileRecordStore> {
    return this.#kept(
      await FileRecordStore.open({ path: this.folder(name), index: this.index(machine, name) }),
    );
  }

  async runs(machine: string, name: string): Promise<FileRunStore> {
    return this.#kept(await FileRunStore.open({ path: this.folder(name), index: this.index(machine, name) }));
  }

  /** Copies every file of one folder into another, as `cp -rn` does. */
  async copy(from: string, to: string): Promise<void> {
    await cp(this.folder(from), this.folder(to), { recursive: true, force: false });
  }

  /** The files of a folder, by their paths in it. */
  async files(name: string): Promise<readonly string[]> {
    const found = await readdir(this.folder(name), { recursive: true, withFileTypes: true });
    const start = this.folder(name).length + 1;
    return found
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(start))
      .sort();
  }

  async copyFile(from: string, to: string, path: string): Promise<void> {
    await mkdir(dirname(join(this.folder(to), path)), { recursive: true });
    await cp(join(this.folder(from), path), join(this.folder(to), path));
  }

  /** Every byte of everything: folders and indexes. */
  async bytes(): Promise<Buffer> {
    const found = await readdir(this.root, { recursive: true, withFileTypes: true });
    const files = found.filter((one) => one.isFile());
    return Buffer.concat(await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name)))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#open) await store[Symbol.asyncDispose]();
    await rm(this.root, { recursive: true, maxRetries: 3 });
  }

  #kept<Store extends AsyncDisposable>(store: Store): Store {
    this.#open.push(store);
    return store;
  }
}
