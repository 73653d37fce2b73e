// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { styleText } from "node:util";
import { keepsBudget, type Measurement } from "./measurement.ts";

/** A benchmark's module, and whether it takes less than a minute. */
interface Bench {
  readonly load: () => Promise<{ readonly measure: () => Promise<readonly Measurement[]> }>;
  readonly quick: boolean;
}

const benches: Readonly<Record<string, Bench>> = {
  ingest: { load: () => import("./ingest.ts"), quick: true },
  stores: { load: () => import("./stores.ts"), quick: true },
  segment: { load: () => import("./segment.ts"), quick: true },
  tensor: { load: () => import("./tensor.ts"), quick: true },
  exr: { load: () => import("./exr.ts"), quick: true },
  training: { load: () => import("./training.ts"), quick: true },
  inference: { load: () => import("./inference.ts"), quick: true },
  wire: { load: () => import("./wire.ts"), quick: true },
  cli: { load: () => import("./cli.ts"), quick: true },
  postgres: { load: () => import("./postgres.ts"), quick: false },
  graph: { load: () => import("./graph.ts"), quick: false },
  million: { load: () => import("./million.ts"), quick: false },
};

const args = process.argv.slice(2);
const asJson = args.includes("--json");
const names = args.filter((arg) => !arg.startsWith("--"));
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) {
  if (names.length === 0 ? !bench.quick : !names.includes(name)) continue;
  const { measure } = await bench.load();
  const measurements = await measure();
  for (const measurement of measurements) {
    if (!asJson && measurement.detail === true && keepsBudget(measurement) !== false) continue;
    console.log(asJson ? JSON.stringify(measurement) : formatMeasurement(measurement));
  }
}

function formatMeasurement(measurement: Measurement): string {
  const { bench, unit, ours, peer, peerName, budget, better } = measurement;
  const kept = keepsBudget(measurement);
  const ratio = measurement.ratio ?? (peer === undefined ? undefined : ours / peer);
  const against = peer === undefined ? "" : `, ${peerName ?? "peer"} ${number(peer)}: ${ratio?.toFixed(2)} ×`;
  const wanted = budget === undefined ? "" : ` (${better === "higher" ? "≥" : "≤"} ${number(budget)})`;
  const mark = kept === undefined ? " " : kept ? styleText("green", "✔") : styleText("red", "✘");
  return `${mark} ${bench.padEnd(10)} ${measurement.case.padEnd(44)} ${number(ours)} ${unit}${against}${wanted}`;
}

function number(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
