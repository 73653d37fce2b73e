// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import type { ChangeCursor, Edge } from "@rmtc/contract";
import type { Digest, RecordId } from "@rmtc/spec";
import { IdTable, roomy } from "./id-table.ts";

const digestBytes = 32;
const algorithm = "sha256:";
/** Names of kinds and of relations that a byte can number. */
const mostNames = 255;

/** A target that is not held: its number among the missing is `-1 - number`. */
interface MissingTarget {
  /** The link to it that was added last, or -1. */
  last: number;
}

/** The part of a graph that is stored as it stands. */
export interface GraphArrays {
  kind: Uint8Array;
  digest: Uint8Array;
  /** Where the links of each record begin; one more than there are records. */
  start: Uint32Array;
  /** For each link its target: the number of a record, or below zero of a missing one. */
  target: Int32Array;
  relation: Uint8Array;
  /** For each link the record that holds it. */
  owner: Uint32Array;
  /** For each record the link that was added last of those that lead to it, or -1. */
  lastIn: Int32Array;
  /** For each link the next one that leads to the same target; behind the last one comes the first. */
  nextIn: Int32Array;
}

/** How many elements of an array are used. */
export function lengthOf(name: keyof GraphArrays, records: number, links: number): number {
  if (name === "kind" || name === "lastIn") return records;
  if (name === "digest") return digestBytes * records;
  return name === "start" ? records + 1 : links;
}

/** What a graph consists of. */
export interface GraphState {
  readonly arrays: GraphArrays;
  readonly ids: IdTable;
  readonly linkCount: number;
  readonly kinds: readonly string[];
  readonly relations: readonly string[];
  readonly missing: readonly (readonly [id: RecordId, last: number])[];
  readonly unmatched: readonly (readonly [link: number, digest: Digest])[];
  readonly cursor: ChangeCursor | undefined;
}

/**
 * Who links to whom, of all records of one store, in typed arrays: under 100 bytes for a record with 2.5 links.
 *
 * Records are numbered in the order of the feed, so that the state as of an earlier change is a count: what has
 * a higher number was not held yet.
 */
export class ResidentGraph {
  readonly #ids: IdTable;
  readonly #arrays: GraphArrays;
  #links: number;
  readonly #kinds: string[];
  readonly #relations: string[];
  readonly #missingNumbers: Map<RecordId, number>;
  readonly #missing: (MissingTarget & { readonly id: RecordId })[];
  /** The digests that links name whose target is missing, or is held under another digest. */
  readonly #unmatched: Map<number, Digest>;
  /** The change up to which the graph is complete; `undefined` before the first. */
  cursor: ChangeCursor | undefined;

  constructor(state?: GraphState) {
    this.#ids = state?.ids ?? new IdTable();
    this.#arrays = state?.arrays ?? {
      kind: new Uint8Array(64),
      digest: new Uint8Array(64 * digestBytes),
      start: new Uint32Array(65),
      target: new Int32Array(64),
      relation: new Uint8Array(64),
      owner: new Uint32Array(64),
      lastIn: new Int32Array(64),
      nextIn: new Int32Array(64),
    };
    this.#links = state?.linkCount ?? 0;
    this.#kinds = [...(state?.kinds ?? [])];
    this.#relations = [...(state?.relations ?? [])];
    this.#missing = (state?.missing ?? []).map(([id, last]) => ({ id, last }));
    this.#missingNumbers = new Map(this.#missing.map(({ id }, number) => [id, number]));
    this.#unmatched = new Map(state?.unmatched);
    this.cursor = state?.cursor;
  }

  /** Records held. */
  get size(): number {
    return this.#ids.count;
  }

  get linkCount(): number {
    return this.#links;
  }

  /** Bytes of all arrays, with what is reserved for growing. */
  get bytes(): number {
    let bytes = this.#ids.bytes;
    for (const array of Object.values(this.#arrays)) bytes += array.byteLength;
    return bytes;
  }

  /** The arrays, which later records may replace by larger ones. */
  get arrays(): Readonly<GraphArrays> {
    return this.#arrays;
  }

  /** What there is to store. */
  get state(): GraphState {
    return {
      arrays: this.#arrays,
      ids: this.#ids,
      linkCount: this.#links,
      kinds: this.#kinds,
      relations: this.#relations,
      missing: this.#missing.map(({ id, last }) => [id, last]),
      unmatched: [...this.#unmatched],
      cursor: this.cursor,
    };
  }

  /** Gives back what is reserved for growing, an eighth, array by array. */
  async trim(): Promise<void> {
    this.#ids.trim();
    for (const name of Object.keys(this.#arrays) as (keyof GraphArrays)[]) {
      await setImmediate();
      const length = lengthOf(name, this.size, this.#links);
      Object.assign(this.#arrays, { [name]: this.#arrays[name].slice(0, length) });
    }
  }

  /** The number of a record, or -1. */
  find(id: RecordId): number {
    return this.#ids.find(id);
  }

  /** Adds a record with its links in their order; one that is there already stays as it is. */
  add(id: RecordId, kind: string, digest: Digest, links: readonly Edge[]): void {
    if (this.#ids.find(id) >= 0) return;
    const kindCode = code(this.#kinds, kind);
    const number = this.#ids.add(id);
    const arrays = this.#arrays;
    arrays.start = roomy(arrays.start, number + 2);
    arrays.kind = roomy(arrays.kind, number + 1);
    arrays.digest = roomy(arrays.digest, (number + 1) * digestBytes);
    arrays.lastIn = roomy(arrays.lastIn, number + 1);
    arrays.kind[number] = kindCode;
    arrays.lastIn[number] = -1;
    bufferOf(arrays.digest).write(digest.slice(algorithm.length), number * digestBytes, "hex");
    this.#settle(id, number, digest);
    arrays.start[number] = this.#links;
    for (const link of links) this.#link(number, link);
    arrays.start[number + 1] = this.#links;
  }

  idAt(number: number): RecordId {
    return number >= 0 ? this.#ids.idAt(number) : (this.#missing[-1 - number] as { id: RecordId }).id;
  }

  kindAt(number: number): string {
    return this.#kinds[this.#arrays.kind[number] as number] as string;
  }

  digestAt(number: number): Digest {
    const at = number * digestBytes;
    return `${algorithm}${bufferOf(this.#arrays.digest).toString("hex", at, at + digestBytes)}`;
  }

  /** Whether a link names the digest under which its target is held; undefined sense for a missing target. */
  isMatched(link: number): boolean {
    return !this.#unmatched.has(link);
  }

  /** The name of a link's relation. */
  relationAt(link: number): string {
    return this.#relations[this.#arrays.relation[link] as number] as string;
  }

  edgeAt(link: number): Edge {
    const { owner, target, start } = this.#arrays;
    const from = owner[link] as number;
    const to = target[link] as number;
    return {
      from: this.idAt(from),
      rel: this.relationAt(link),
      to: this.idAt(to),
      digest: this.#unmatched.get(link) ?? this.digestAt(to),
      index: link - (start[from] as number),
    };
  }

  /** The numbers of relations by their names. */
  relationCodes(names: readonly string[]): ReadonlySet<number> {
    return new Set(names.map((name) => this.#relations.indexOf(name)).filter((number) => number >= 0));
  }

  #link(from: number, edge: Edge): void {
    const arrays = this.#arrays;
    const link = this.#links;
    arrays.target = roomy(arrays.target, link + 1);
    arrays.relation = roomy(arrays.relation, link + 1);
    arrays.owner = roomy(arrays.owner, link + 1);
    arrays.nextIn = roomy(arrays.nextIn, link + 1);
    arrays.relation[link] = code(this.#relations, edge.rel);
    arrays.owner[link] = from;
    const to = this.#ids.find(edge.to);
    if (to >= 0) {
      arrays.target[link] = to;
      arrays.lastIn[to] = this.#append(link, arrays.lastIn[to] as number);
      if (!this.#hasDigest(to, edge.digest)) this.#unmatched.set(link, edge.digest);
    } else {
      let number = this.#missingNumbers.get(edge.to);
      if (number === undefined) {
        number = this.#missing.push({ id: edge.to, last: -1 }) - 1;
        this.#missingNumbers.set(edge.to, number);
      }
      const target = this.#missing[number] as MissingTarget;
      arrays.target[link] = -1 - number;
      target.last = this.#append(link, target.last);
      this.#unmatched.set(link, edge.digest);
    }
    this.#links += 1;
  }

  /** Puts a link behind the last one to its target, and returns it. */
  #append(link: number, last: number): number {
    const { nextIn } = this.#arrays;
    nextIn[link] = last < 0 ? link : (nextIn[last] as number);
    if (last >= 0) nextIn[last] = link;
    return link;
  }

  /** Lets the links that waited for a record lead to it. */
  #settle(id: RecordId, number: number, digest: Digest): void {
    const missing = this.#missingNumbers.get(id);
    if (missing === undefined) return;
    const target = this.#missing[missing] as MissingTarget;
    const arrays = this.#arrays;
    const { last } = target;
    arrays.lastIn[number] = last;
    let link = last;
    do {
      link = arrays.nextIn[link] as number;
      arrays.target[link] = number;
      if (this.#unmatched.get(link) === digest) this.#unmatched.delete(link);
    } while (link !== last);
    target.last = -1;
    this.#missingNumbers.delete(id);
  }

  #hasDigest(number: number, digest: Digest): boolean {
    if (!digest.startsWith(algorithm)) return false;
    scratch.write(digest.slice(algorithm.length), "hex");
    const at = number * digestBytes;
    return bufferOf(this.#arrays.digest).compare(scratch, 0, digestBytes, at, at + digestBytes) === 0;
  }
}

const scratch = Buffer.alloc(digestBytes);
let viewed: Uint8Array | undefined;
let view: Buffer = scratch;

/** A buffer on the same bytes; making one anew for each digest would cost more than reading it. */
function bufferOf(array: Uint8Array): Buffer {
  if (viewed !== array) {
    viewed = array;
    view = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  }
  return view;
}

function code(names: string[], name: string): number {
  const known = names.indexOf(name);
  if (known >= 0) return known;
  if (names.length === mostNames) throw new GraphLimitError();
  return names.push(name) - 1;
}

/** The store has more kinds or relations than the graph can number; whoever asks goes to the store. */
export class GraphLimitError extends Error {
  override readonly name: string = "GraphLimitError";
}
