// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * The year of the AI platform that an extension targets, so that it can stand beside what else is built for it.
 *
 * @see spec/draft/platform.md
 */
export interface PlatformTarget {
  /** A year of the addendum, such as `CY2027`. */
  readonly year: string;
  /**
   * The versions of the year's components, inherited ones included, that the extension shares with whoever uses it:
   * what it has to be installed beside, and the formats of the files it exchanges. What it keeps to itself is not here.
   */
  readonly needs: Readonly<Record<string, string>>;
}
