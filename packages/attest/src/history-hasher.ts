// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { type MetricPoint, RmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import { canonicalJson } from "./canonical-json.ts";

const flushLength = 65_536;
const notFinite: ReadonlySet<unknown> = new Set(["NaN", "Infinity", "-Infinity"]);

/**
 * Computes the digest of a run's metric history, point by point.
 *
 * The digest is SHA-256 over one line per counting point: the canonical JSON of `[key, step, value]` and a line
 * feed. Points come ordered by key (UTF-8 bytes), then step, then arrival; points of attempts that stopped
 * counting are left out by the caller.
 *
 * @see spec/draft/provenance.md#history
 */
export class HistoryHasher {
  readonly #hasher = createHash("sha256");
  #lines = "";
  #count = 0;
  #key: string | undefined;
  #keyJson = "";
  #step = 0;

  /** Points added so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds the next point.
   *
   * @throws RMTC_VALUE_INVALID, with a pointer into the list of points, when it is out of order, its step is not an integer from 0 on, or its value is
   * neither finite nor one of `"NaN"`, `"Infinity"` and `"-Infinity"`.
   */
  add({ key, step, value }: Pick<MetricPoint, "key" | "step" | "value">): void {
    if (!Number.isSafeInteger(step) || step < 0)
      throw this.#invalid("step", key, step, "the step is not an integer from 0 on");
    const valueJson = metricJson(value);
    if (valueJson === undefined) throw this.#invalid("value", key, step, `the value is ${value}`);
    if (key !== this.#key) this.#startKey(key, step);
    else if (step < this.#step) throw this.#invalid("step", key, step, `it comes after step ${this.#step}`);
    this.#step = step;
    this.#count++;
    this.#lines += `[${this.#keyJson},${step},${valueJson}]\n`;
    if (this.#lines.length >= flushLength) this.#flush();
  }

  /** Returns the digest over the points so far. */
  digest(): Digest {
    this.#flush();
    return `sha256:${this.#hasher.copy().digest("hex")}`;
  }

  #startKey(key: string, step: number): void {
    if (this.#key !== undefined && Buffer.compare(Buffer.from(this.#key), Buffer.from(key)) > 0) {
      throw this.#invalid("key", key, step, `it comes after the key ${this.#key}`);
    }
    this.#keyJson = canonicalJson(key, "/key");
    this.#key = key;
  }

  #invalid(field: string, key: string, step: number, reason: string): RmtcError {
    const message = `The metric point ${key} at step ${step} is refused: ${reason}.`;
    return new RmtcError("RMTC_VALUE_INVALID", message, {
      subject: key,
      pointer: `/${this.#count}/${field}`,
    });
  }

  #flush(): void {
    this.#hasher.update(this.#lines);
    this.#lines = "";
  }
}

/** Any finite double counts here, also one that could be an unsafe integer: a diverging loss is no integer. */
function metricJson(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  return notFinite.has(value) ? `"${value}"` : undefined;
}
