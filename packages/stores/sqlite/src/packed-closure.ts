// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ClosurePage, Direction, LinkGap, ReachedRecord } from "@rmtc/contract";
import type { Digest, RecordId } from "@rmtc/spec";
import { digestFromHex, idFromHex } from "./identity.ts";

/**
 * A page of a closure as it crosses from the thread: in columns, because cloning an object per record costs
 * more than walking to it.
 */
export interface PackedClosurePage {
  /** For each record the 32 hexadecimal digits of its id and the 64 of its digest. */
  readonly identities: string;
  readonly kinds: Int32Array;
  readonly kindNames: ReadonlyMap<number, string>;
  /** The zero-based place in the whole closure of the record it was reached from; -1 for a root. */
  readonly parents: Int32Array;
  readonly depths: Int32Array;
  readonly relations: Int32Array;
  readonly relationNames: ReadonlyMap<number, string>;
  readonly places: Int32Array;
  readonly gaps: readonly LinkGap[];
  readonly asOf: string;
}

const idDigits = 32;
const identityDigits = 96;

interface Identity {
  readonly id: RecordId;
  readonly digest: Digest;
}

/** What is kept of a page that later records may have been reached from: one string, not an object per record. */
interface ReachedPage {
  /** The place of its first record in the whole closure, and of the first one behind it. */
  readonly start: number;
  readonly end: number;
  readonly identities: string;
}

/** Restores the pages of one closure, in their order. */
export class ClosureUnpacker {
  readonly #direction: Direction;
  #pages: ReachedPage[] = [];
  #reached = 0;
  /** The parent that was asked for last: its children come one after the other. */
  #parent: Identity | undefined;
  #parentOrdinal = -1;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  unpack(packed: PackedClosurePage): ClosurePage {
    const { identities, kinds, parents, depths, relations, places } = packed;
    const records: ReachedRecord[] = [];
    this.#pages.push({ start: this.#reached, end: this.#reached + kinds.length, identities });
    this.#reached += kinds.length;
    for (let index = 0; index < kinds.length; index++) {
      const { id, digest } = identityAt(identities, index);
      const kind = packed.kindNames.get(kinds[index] as number) ?? "";
      const depth = depths[index] as number;
      if (depth === 0) {
        records.push({ id, kind, digest, depth });
        continue;
      }
      const parent = this.#parentAt(parents[index] as number);
      const rel = packed.relationNames.get(relations[index] as number) ?? "";
      const place = places[index] as number;
      const via =
        this.#direction === "upstream"
          ? { from: parent.id, rel, to: id, digest, index: place }
          : { from: id, rel, to: parent.id, digest: parent.digest, index: place };
      records.push({ id, kind, digest, depth, via });
    }
    return { records, gaps: packed.gaps, asOf: packed.asOf };
  }

  /** Parents never fall from one record to the next, so pages before a parent's are not needed again. */
  #parentAt(ordinal: number): Identity {
    if (this.#parent !== undefined && ordinal === this.#parentOrdinal) return this.#parent;
    for (let page = this.#pages[0]; page !== undefined; page = this.#pages[0]) {
      if (ordinal < page.end) {
        this.#parentOrdinal = ordinal;
        this.#parent = identityAt(page.identities, ordinal - page.start);
        return this.#parent;
      }
      this.#pages.shift();
    }
    throw new RangeError(`Record ${ordinal} of a closure came before the one it was reached from.`);
  }
}

function identityAt(identities: string, index: number): Identity {
  const at = index * identityDigits;
  const id = idFromHex(identities.slice(at, at + idDigits));
  return { id, digest: digestFromHex(identities.slice(at + idDigits, at + identityDigits)) };
}
