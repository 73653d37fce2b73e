// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isUtf8 } from "node:buffer";
import { RmtcError } from "@rmtc/contract";
import { maxJsonDepth, whyNotNumber, whyNotString } from "./i-json.ts";
import { jsonPointer } from "./json-pointer.ts";

/** What {@link parseJson} puts up with. */
export interface ParseJsonOptions {
  /** The most bytes of UTF-8; 64 MiB unless given. */
  readonly maxBytes?: number | undefined;
  /** The most containers that nest, counting the outermost; 64 unless given. */
  readonly maxDepth?: number | undefined;
}

const defaultMaxBytes = 64 * 1024 * 1024;
const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const spacePattern = /[ \t\n\r]*/y;
const quote = 0x22;
const backslash = 0x5c;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Reads I-JSON (RFC 7493) from a source that is not trusted.
 *
 * Unlike `JSON.parse` it refuses what another reader would read differently: keys that come twice, integers
 * beyond ±(2⁵³−1), lone surrogates, noncharacters, U+0000, and bytes that are not UTF-8. A key `__proto__` is
 * a key like any other.
 *
 * @throws RMTC_JSON_INVALID when the text is not I-JSON, or nests deeper than `maxDepth`.
 * @throws RMTC_LIMIT_EXCEEDED when there are more than `maxBytes`.
 */
export function parseJson(source: string | Uint8Array, options: ParseJsonOptions = {}): unknown {
  const { maxBytes = defaultMaxBytes, maxDepth = maxJsonDepth } = options;
  const sizeBytes = typeof source === "string" ? Buffer.byteLength(source) : source.length;
  if (sizeBytes > maxBytes) {
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `A JSON text has ${sizeBytes} bytes; at most ${maxBytes} are read.`,
    );
  }
  return new JsonReader(typeof source === "string" ? source : decode(source), maxDepth).read();
}

function decode(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new RmtcError("RMTC_JSON_INVALID", "A JSON text is not UTF-8.", { pointer: "" });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

/** Reads one text by recursive descent; the depth limit bounds the recursion. */
class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  /** The way to the value that is being read. */
  readonly #path: (string | number)[] = [];
  #position = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  read(): unknown {
    const value = this.#readValue();
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#refusal("something follows the value");
    return value;
  }

  #readValue(): unknown {
    this.#skipSpace();
    switch (this.#text[this.#position]) {
      case "{":
        return this.#readObject();
      case "[":
        return this.#readArray();
      case '"':
        return this.#readString();
      case "t":
        return this.#readWord("true", true);
      case "f":
        return this.#readWord("false", false);
      case "n":
        return this.#readWord("null", null);
      default:
        return this.#readNumber();
    }
  }

  #readObject(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#enter();
    if (this.#takes("}")) return object;
    do {
      this.#skipSpace();
      if (this.#text[this.#position] !== '"') throw this.#refusal("a key in quotes is missing");
      const key = this.#readString();
      if (Object.hasOwn(object, key)) throw this.#refusal(`the key "${key.slice(0, 64)}" comes twice`);
      if (!this.#takes(":")) throw this.#refusal("a colon is missing");
      this.#path.push(key);
      const value = this.#readValue();
      this.#path.pop();
      if (key === "__proto__") {
        Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
      } else {
        object[key] = value;
      }
    } while (this.#takes(","));
    if (!this.#takes("}")) throw this.#refusal("a comma or a closing brace is missing");
    return object;
  }

  #readArray(): unknown[] {
    const array: unknown[] = [];
    this.#enter();
    if (this.#takes("]")) return array;
    do {
      this.#path.push(array.length);
      array.push(this.#readValue());
      this.#path.pop();
    } while (this.#takes(","));
    if (!this.#takes("]")) throw this.#refusal("a comma or a closing bracket is missing");
    return array;
  }

  #readString(): string {
    let value = "";
    this.#position++;
    for (;;) {
      value += this.#takePlainText();
      const next = this.#text[this.#position++];
      if (next === '"') break;
      if (next !== "\\") throw this.#refusal("a string does not end, or holds a control character");
      value += this.#readEscape();
    }
    const reason = whyNotString(value);
    if (reason !== undefined) throw this.#refusal(`a string ${reason}`);
    return value;
  }

  #takePlainText(): string {
    const start = this.#position;
    for (
      let code = this.#codeHere();
      code >= 0x20 && code !== quote && code !== backslash;
      code = this.#codeHere()
    ) {
      this.#position++;
    }
    return this.#text.slice(start, this.#position);
  }

  /** The code unit at the position; NaN, which is above nothing, at the end. */
  #codeHere(): number {
    return this.#text.charCodeAt(this.#position);
  }

  #readEscape(): string {
    const letter = this.#text[this.#position++] ?? "";
    if (letter !== "u") {
      const character = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
      if (character === undefined) throw this.#refusal("a string holds an unknown escape");
      return character;
    }
    const digits = this.#text.slice(this.#position, this.#position + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#refusal("a \\u escape needs four hexadecimal digits");
    this.#position += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #readNumber(): number {
    const found = this.#match(numberPattern);
    if (found === null) throw this.#refusal("a value is missing");
    const value = Number(found[0]);
    const written = found[1] === undefined && found[2] === undefined;
    if (written && !Number.isSafeInteger(value)) throw this.#refusal("an integer is beyond ±(2^53-1)");
    const reason = whyNotNumber(value);
    if (reason !== undefined) throw this.#refusal(`a number ${reason}`);
    return value;
  }

  #readWord<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#position)) throw this.#refusal("a value is missing");
    this.#position += word.length;
    return value;
  }

  #enter(): void {
    if (this.#path.length >= this.#maxDepth) throw this.#refusal(`nests deeper than ${this.#maxDepth}`);
    this.#position++;
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #skipSpace(): void {
    if (this.#codeHere() <= 0x20) this.#match(spacePattern);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#position = pattern.lastIndex;
    return found;
  }

  #refusal(reason: string): RmtcError {
    const pointer = jsonPointer(this.#path);
    return new RmtcError(
      "RMTC_JSON_INVALID",
      `Not I-JSON at character ${this.#position}, in "${pointer}": ${reason.toWellFormed()}.`,
      { pointer },
    );
  }
}
