// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomInt } from "node:crypto";
import type { RecordId } from "@rmtc/spec";

const prefix = "urn:uuid:";
const empty = 0xffffffff;
/** Slots of a section that may be taken; above, it doubles. */
const highestLoad = 0.7;
/** Sections double one by one, so that no turn has to move a million numbers. */
const sectionCount = 64;
const firstSlots = 8;

/** Every number of 16 bits as four hexadecimal digits. */
const fourDigits: readonly string[] = Array.from({ length: 0x10000 }, (_, value) =>
  value.toString(16).padStart(4, "0"),
);

/** Ids in the order in which they were added, 16 bytes each, and a table that finds their numbers. */
export class IdTable {
  /** Four words for each id. */
  words: Uint32Array;
  /** By the lowest bits of the hash: the numbers of ids, or an empty slot, with open addressing and linear probing. */
  readonly sections: Uint32Array[];
  /** How many ids are in each section. */
  readonly #taken: Uint32Array;
  /** Mixed into every hash, so that nobody can make ids that collide. */
  readonly seed: number;
  count: number;

  constructor(from?: Pick<IdTable, "words" | "sections" | "seed" | "count">) {
    this.words = from?.words ?? new Uint32Array(4 * 64);
    this.sections =
      from?.sections ?? Array.from({ length: sectionCount }, () => new Uint32Array(firstSlots).fill(empty));
    this.#taken = Uint32Array.from(this.sections, (section) =>
      section.reduce((sum, number) => sum + Number(number !== empty), 0),
    );
    this.seed = from?.seed ?? randomInt(2 ** 32);
    this.count = from?.count ?? 0;
  }

  /** The number of an id, or -1. */
  find(id: RecordId): number {
    const word = parse(id);
    if (word === undefined) return -1;
    const hash = this.#hash(word);
    const section = this.sections[hash % sectionCount] as Uint32Array;
    const number = section[this.#slotOf(section, hash, word)] as number;
    return number === empty ? -1 : number;
  }

  /** Adds an id that is not there, and returns its number. */
  add(id: RecordId): number {
    const word = parse(id);
    if (word === undefined) throw new RangeError(`"${id}" is no id of a record.`);
    this.words = roomy(this.words, (this.count + 1) * 4);
    const number = this.count;
    this.words.set(word, 4 * number);
    const hash = this.#hash(word);
    const place = hash % sectionCount;
    const taken = (this.#taken[place] as number) + 1;
    this.#taken[place] = taken;
    if (taken > (this.sections[place] as Uint32Array).length * highestLoad) this.#double(place);
    const section = this.sections[place] as Uint32Array;
    section[this.#slotOf(section, hash, word)] = number;
    this.count += 1;
    return number;
  }

  /** Writes an id by its number. */
  idAt(number: number): RecordId {
    const at = 4 * number;
    const half = (word: number, high: boolean): string =>
      fourDigits[
        high ? (this.words[at + word] as number) >>> 16 : (this.words[at + word] as number) & 0xffff
      ] as string;
    return `${prefix}${half(0, true)}${half(0, false)}-${half(1, true)}-${half(1, false)}-${half(2, true)}-${half(2, false)}${half(3, true)}${half(3, false)}`;
  }

  /** Gives back what is reserved for growing. */
  trim(): void {
    this.words = this.words.slice(0, 4 * this.count);
  }

  get bytes(): number {
    return this.sections.reduce((sum, section) => sum + section.byteLength, this.words.byteLength);
  }

  /** The slot that holds an id, or the empty one where it would go. */
  #slotOf(section: Uint32Array, hash: number, word: Uint32Array): number {
    const mask = section.length - 1;
    for (let slot = Math.floor(hash / sectionCount) & mask; ; slot = (slot + 1) & mask) {
      const number = section[slot] as number;
      if (number === empty || isAt(this.words, 4 * number, word)) return slot;
    }
  }

  /** The mixing steps of MurmurHash3 for 32 bits, by Austin Appleby, who put them into the public domain. */
  #hash(word: Uint32Array): number {
    let hash = this.seed;
    for (let index = 0; index < 4; index += 1) {
      let part = Math.imul(word[index] as number, 0xcc9e2d51);
      part = (part << 15) | (part >>> 17);
      hash ^= Math.imul(part, 0x1b873593);
      hash = (hash << 13) | (hash >>> 19);
      hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #double(place: number): void {
    const old = this.sections[place] as Uint32Array;
    const section = new Uint32Array(2 * old.length).fill(empty);
    const word = new Uint32Array(4);
    for (const number of old) {
      if (number === empty) continue;
      word.set(this.words.subarray(4 * number, 4 * number + 4));
      section[this.#slotOf(section, this.#hash(word), word)] = number;
    }
    this.sections[place] = section;
  }
}

/** Returns the array, or where it has no `needed` elements a copy with an eighth more than that. */
export function roomy<T extends Uint8Array | Uint32Array | Int32Array>(array: T, needed: number): T {
  if (needed <= array.length) return array;
  const Constructor = array.constructor as new (length: number) => T;
  const larger = new Constructor(Math.ceil(needed * 1.125) + 64);
  larger.set(array);
  return larger;
}

function isAt(words: Uint32Array, at: number, word: Uint32Array): boolean {
  return (
    words[at] === word[0] &&
    words[at + 1] === word[1] &&
    words[at + 2] === word[2] &&
    words[at + 3] === word[3]
  );
}

const parsed = new Uint32Array(4);

/** Reads the 32 digits of an id into one array that is used again, or `undefined` for what is none. */
function parse(id: RecordId): Uint32Array | undefined {
  if (id.length !== 45 || !id.startsWith(prefix)) return undefined;
  let digits = 0;
  for (let index = prefix.length; index < 45; index += 1) {
    const code = id.charCodeAt(index);
    if (code === 45) continue;
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0 || digits === 32) return undefined;
    const word = digits >> 3;
    parsed[word] = ((parsed[word] as number) << 4) | digit;
    digits += 1;
  }
  return digits === 32 ? parsed : undefined;
}
