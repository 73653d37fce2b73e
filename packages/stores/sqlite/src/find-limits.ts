// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** What decides how a query is answered; the answer is the same whatever they are. */
export interface FindLimits {
  /** Records of a source that are read and sorted without trying anything else: a few milliseconds. */
  readonly sortedAtOnce: number;
  /**
   * Records of a source that are read and sorted rather than going through an order to its end: 0.2 µs for each
   * where they lie together, because a source's keys come in the order of the table, and 0.5 µs where they do not.
   */
  readonly sorted: number;
  /** The same where the filter's own index has the ids that results are ordered by, at 0.06 µs. */
  readonly sortedInIndex: number;
  /** The same where each record's parts must be read, at 5 µs. */
  readonly sortedByText: number;
  /** How long an order is gone through before a source is sorted instead. */
  readonly tryMilliseconds: number;
  /** Entries of an order's first window; each further one is twice as large. */
  readonly firstWindow: number;
  /** Entries of the largest window, which takes some 10 ms. */
  readonly largestWindow: number;
}

/** Measured with a million records, so that every first page comes within some 50 ms. */
export const findLimits: FindLimits = {
  sortedAtOnce: 5_000,
  sorted: 150_000,
  sortedInIndex: 600_000,
  sortedByText: 5_000,
  tryMilliseconds: 4,
  firstWindow: 128,
  largestWindow: 16_384,
};
