// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Collects the parameters of one statement, and gives each its place in the text. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** Adds a value and returns how the text names it, with its type where the server cannot know it. */
  add(value: unknown, type?: string): string {
    this.values.push(value);
    return `$${this.values.length}${type === undefined ? "" : `::${type}`}`;
  }
}
