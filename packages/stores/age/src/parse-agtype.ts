// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** Digits that a JavaScript number keeps whatever they are. */
const exactDigits = 15;
/** Deeper than any answer of sense, and far from the end of the stack. */
const maxDepth = 1_000;

const space = /[ \t\n\r]*/y;
// What JSON allows, and control characters, which AGE need not escape.
const string = /"(?:[^"\\]|\\.)*"/sy;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /-?Infinity|NaN|null|true|false/y;
const annotation = /::(numeric|vertex|edge|path|integer|float)/y;
const controls = /\p{Cc}/gu;

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["null", null],
  ["true", true],
  ["false", false],
]);

/**
 * Parses AGE's text of a value to plain JSON: vertices and edges as objects, a path as the array of both.
 *
 * What a JavaScript number cannot keep is the text of its digits: integers beyond 2⁵³, numerics of more than 15
 * digits, and `NaN`, `Infinity`, `-Infinity`.
 *
 * @throws RMTC_FORMAT_INVALID when the text is no value of AGE.
 */
export function parseAgtype(text: string): unknown {
  const reader = new AgtypeReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class AgtypeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    if (depth > maxDepth) this.#fail("nested too deep");
    this.#take(space);
    const value = this.#bare(depth);
    this.#take(space);
    return value;
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fail("unexpected text");
  }

  #bare(depth: number): unknown {
    const first = this.#text[this.#at];
    if (first === "{") return this.#annotated(this.#object(depth));
    if (first === "[") return this.#annotated(this.#array(depth));
    if (first === '"') return this.#annotated(this.#string());
    const name = this.#take(word);
    if (name !== undefined) return this.#annotated(words.has(name) ? words.get(name) : name);
    const digits = this.#take(number);
    if (digits === undefined) this.#fail("no value");
    return numberOf(digits, this.#take(annotation) === "::numeric");
  }

  #annotated<Value>(value: Value): Value {
    this.#take(annotation);
    return value;
  }

  #object(depth: number): unknown {
    const entries: [string, unknown][] = [];
    this.#list("}", () => {
      this.#take(space);
      const key = this.#string();
      this.#take(space);
      this.#expect(":");
      entries.push([key, this.value(depth + 1)]);
    });
    return Object.fromEntries(entries);
  }

  #array(depth: number): unknown {
    const values: unknown[] = [];
    this.#list("]", () => values.push(this.value(depth + 1)));
    return values;
  }

  /** Reads what stands between an opening bracket and its closing one, item by item. */
  #list(closing: string, item: () => void): void {
    this.#at += 1;
    this.#take(space);
    if (this.#text[this.#at] === closing) {
      this.#at += 1;
      return;
    }
    for (;;) {
      item();
      this.#take(space);
      if (this.#text[this.#at] === closing) break;
      this.#expect(",");
    }
    this.#at += 1;
  }

  #string(): string {
    const literal = this.#take(string);
    if (literal === undefined) this.#fail("no text");
    try {
      return JSON.parse(literal.replace(controls, escapeControl)) as string;
    } catch {
      return this.#fail("a text with a wrong escape");
    }
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) this.#fail(`no ${character}`);
    this.#at += 1;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0];
    this.#at += taken?.length ?? 0;
    return taken;
  }

  #fail(what: string): never {
    throw new RmtcError(
      "RMTC_FORMAT_INVALID",
      `The server's answer is no value of AGE: ${what} at character ${this.#at + 1}.`,
    );
  }
}

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function numberOf(digits: string, isNumeric: boolean): number | string {
  const value = Number(digits);
  if (/^-?[0-9]+$/.test(digits)) return Number.isSafeInteger(value) ? value : digits;
  if (!isNumeric) return value;
  const significant = digits
    .replace(/[eE].*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+/, "");
  return significant.length <= exactDigits && Number.isFinite(value) ? value : digits;
}
