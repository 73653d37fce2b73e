// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { join } from "node:path";
import type { Alias, SetAliasRequest } from "@rmtc/contract";
import { compareUtf8 } from "@rmtc/query";
import { readJournalFile, writeJournalFile } from "./journal-file.ts";
import { foldersIn, plainFilesIn } from "./list-entries.ts";
import { makeFolder } from "./write-durably.ts";

/** One move of an alias: what one file says. */
interface Move extends Alias {
  readonly writer: string;
  readonly number: number;
  /** One more than that of every move of the alias that the writer knew. */
  readonly clock: number;
  /** The heads that it replaces, by the names of their files. */
  readonly replaces: readonly string[];
}

/** A move with the name of its file. */
interface NamedMove {
  readonly name: string;
  readonly move: Move;
}

const format = "rmtc-alias-move";
const version = 1;
const movePattern = /^([0-9a-f]{16})-(\d{8,12})-[0-9a-f]{16}\.json$/;

/** The files under `aliases/`. */
export class AliasFolder {
  readonly #root: string;
  readonly #aliases: string;
  readonly #known = new Map<string, Move | undefined>();

  constructor(root: string) {
    this.#root = root;
    this.#aliases = join(root, "aliases");
  }

  /** Moves an alias from all of its heads; only in a turn. */
  async set(request: SetAliasRequest, writer: string, signal: AbortSignal | undefined): Promise<Alias> {
    const { alias, to, digest, by } = request;
    const moves = await this.#moves(folderName(alias), alias);
    const own = moves.filter(({ move }) => move.writer === writer).map(({ move }) => move.number);
    const clocks = moves.map(({ move }) => move.clock);
    const setAt = new Date().toISOString();
    const moved: Alias = by === undefined ? { alias, to, digest, setAt } : { alias, to, digest, setAt, by };
    const number = Math.max(-1, ...own) + 1;
    const clock = Math.max(0, ...clocks) + 1;
    const replaces = headsOf(moves).map(({ name }) => name);
    const text = `${JSON.stringify({ format, version, writer, number, clock, ...moved, replaces }, undefined, 1)}\n`;
    signal?.throwIfAborted();
    const folder = join(this.#aliases, folderName(alias));
    if (moves.length === 0) await makeFolder(this.#root, folder);
    await writeJournalFile(folder, `${writer}-${String(number).padStart(8, "0")}`, text);
    return moved;
  }

  /** Where an alias points, the newest head first. */
  async heads(alias: string): Promise<readonly Alias[]> {
    return headsOf(await this.#moves(folderName(alias), alias)).map(aliasOf);
  }

  /** Every place an alias has pointed to, the newest first. */
  async history(alias: string): Promise<readonly Alias[]> {
    return (await this.#moves(folderName(alias), alias)).map(aliasOf);
  }

  /** The heads of every alias whose name starts with `prefix`, in order of UTF-8 bytes. */
  async list(prefix: string): Promise<readonly Alias[]> {
    const all: Alias[][] = [];
    for (const folder of await foldersIn(this.#aliases, /./)) {
      const heads = headsOf(await this.#moves(folder, undefined)).map(aliasOf);
      if (heads[0]?.alias.startsWith(prefix)) all.push(heads);
    }
    return all.sort(([a], [b]) => compareUtf8(a?.alias ?? "", b?.alias ?? "")).flat();
  }

  /** The moves in a folder, the newest first. */
  async #moves(folder: string, alias: string | undefined): Promise<readonly NamedMove[]> {
    const moves: NamedMove[] = [];
    for (const name of await plainFilesIn(join(this.#aliases, folder))) {
      if (!movePattern.test(name)) continue;
      const key = `${folder}/${name}`;
      let move = this.#known.get(key);
      if (move === undefined) {
        move = parseMove(await readJournalFile(join(this.#aliases, folder), name));
        if (move !== undefined) this.#known.set(key, move);
      }
      if (move === undefined || folderName(move.alias) !== folder) continue;
      if (alias === undefined || move.alias === alias) moves.push({ name, move });
    }
    return moves.sort((a, b) => compareMoves(b.move, a.move));
  }
}

/** Moves that no other move replaces. */
function headsOf(moves: readonly NamedMove[]): readonly NamedMove[] {
  const replaced = new Set(moves.flatMap(({ move }) => move.replaces));
  return moves.filter(({ name }) => !replaced.has(name));
}

function aliasOf({ move: { alias, to, digest, setAt, by } }: NamedMove): Alias {
  return by === undefined ? { alias, to, digest, setAt } : { alias, to, digest, setAt, by };
}

function compareMoves(a: Move, b: Move): number {
  if (a.clock !== b.clock) return a.clock - b.clock;
  if (a.setAt !== b.setAt) return a.setAt < b.setAt ? -1 : 1;
  if (a.writer !== b.writer) return a.writer < b.writer ? -1 : 1;
  return a.number - b.number;
}

/** What people can read of a name, and a hash that tells it from every other one on any file system. */
function folderName(alias: string): string {
  const readable = alias
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, "");
  const digest = hash("sha256", alias).slice(0, 32);
  return readable === "" ? digest : `${readable}-${digest}`;
}

function parseMove(text: string | undefined): Move | undefined {
  if (text === undefined) return undefined;
  try {
    const move = JSON.parse(text);
    if (move?.format !== format || move.version !== version || !Array.isArray(move.replaces))
      return undefined;
    const texts = [move.alias, move.to, move.digest, move.setAt, move.writer];
    const sound = texts.every((one) => typeof one === "string") && Number.isSafeInteger(move.number);
    return sound && Number.isSafeInteger(move.clock) ? move : undefined;
  } catch {
    return undefined;
  }
}
