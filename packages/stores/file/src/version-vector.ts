// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** What is known of one writer's entries. */
interface Known {
  /** Every number below is known. */
  below: number;
  /** The essences of all entries below, mixed by XOR: the order does not matter. */
  mix: bigint;
  /** Numbers above that are known all the same, with the mix of their essences. */
  readonly above: Map<number, bigint>;
}

/** More numbers out of order than anyone would wait for. */
const maxAbove = 64;

/**
 * Which entries of which writers are known: a short text, however many there are, that means the same in every
 * copy of a folder and whatever index was made of it.
 */
export class VersionVector {
  readonly #writers = new Map<string, Known>();

  /** @throws SyntaxError or TypeError when the text is none. */
  static parse(text: string): VersionVector {
    const vector = new VersionVector();
    for (const [writer, below, mix, ...above] of JSON.parse(text) as [
      string,
      number,
      string,
      ...string[],
    ][]) {
      const pairs = above.map((one) => one.split(":") as [string, string]);
      vector.#writers.set(writer, {
        below,
        mix: BigInt(`0x${mix}`),
        above: new Map(pairs.map(([number, essence]) => [Number(number), BigInt(`0x${essence}`)])),
      });
    }
    return vector;
  }

  toString(): string {
    const writers = [...this.#writers].sort(([a], [b]) => (a < b ? -1 : 1));
    const rows = writers.map(([writer, { below, mix, above }]) => {
      const numbers = [...above].sort(([a], [b]) => a - b).slice(0, maxAbove);
      return [
        writer,
        below,
        mix.toString(16),
        ...numbers.map(([n, essence]) => `${n}:${essence.toString(16)}`),
      ];
    });
    return JSON.stringify(rows);
  }

  add(writer: string, number: number, essence: string): void {
    const known = this.#of(writer);
    const bits = BigInt(`0x${essence}`);
    if (number < known.below) {
      known.mix ^= bits;
      return;
    }
    known.above.set(number, (known.above.get(number) ?? 0n) ^ bits);
    for (let next = known.above.get(known.below); next !== undefined; next = known.above.get(known.below)) {
      known.mix ^= next;
      known.above.delete(known.below);
      known.below += 1;
    }
  }

  /** The part of this vector that concerns one writer, to be kept with its entries. */
  row(writer: string): string {
    const one = new VersionVector();
    one.#writers.set(writer, this.#of(writer));
    return one.toString();
  }

  /** Takes over rows that {@link row} wrote. */
  join(row: string): void {
    for (const [writer, known] of VersionVector.parse(row).#writers) this.#writers.set(writer, known);
  }

  /**
   * Makes a test of whether entries lie inside this vector, once all of them were shown to `look`: where a folder
   * was forked, the same number can be another entry, and then nothing of its writer below counts as known.
   */
  examine(): {
    readonly look: (writer: string, number: number, essence: string) => void;
    readonly holds: (writer: string, number: number, essence: string) => boolean;
  } {
    const mixes = new Map<string, bigint>();
    return {
      look: (writer, number, essence) => {
        if (number >= (this.#writers.get(writer)?.below ?? 0)) return;
        mixes.set(writer, (mixes.get(writer) ?? 0n) ^ BigInt(`0x${essence}`));
      },
      holds: (writer, number, essence) => {
        const known = this.#writers.get(writer);
        if (known === undefined) return false;
        if (number < known.below) return mixes.get(writer) === known.mix;
        return known.above.get(number) === BigInt(`0x${essence}`);
      },
    };
  }

  #of(writer: string): Known {
    let known = this.#writers.get(writer);
    if (known === undefined) {
      known = { below: 0, mix: 0n, above: new Map() };
      this.#writers.set(writer, known);
    }
    return known;
  }
}
