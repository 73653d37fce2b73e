// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** A demand of the standard that no case can hold. */
export interface NotHeld {
  /** The demand's number, for example `RMTC-TRN-006`. */
  readonly id: string;
  /** Why nothing outside the implementation can show it. */
  readonly reason: string;
}

/** The demands of the texts of the roles that no case holds; the coverage table lists them with their reasons. */
export const notHeld: readonly NotHeld[] = [
  {
    id: "RMTC-STR-011",
    reason: "It compares machines, and a suite runs on one. The rules of `paired` are held exactly instead.",
  },
  {
    id: "RMTC-STR-031",
    reason: "It binds the host that writes the record of a run, not the strategy.",
  },
  {
    id: "RMTC-TRN-006",
    reason: "To see that nobody reaches a network takes the operating system, which a suite must not change.",
  },
  {
    id: "RMTC-INF-047",
    reason: "Slot files lie where the implementation likes, and a suite does not know what to look for.",
  },
  {
    id: "RMTC-CNV-009",
    reason: "Whether source and result can both be run depends on engines that a suite does not have.",
  },
  {
    id: "RMTC-CNV-016",
    reason: "It binds the host that records a conversion, not the converter.",
  },
  {
    id: "RMTC-ERR-001",
    reason: "Every case that expects a refusal asserts its code; the sentence by itself has no behaviour.",
  },
  {
    id: "RMTC-ERR-002",
    reason:
      "That a code is never given cannot be shown by calls; cases refuse codes other than the one named.",
  },
  {
    id: "RMTC-ERR-003",
    reason: "It compares versions of the standard.",
  },
];
