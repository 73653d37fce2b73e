// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PartName, RecordId } from "@rmtc/spec";
import { type EntryFile, shardFiles, shardOf } from "./entry-name.ts";
import type { MachineJournal } from "./machine-journal.ts";
import { VersionVector } from "./version-vector.ts";

/** An entry that is in the index. */
export interface AppliedEntry extends EntryFile {
  readonly seq: number;
  readonly essence: string;
  readonly received: string;
}

/** Positions of the index that came from one entry. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly entry: number;
  readonly received: string;
}

/** Which files are in the index and what came from them, as `journal.db` has it. */
export class AppliedEntries {
  readonly #journal: MachineJournal;
  /** Names of the files of each folder that was looked at, by writer and shard. */
  readonly #names = new Map<string, Set<string>>();
  #vector: VersionVector | undefined;
  #newest = 0;

  constructor(journal: MachineJournal) {
    this.#journal = journal;
  }

  /** Forgets what was read, because somebody else changed it. */
  forget(): void {
    this.#names.clear();
    this.#vector = undefined;
  }

  /** Forgets everything, for an index that is made anew; losers too, unless they are the reason. */
  clear(keepLosers: boolean): void {
    for (const table of [
      "entry",
      "span",
      "extra",
      "erasure",
      "vector",
      "shard",
      ...(keepLosers ? [] : ["loser"]),
    ]) {
      this.#journal.run(`DELETE FROM ${table}`);
    }
    this.forget();
  }

  add(file: EntryFile, essence: string, received: string): number {
    const { writer, number, name } = file;
    const vector = this.vector;
    vector.add(writer, number, essence);
    this.#newest += 1;
    this.#journal.run(
      "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
      this.#newest,
      writer,
      number,
      name,
      essence,
      received,
    );
    this.#journal.run("INSERT OR REPLACE INTO vector VALUES (?, ?)", writer, vector.row(writer));
    this.#journal.run(
      "INSERT INTO shard VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET files = files + 1",
      writer,
      shardOf(number),
    );
    this.names(writer, shardOf(number)).add(name);
    return this.#newest;
  }

  addSpan({ first, last, entry, received }: Span): void {
    this.#journal.run("INSERT INTO span VALUES (?, ?, ?, ?)", first, last, entry, received);
  }

  /** A file was written anew under another name, without erased parts. */
  rename(file: EntryFile, name: string): void {
    const { writer, number } = file;
    const sql = "SELECT seq FROM entry WHERE writer = ? AND number = ? AND name = ?";
    const row = this.#journal.get<{ seq: number }>(sql, writer, number, file.name);
    if (row === undefined) return;
    const names = this.names(writer, shardOf(number));
    const other = this.#journal.get<{ seq: number }>(sql, writer, number, name);
    names.delete(file.name);
    names.add(name);
    if (other === undefined) {
      this.#journal.run("UPDATE entry SET name = ? WHERE seq = ?", name, row.seq);
      return;
    }
    this.#journal.run("UPDATE span SET entry = ? WHERE entry = ?", other.seq, row.seq);
    this.#journal.run("UPDATE OR REPLACE extra SET entry = ? WHERE entry = ?", other.seq, row.seq);
    this.#journal.run("DELETE FROM entry WHERE seq = ?", row.seq);
    this.#journal.run(
      "UPDATE shard SET files = files - 1 WHERE writer = ? AND shard = ?",
      writer,
      shardOf(number),
    );
  }

  /** The names of a folder's files that are in; a set to be read only. */
  names(writer: string, shard: string): Set<string> {
    const key = `${writer}/${shard}`;
    let names = this.#names.get(key);
    if (names === undefined) {
      const first = Number(shard) * shardFiles;
      const rows = this.#journal.all<{ name: string }>(
        "SELECT name FROM entry WHERE writer = ? AND number BETWEEN ? AND ?",
        writer,
        first,
        first + shardFiles - 1,
      );
      names = new Set(rows.map(({ name }) => name));
      this.#names.set(key, names);
    }
    return names;
  }

  /** How many files of each folder are in. */
  shards(): readonly { readonly writer: string; readonly shard: string; readonly files: number }[] {
    return this.#journal.all("SELECT writer, shard, files FROM shard");
  }

  /** The vector of everything that is in; not to be changed. */
  get vector(): VersionVector {
    if (this.#vector === undefined) {
      this.#vector = new VersionVector();
      for (const { known } of this.#journal.all<{ known: string }>("SELECT known FROM vector")) {
        this.#vector.join(known);
      }
      this.#newest = this.#journal.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM entry")?.seq ?? 0;
    }
    return this.#vector;
  }

  /** The newest entry's number in the order in which entries came in. */
  get newest(): number {
    return this.vector && this.#newest;
  }

  /** The span that a position lies in, if it is accounted for. */
  spanAt(position: number): Span | undefined {
    const span = this.#journal.get<Span>(
      "SELECT * FROM span WHERE first <= ? ORDER BY first DESC LIMIT 1",
      position,
    );
    return span !== undefined && span.last >= position ? span : undefined;
  }

  /** The spans from the first one on that ends after a position. */
  spansAfter(position: number, limit: number): readonly Span[] {
    const start = this.spanAt(position + 1)?.first ?? position + 1;
    return this.#journal.all("SELECT * FROM span WHERE first >= ? ORDER BY first LIMIT ?", start, limit);
  }

  /** The spans of one entry. */
  spansOf(file: AppliedEntry): readonly Span[] {
    return this.#journal.all("SELECT * FROM span WHERE entry = ? ORDER BY first", file.seq);
  }

  /** The newest entry before which everything has all of its positions up to a given one. */
  seqAt(position: number): number {
    const sql = "SELECT min(entry) AS seq FROM span WHERE last > ?";
    const next = this.#journal.get<{ seq: number | null }>(sql, position)?.seq;
    return next === null || next === undefined ? this.newest : next - 1;
  }

  /** The position up to which nothing comes from an entry or from those after it. */
  positionBefore(seq: number): number {
    const sql = "SELECT min(first) AS first FROM span WHERE entry >= ?";
    const first = this.#journal.get<{ first: number | null }>(sql, seq)?.first;
    return first === null || first === undefined ? Number.MAX_SAFE_INTEGER : first - 1;
  }

  /** Entries after one, in the order in which they came in. */
  after(seq: number, limit: number): readonly AppliedEntry[] {
    return this.#journal.all("SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit);
  }

  find({ writer, number, name }: EntryFile): AppliedEntry | undefined {
    const sql = "SELECT * FROM entry WHERE writer = ? AND number = ? AND name = ?";
    return this.#journal.get(sql, writer, number, name);
  }

  entry(seq: number): AppliedEntry | undefined {
    return this.#journal.get("SELECT * FROM entry WHERE seq = ?", seq);
  }

  /** Keeps that an entry names a record that another one brought. */
  addExtra(id: RecordId, entry: number): void {
    this.#journal.run("INSERT OR IGNORE INTO extra VALUES (?, ?)", id, entry);
  }

  /** The entries beyond the one that brought it which name a record. */
  extras(id: RecordId): readonly AppliedEntry[] {
    return this.#journal.all(
      "SELECT e.* FROM extra x JOIN entry e ON e.seq = x.entry WHERE x.id = ? ORDER BY e.seq",
      id,
    );
  }

  /** Adds to the parts of a record that are erased for ever, held or not. */
  addErasure(id: RecordId, parts: readonly PartName[], received: string): void {
    const known = this.erasure(id);
    const all = [...new Set([...(known?.parts ?? []), ...parts])].sort();
    this.#journal.run(
      "INSERT OR REPLACE INTO erasure VALUES (?, ?, ?)",
      id,
      JSON.stringify(all),
      known?.received ?? received,
    );
  }

  erasure(id: RecordId): { readonly parts: readonly PartName[]; readonly received: string } | undefined {
    const row = this.#journal.get<{ parts: string; received: string }>(
      "SELECT parts, received FROM erasure WHERE id = ?",
      id,
    );
    return row && { parts: JSON.parse(row.parts), received: row.received };
  }

  /** Keeps that a record under this digest stands back behind one with a lower digest. */
  addLoser(id: RecordId, digest: string): void {
    this.#journal.run("INSERT OR IGNORE INTO loser VALUES (?, ?)", id, digest);
  }

  losers(id: RecordId): readonly string[] {
    return this.#journal
      .all<{ digest: string }>("SELECT digest FROM loser WHERE id = ?", id)
      .map(({ digest }) => digest);
  }
}
