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

interface UnpackedPage {
  readonly start: number;
  readonly records: readonly { readonly id: RecordId; readonly digest: Digest }[];
}

/** Restores the pages of one closure, in their order. */
export class ClosureUnpacker {
  readonly #direction: Direction;
  /** Pages that later records may have been reached from. */
  #pages: UnpackedPage[] = [];
  #reached = 0;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  unpack(packed: PackedClosurePage): ClosurePage {
    const { identities, kinds, parents, depths, relations, places } = packed;
    const records: ReachedRecord[] = [];
    const page: UnpackedPage = { start: this.#reached, records };
    this.#pages.push(page);
    for (let index = 0; index < kinds.length; index++) {
      const at = index * identityDigits;
      const id = idFromHex(identities.slice(at, at + idDigits));
      const digest = digestFromHex(identities.slice(at + idDigits, at + identityDigits));
      const kind = packed.kindNames.get(kinds[index] as number) ?? "";
      const depth = depths[index] as number;
      if (depth === 0) {
        records.push({ id, kind, digest, depth });
        continue;
      }
      const parent = this.#parent(parents[index] as number);
      const rel = packed.relationNames.get(relations[index] as number) ?? "";
      const place = places[index] as number;
      const via =
        this.#direction === "upstream"
          ? { from: parent.id, rel, to: id, digest, index: place }
          : { from: id, rel, to: parent.id, digest: parent.digest, index: place };
      records.push({ id, kind, digest, depth, via });
    }
    this.#reached += kinds.length;
    return { records, gaps: packed.gaps, asOf: packed.asOf };
  }

  /** Parents never fall from one record to the next, so pages before a parent's are not needed again. */
  #parent(ordinal: number): UnpackedPage["records"][number] {
    for (let page = this.#pages[0]; page !== undefined; page = this.#pages[0]) {
      const record = page.records[ordinal - page.start];
      if (record !== undefined) return record;
      this.#pages.shift();
    }
    throw new RangeError(`Record ${ordinal} of a closure came before the one it was reached from.`);
  }
}
