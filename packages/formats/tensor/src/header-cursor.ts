// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/**
 * Reads the small part of JSON that a safetensors header uses, strictly: no value that the header's grammar
 * does not expect, so no nesting to run away with, and each string checked as I-JSON asks.
 */
export class HeaderCursor {
  readonly #text: string;
  #at = 0;
  /** Where the next backslash is, so that looking for one costs a single pass over the text. */
  #backslash: number;

  constructor(text: string) {
    this.#text = text;
    this.#backslash = text.indexOf("\\");
  }

  /** Passes `mark` if it comes next, and tells whether it did. */
  accept(mark: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  /** Passes `mark`. @throws RMTC_FORMAT_INVALID when something else comes next. */
  expect(mark: string): void {
    if (!this.accept(mark)) throw this.#unexpected(`"${mark}"`);
  }

  /** Passes trailing spaces. @throws RMTC_FORMAT_INVALID when anything else is left. */
  end(): void {
    this.#skipSpace();
    if (this.#at !== this.#text.length) throw this.#unexpected("the end");
  }

  /** Reads a string. @throws RMTC_FORMAT_INVALID when none comes next, or it is not well formed. */
  string(): string {
    this.expect('"');
    const start = this.#at;
    if (this.#backslash >= 0 && this.#backslash < start) this.#backslash = this.#text.indexOf("\\", start);
    let end = this.#text.indexOf('"', start);
    const escaped = this.#backslash >= 0 && this.#backslash < end;
    if (escaped) end = this.#endOfEscaped(start);
    if (end < 0) throw this.#unexpected("the end of a string");
    this.#at = end + 1;
    const raw = this.#text.slice(start, end);
    const value = escaped ? this.#unescape(raw) : raw;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside a string.
    if (/[\u0000-\u001f]/.test(raw) || !value.isWellFormed()) throw this.#unexpected("a well-formed string");
    return value;
  }

  /** Reads an unsigned integer. @throws RMTC_FORMAT_INVALID when none comes next, or it is above 2⁵³ − 1. */
  integer(): number {
    this.#skipSpace();
    const start = this.#at;
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++;
    const digits = this.#text.slice(start, Math.min(this.#at, start + 17));
    const value = Number(digits);
    if (!/^(0|[1-9]\d{0,15})$/.test(digits) || !Number.isSafeInteger(value)) {
      this.#at = start;
      throw this.#unexpected("an unsigned integer");
    }
    return value;
  }

  /** Reads `[a, b, …]` of unsigned integers. */
  integers(): number[] {
    this.expect("[");
    const values: number[] = [];
    if (this.accept("]")) return values;
    do values.push(this.integer());
    while (this.accept(","));
    this.expect("]");
    return values;
  }

  /** Reads `{"key": …}`, handing each key to `member`, which reads its value. */
  *members(member: (key: string) => void): Generator<void, void> {
    this.expect("{");
    if (this.accept("}")) return;
    const seen = new Set<string>();
    do {
      const key = this.string();
      if (seen.has(key)) {
        throw new RmtcError(
          "RMTC_FORMAT_INVALID",
          `The safetensors header has the key "${key.slice(0, 100)}" twice.`,
        );
      }
      seen.add(key);
      this.expect(":");
      member(key);
      yield;
    } while (this.accept(","));
    this.expect("}");
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #endOfEscaped(start: number): number {
    let at = start;
    while (at < this.#text.length) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x22) return at;
      at += code === 0x5c ? 2 : 1;
    }
    return -1;
  }

  #unescape(raw: string): string {
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      throw this.#unexpected("a well-formed string");
    }
  }

  #unexpected(wanted: string): RmtcError {
    const message = `The safetensors header is not as expected at character ${this.#at}, where ${wanted} belongs.`;
    return new RmtcError("RMTC_FORMAT_INVALID", message);
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
