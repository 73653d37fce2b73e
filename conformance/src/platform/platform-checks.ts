// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** One thing that is looked at in an edition of the AI platform, with the demand that it holds. */
export interface PlatformCheck {
  /** `platform.behaviour`, never reused for another behaviour. */
  readonly id: string;
  readonly level: "must";
  /** File and anchor of the sentence in the standard. */
  readonly spec: string;
  /** The behaviour in the present tense. */
  readonly title: string;
}

/** Everything that a run over an edition looks at. */
export const platformChecks: readonly PlatformCheck[] = (
  [
    [
      "shape",
      "plt-001",
      "has years that match their schema: each row has a source or says that it is unverified",
    ],
    ["inherited", "plt-004", "repeats no row that it inherits, and inherits from a year that there is"],
    ["rules", "plt-005", "has no rows that contradict a rule"],
    ["final", "plt-007", "has no unverified row in a year that is final"],
  ] as const
).map(([name, anchor, title]) => ({
  id: `platform.${name}`,
  level: "must",
  spec: `platform.md#rmtc-${anchor}`,
  title,
}));
