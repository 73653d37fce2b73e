// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import type { RecordId } from "@rmtc/spec";
import { entryNumber, writerPattern } from "./entry-name.ts";
import { readJournalFile, writeJournalFile } from "./journal-file.ts";
import { foldersIn, plainFilesIn } from "./list-entries.ts";
import { LoopTurns } from "./loop-turns.ts";
import type { MachineJournal } from "./machine-journal.ts";
import {
  compareRunEntries,
  type RunCall,
  type RunEntry,
  runEntryFromText,
  runEntryToText,
} from "./run-entry.ts";
import { RunState } from "./run-state.ts";
import { makeFolder, removeDeadFiles } from "./write-durably.ts";

const runPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One run as it was read. */
interface KnownRun {
  readonly names: Set<string>;
  state: RunState;
  /** The newest entry in their order. */
  newest: RunEntry | undefined;
  /** One more than the highest number of each writer. */
  readonly ends: Map<string, number>;
  /** How often this machine had written about it. */
  writes: number;
}

/** The files under `runs/`, and what they come to. */
export class RunFolder {
  readonly #root: string;
  readonly #runs: string;
  readonly #journal: MachineJournal;
  readonly #known = new Map<RecordId, KnownRun>();

  constructor(root: string, journal: MachineJournal) {
    this.#root = root;
    this.#runs = join(root, "runs");
    this.#journal = journal;
  }

  /** The ids of every run that has a folder. */
  async list(): Promise<readonly RecordId[]> {
    return (await foldersIn(this.#runs, runPattern)).map((name) => `urn:uuid:${name}`);
  }

  /** What the files of a run come to now; without a status for one that was never opened. */
  async state(run: RecordId): Promise<RunState> {
    return (await this.#read(run)).state;
  }

  /** Writes a call down and returns what the run comes to; only in a turn. */
  async write(run: RecordId, call: RunCall, signal: AbortSignal | undefined): Promise<RunState> {
    const known = await this.#read(run);
    const { writer } = this.#journal.settings();
    const number = known.ends.get(writer) ?? 0;
    const clock = (known.newest?.clock ?? 0) + 1;
    const entry: RunEntry = { writer, number, run, clock, at: new Date().toISOString(), ...call };
    const text = runEntryToText(entry);
    signal?.throwIfAborted();
    const folder = join(this.#runs, run.slice(9), writer);
    if (number === 0) await makeFolder(this.#root, folder);
    const name = await writeJournalFile(folder, String(number).padStart(8, "0"), text);
    known.names.add(`${writer}/${name}`);
    known.ends.set(writer, number + 1);
    known.newest = entry;
    known.writes += 1;
    const kept = runEntryFromText(text) as RunEntry;
    known.state.apply(kept);
    this.#journal.run("INSERT OR REPLACE INTO run_write VALUES (?, ?)", run, known.writes);
    return known.state;
  }

  async #read(run: RecordId): Promise<KnownRun> {
    const name = run.slice(9);
    const known = this.#known.get(run) ?? freshRun();
    if (!runPattern.test(name) || run !== `urn:uuid:${name}`) return known;
    const { writer: own } = this.#journal.settings();
    const sql = "SELECT writes FROM run_write WHERE run = ?";
    const writes = this.#journal.get<{ writes: number }>(sql, run)?.writes ?? 0;
    const fresh: RunEntry[] = [];
    const turns = new LoopTurns();
    for (const writer of await foldersIn(join(this.#runs, name), writerPattern)) {
      // Nobody else writes there: nothing is new when this machine has written nothing.
      if (writer === own && writes === known.writes && known.ends.has(own)) continue;
      const folder = join(this.#runs, name, writer);
      if (!known.ends.has(writer)) await removeDeadFiles(folder);
      for (const file of await plainFilesIn(folder)) {
        const number = entryNumber(file);
        if (number === undefined || known.names.has(`${writer}/${file}`)) continue;
        const text = await readJournalFile(folder, file);
        const entry = text === undefined ? undefined : runEntryFromText(text);
        known.ends.set(writer, Math.max(known.ends.get(writer) ?? 0, number + 1));
        if (entry?.run !== run || entry.writer !== writer || entry.number !== number) continue;
        known.names.add(`${writer}/${file}`);
        fresh.push(entry);
        await turns.step();
      }
    }
    known.writes = writes;
    fresh.sort(compareRunEntries);
    const { newest } = known;
    const [first] = fresh;
    if (newest !== undefined && first !== undefined && compareRunEntries(first, newest) < 0) {
      // Something came late: what it changes, only all entries in their order tell.
      this.#known.delete(run);
      return this.#read(run);
    }
    for (const entry of fresh) {
      known.state.apply(entry);
      await turns.step();
    }
    known.newest = fresh.at(-1) ?? newest;
    if (known.names.size > 0) this.#known.set(run, known);
    return known;
  }
}

function freshRun(): KnownRun {
  return { names: new Set(), state: new RunState(), newest: undefined, ends: new Map(), writes: 0 };
}
