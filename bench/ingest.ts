// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawnSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FsBlobStore } from "@rmtc/blob-fs";
import type { PutFileMode, PutFileResult } from "@rmtc/contract";
import { type Measurement, median } from "./measurement.ts";

const GIB = 1024 ** 3;
const LARGE_BYTES = 2 * GIB;
const SMALL_FILES = 5000;
const SMALL_BYTES = 20 * 1024;
const REPETITIONS = 3;

/** Taking files into a blob store in a folder, durably, against `openssl` and `cp`, which sync nothing. */
export async function measure(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-bench-ingest-"));
  try {
    return [...(await measureLarge(folder)), ...(await measureSmall(folder))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** One file of 2 GiB, with one thread. */
async function measureLarge(folder: string): Promise<readonly Measurement[]> {
  const path = join(folder, "plate.mov");
  await writeLarge(path);
  run("openssl", ["dgst", "-sha256", path]);
  const rates: Record<string, number[]> = { registered: [], stored: [], openssl: [], cp: [] };
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const store = join(folder, `store-${repetition}`);
    const copy = join(folder, "copy");
    const hashSeconds = await seconds(async () => run("openssl", ["dgst", "-sha256", path]));
    rates.openssl?.push(LARGE_BYTES / hashSeconds);
    rates.registered?.push(LARGE_BYTES / (await put(`${store}-r`, [path], "reference", 1)).seconds);
    const copySeconds = await seconds(async () => run("cp", [path, copy]));
    rates.cp?.push(LARGE_BYTES / (hashSeconds + copySeconds));
    await rm(copy);
    run("sync", []);
    rates.stored?.push(LARGE_BYTES / (await put(store, [path], "copy", 1)).seconds);
    for (const used of [store, `${store}-r`]) await rm(used, { recursive: true });
    run("sync", []);
  }
  await rm(path);
  const openssl = median(rates.openssl ?? []) / GIB;
  const cp = median(rates.cp ?? []) / GIB;
  const registered = median(rates.registered ?? []) / GIB;
  const stored = median(rates.stored ?? []) / GIB;
  const common = { bench: "ingest", unit: "GiB/s", budget: 0.9, better: "higher" } as const;
  return [
    {
      ...common,
      case: "2 GiB registered in place, one thread",
      ours: registered,
      peer: openssl,
      peerName: "openssl dgst -sha256",
      ratio: registered / openssl,
    },
    {
      ...common,
      case: "2 GiB stored as a copy, one thread",
      ours: stored,
      peer: cp,
      peerName: "cp + openssl",
      ratio: stored / cp,
    },
  ];
}

/** A sequence of small files, with as many threads as the store takes by itself. */
async function measureSmall(folder: string): Promise<readonly Measurement[]> {
  const rates: Record<string, number[]> = { copy: [], reference: [], again: [] };
  let hashedAgain = 0;
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const source = join(folder, `plates-${repetition}`);
    const paths = await writeSmall(source);
    const store = join(folder, `store-${repetition}`);
    for (const mode of ["reference", "copy"] as const) {
      run("sync", []);
      const { seconds: time } = await put(`${store}-${mode}`, paths, mode);
      rates[mode]?.push(SMALL_FILES / time);
    }
    const again = await put(`${store}-copy`, paths, "copy");
    rates.again?.push(SMALL_FILES / again.seconds);
    hashedAgain += again.results.filter(({ hashed }) => hashed).length;
    for (const used of [source, `${store}-copy`, `${store}-reference`]) await rm(used, { recursive: true });
  }
  const common = { bench: "ingest", unit: "files/s", better: "higher" } as const;
  return [
    { ...common, case: "20 KB files stored as copies", ours: median(rates.copy ?? []), budget: 5000 },
    { ...common, case: "20 KB files registered in place", ours: median(rates.reference ?? []), budget: 5000 },
    { ...common, case: "20 KB files again, unchanged", ours: median(rates.again ?? []) },
    {
      bench: "ingest",
      case: "unchanged files that were hashed again",
      unit: "files",
      ours: hashedAgain,
      budget: 0,
      better: "lower",
    },
  ];
}

async function put(
  path: string,
  files: readonly string[],
  mode: PutFileMode,
  threads?: number,
): Promise<{ readonly seconds: number; readonly results: readonly PutFileResult[] }> {
  await using store = await FsBlobStore.open({ path, threads });
  // A store that is in use has its threads already.
  await store.status([]);
  let results: readonly PutFileResult[] = [];
  const time = await seconds(async () => {
    results = await store.putFiles({ mode, files: files.map((file) => ({ path: file })) });
  });
  return { seconds: time, results };
}

async function writeLarge(path: string): Promise<void> {
  const chunk = randomFillSync(Buffer.allocUnsafe(64 * 1024 * 1024));
  await using file = await open(path, "wx");
  for (let written = 0; written < LARGE_BYTES; written += chunk.byteLength) await file.write(chunk);
  await file.sync();
}

async function writeSmall(source: string): Promise<readonly string[]> {
  await mkdir(source);
  const bytes = randomFillSync(Buffer.allocUnsafe(SMALL_BYTES));
  const paths: string[] = [];
  for (let number = 0; number < SMALL_FILES; number += 1) {
    bytes.writeUInt32LE(number);
    const path = join(source, `plate.${String(number).padStart(4, "0")}.png`);
    await writeFile(path, bytes);
    paths.push(path);
  }
  return paths;
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: "ignore" });
  if (error !== undefined || status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed.`, { cause: error });
}
