// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { MetricValue } from "@rmtc/contract";
import { HistoryHasher } from "../../src/index.ts";
import { outcome, type VectorFile } from "./vector-file.ts";

type Point = readonly [key: string, step: number, value: MetricValue];

const histories: readonly (readonly [string, readonly Point[]])[] = [
  ["hashes no points as no bytes", []],
  [
    "hashes one line per point",
    [
      ["loss", 0, 1],
      ["loss", 1, 0.5],
      ["loss", 10, 1e-7],
    ],
  ],
  [
    "keeps two points of one step in order of arrival",
    [
      ["loss", 3, 0.25],
      ["loss", 3, 0.125],
    ],
  ],
  [
    "writes large values as ECMAScript does",
    [
      ["loss", 1, 3.2e17],
      ["loss", 2, 2 ** 60],
      ["loss", 3, 1e300],
    ],
  ],
  [
    "writes values that are not finite in words",
    [
      ["loss", 1, "NaN"],
      ["loss", 2, "Infinity"],
      ["loss", 3, "-Infinity"],
    ],
  ],
  [
    "orders keys by UTF-8 bytes, not by UTF-16 code units",
    [
      ["a", 0, 1],
      ["é", 0, 1],
      ["\ufb33", 0, 1],
      ["😀", 0, 1],
    ],
  ],
  [
    "refuses keys out of order",
    [
      ["loss", 0, 1],
      ["iou", 0, 1],
    ],
  ],
  [
    "refuses steps out of order",
    [
      ["loss", 2, 1],
      ["loss", 1, 1],
    ],
  ],
  ["refuses a negative step", [["loss", -1, 1]]],
  ["refuses another word as a value", [["loss", 1, "nan" as MetricValue]]],
];

/** Metric points that count, and the digest of their history. */
export function historyVectors(): VectorFile {
  return {
    description:
      "Counting points as `[key, step, value]`, in the order in which they are hashed, and the digest over them; or the code of the refusal, and a pointer into the list of points: `/2/step` is the step of the third. RMTC-PRV-020, RMTC-PRV-022, RMTC-PRV-023.",
    tests: histories.map(([description, points]) => ({
      description,
      points,
      ...outcome(() => {
        const hasher = new HistoryHasher();
        for (const [key, step, value] of points) hasher.add({ key, step, value });
        return { digest: hasher.digest() };
      }),
    })),
  };
}
