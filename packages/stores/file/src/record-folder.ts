// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { CallOptions, Change } from "@rmtc/contract";
import { abortable } from "./abortable.ts";
import { AppliedEntries } from "./applied-entries.ts";
import type { CursorState } from "./change-cursor.ts";
import { disagreement, EntryApplier } from "./entry-applier.ts";
import { type EntryFile, entryPath, shardOf, shardPattern, writerPattern } from "./entry-name.ts";
import { errorFromFile } from "./file-error.ts";
import { indexPosition } from "./index-position.ts";
import { entryEssence } from "./journal-entry.ts";
import { allEntries, type EntryListing, foldersIn, listEntries } from "./list-entries.ts";
import { MachineJournal, newWriter } from "./machine-journal.ts";
import { readEntry } from "./read-entry.ts";
import { isIndexBroken, RecordIndex } from "./record-index.ts";
import type { StoreFolder } from "./store-folder.ts";
import { removeDeadFiles } from "./write-durably.ts";

/** The index with everything that was in the folder at some moment, or more. */
export interface IndexView {
  readonly index: RecordIndex;
  /** The newest position that is accounted for. */
  readonly last: number;
  /** What a cursor of that position says. */
  readonly head: CursorState;
}

/** The journal files under `records/`, and the index that this machine makes of them. */
export class RecordFolder {
  readonly folder: StoreFolder;
  readonly records: string;
  readonly journal: MachineJournal;
  readonly applied: AppliedEntries;
  /** Files that are no entries, by path, with what they looked like. */
  readonly #refused = new Map<string, string>();
  #index: RecordIndex | undefined;
  #version = -1;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor(folder: StoreFolder, journal: MachineJournal) {
    this.folder = folder;
    this.records = join(folder.path, "records");
    this.journal = journal;
    this.applied = new AppliedEntries(journal);
  }

  static async open(folder: StoreFolder, options: CallOptions): Promise<RecordFolder> {
    const opened = new RecordFolder(folder, await MachineJournal.open(folder.index, folder.id));
    try {
      await opened.turn(() => opened.catchUp(true), options.signal);
      for (const writer of await foldersIn(opened.records, writerPattern)) {
        const newest = (await foldersIn(join(opened.records, writer), shardPattern)).at(-1) ?? "";
        await removeDeadFiles(join(opened.records, writer, newest));
      }
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  /** Runs `action` while nobody else of this machine writes. */
  async turn<Result>(action: () => Promise<Result>, signal?: AbortSignal | undefined): Promise<Result> {
    return await this.journal.turn(async () => {
      try {
        return await action();
      } catch (error) {
        this.applied.forget();
        this.#version = -1;
        throw errorFromFile(error, this.folder.path);
      }
    }, signal);
  }

  /** Brings the index up to what is in the folder now. Calls at the same time share one look at it. */
  async view(options: CallOptions | undefined): Promise<IndexView> {
    await abortable(this.#refresh(), options?.signal);
    return this.current();
  }

  /** The index as it is. */
  current(): IndexView {
    const index = this.#index as RecordIndex;
    const { last } = this.journal.settings();
    const { vector, newest: seq } = this.applied;
    return {
      index,
      last,
      head: { store: this.folder.id, index: index.name, seq, vector: vector.toString() },
    };
  }

  /** Tells whether an index is still the one in use. */
  isCurrent({ index }: IndexView): boolean {
    return this.journal.settings().generation === index.generation;
  }

  /** Brings the index up to what is in the folder, and makes it anew if need be; only in a turn. */
  async catchUp(thorough: boolean): Promise<void> {
    const broken = !(await this.#follow());
    const settings = this.journal.settings();
    if (settings.store !== this.folder.id) {
      this.journal.set({ store: this.folder.id, writer: newWriter(), next: 0 });
      return this.rebuild(false);
    }
    const { index } = this;
    if (broken || index === undefined) return this.rebuild(false);
    try {
      const head = indexPosition((await index.store.head()).cursor);
      if (head < settings.last) return await this.rebuild(false);
      const listing = await this.#list(thorough);
      if ((listing.ends.get(settings.writer) ?? 0) < settings.next) {
        this.journal.set({ writer: newWriter(), next: 0 });
      }
      if (listing.gone.length > 0 && !(await this.#explain(listing))) return await this.rebuild(false);
      if (listing.added.length === 0 && head === settings.last) return;
      const gap = head > settings.last ? await readGap(index, settings.last) : [];
      const applier = new EntryApplier(this.records, index.store, this.applied, settings.last, gap);
      await applier.apply(listing.added);
      await this.settle(applier);
    } catch (error) {
      if (!isIndexBroken(error)) throw error;
      await this.rebuild(false);
    }
  }

  /** Ends the work of an applier; only in a turn. */
  async settle(applier: EntryApplier): Promise<void> {
    await applier.flush();
    if (applier.unaccounted > 0) throw disagreement();
    for (const file of applier.refused) await this.#refuse(file);
    this.journal.set({ last: applier.last });
    if (applier.conflicting) await this.rebuild(true);
  }

  /** Makes a new index of all files; only in a turn. */
  async rebuild(keepLosers: boolean): Promise<void> {
    const generation = this.journal.settings().generation + 1;
    const index = await RecordIndex.create(this.folder.index, generation);
    try {
      this.applied.clear(keepLosers);
      this.#refused.clear();
      this.journal.set({ generation, last: 0 });
      const applier = new EntryApplier(this.records, index.store, this.applied, 0);
      for await (const files of allEntries(this.records)) await applier.apply(files);
      await applier.flush();
      for (const file of applier.refused) await this.#refuse(file);
      this.journal.set({ last: applier.last });
      if (applier.conflicting) {
        await index.release();
        return await this.rebuild(true);
      }
    } catch (error) {
      await index.release();
      throw error;
    }
    await this.#index?.release();
    this.#index = index;
    await RecordIndex.removeOthers(this.folder.index, generation);
  }

  get index(): RecordIndex | undefined {
    return this.#index;
  }

  async close(): Promise<void> {
    await this.#running?.catch(() => undefined);
    await this.#index?.release();
    this.#index = undefined;
    this.journal[Symbol.dispose]();
  }

  #refresh(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#look()
        .catch((error: unknown) => {
          throw errorFromFile(error, this.folder.path);
        })
        .finally(() => {
          this.#running = undefined;
        });
      return this.#running;
    }
    // The look under way may have passed what is there now; one more does for everyone who waits.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#refresh();
      });
    return this.#next;
  }

  async #look(): Promise<void> {
    const followed = await this.#follow();
    const { added, gone } = await this.#list(false);
    if (followed && added.length === 0 && gone.length === 0) return;
    await this.turn(() => this.catchUp(false));
  }

  /** Takes over what other processes of this machine did; `false` when the index cannot be opened. */
  async #follow(): Promise<boolean> {
    const version = this.journal.dataVersion;
    if (version === this.#version && this.#index !== undefined) return true;
    this.applied.forget();
    const { generation } = this.journal.settings();
    if (this.#index?.generation !== generation) {
      try {
        const index = await RecordIndex.open(this.folder.index, generation);
        await this.#index?.release();
        this.#index = index;
      } catch (error) {
        if (isIndexBroken(error)) return false;
        throw error;
      }
    }
    this.#version = version;
    return true;
  }

  async #list(thorough: boolean): Promise<EntryListing> {
    const listing = await listEntries(this.records, this.applied, thorough);
    if (this.#refused.size === 0) return listing;
    const added: EntryFile[] = [];
    for (const file of listing.added) {
      const path = entryPath(this.records, file);
      if (!this.#refused.has(path) || this.#refused.get(path) !== (await looksOf(path))) added.push(file);
    }
    return { ...listing, added };
  }

  async #refuse(file: EntryFile): Promise<void> {
    const path = entryPath(this.records, file);
    this.#refused.set(path, await looksOf(path));
  }

  /** Finds out whether files that are gone were written anew without erased parts. */
  async #explain(listing: EntryListing): Promise<boolean> {
    for (const file of listing.gone) {
      const known = this.applied.find(file);
      if (known === undefined) return false;
      const { number, writer } = file;
      const names = new Set(this.applied.names(writer, shardOf(file.number)));
      const gone = new Set(listing.gone.map(({ name }) => name));
      const candidates = [
        ...listing.added.filter((one) => one.writer === writer).map(({ name }) => name),
        ...names,
      ].filter((name) => Number(name.split("-")[0]) === number && !gone.has(name));
      let found: string | undefined;
      for (const name of candidates) {
        const read = await readEntry(this.records, { writer, number, name });
        if ("entry" in read && entryEssence(read.entry) === known.essence) found = name;
      }
      if (found === undefined) return false;
      this.applied.rename(file, found);
    }
    return true;
  }
}

async function looksOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return `${found?.size} ${found?.mtimeMs} ${found?.ino}`;
}

async function readGap(index: RecordIndex, last: number): Promise<readonly Change[]> {
  const gap: Change[] = [];
  for (let cursor = `${index.name}-${last}`; ; ) {
    const page = await index.store.changes({ cursor, limit: 1_000 });
    if (page.changes.length === 0) return gap;
    gap.push(...page.changes);
    cursor = page.cursor;
  }
}
