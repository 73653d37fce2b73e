// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { fileURLToPath } from "node:url";
import type { Inferable, RunStore } from "@rmtc/contract";
import { runStore } from "@rmtc/store-memory";
import { Guest, openRole } from "@rmtc/wire";
import { type Measurement, median } from "./measurement.ts";
import { echoInferer } from "./wire/echo-extensions.ts";

const repetitions = 7;
const calls = 1_000;
const shape: readonly number[] = [1, 4, 1080, 1920];
const context = { baseFolder: import.meta.dirname };
const path = fileURLToPath(import.meta.url);

/** What it costs to have an extension in another process: calls, and a plate there and back. */
export async function measure(): Promise<readonly Measurement[]> {
  const command = [
    process.execPath,
    "--conditions=@rmtc/source",
    fileURLToPath(new URL("./wire/serve-echo.ts", import.meta.url)),
  ];
  await using guest = await Guest.start({ command, folder: import.meta.dirname });
  const request = { path, mediaType: "application/octet-stream" };
  const remoteStore = await openRole(guest, "runStore", {}, context);
  const remoteNetwork = await (await openRole(guest, "inferer", {}, context)).open(request);
  const ownStore = await runStore.open({}, context);
  const ownNetwork = await (await echoInferer.open({}, context)).open(request);

  const megabytes = (shape.reduce((product, size) => product * size, 1) * 4) / 1e6;
  const rates = { oneByOne: [] as number[], together: [] as number[], own: [] as number[] };
  const bulk = { remote: [] as number[], copy: [] as number[] };
  const data = new Uint8Array(megabytes * 1e6).fill(63);
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    rates.oneByOne.push(calls / (await seconds(() => callOneByOne(remoteStore))));
    rates.together.push(calls / (await seconds(() => callTogether(remoteStore))));
    rates.own.push(calls / (await seconds(() => callOneByOne(ownStore))));
    bulk.remote.push(megabytes / (await seconds(() => runOnce(remoteNetwork, data))));
    bulk.copy.push(megabytes / (await seconds(() => runCopied(ownNetwork, data))));
  }
  const inProcess = "in process";
  return [
    line("calls over stdio, one after another", "calls/s", rates.oneByOne, rates.own, inProcess),
    line("calls over stdio, 64 at a time", "calls/s", rates.together, rates.own, inProcess),
    line(
      "1080p RGBA F32 there and back by file",
      "MB/s",
      bulk.remote,
      bulk.copy,
      "in process, copied there and back",
    ),
  ];
}

function line(
  name: string,
  unit: string,
  ours: readonly number[],
  peer: readonly number[],
  peerName: string,
): Measurement {
  return {
    bench: "wire",
    case: name,
    unit,
    ours: median(ours),
    peer: median(peer),
    peerName,
    ratio: median(ours) / median(peer),
    better: "higher",
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

async function callOneByOne(store: RunStore): Promise<void> {
  for (let call = 0; call < calls; call += 1) await store.pendingSeals();
}

async function callTogether(store: RunStore): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let call = 0; call < calls / 64; call += 1) await store.pendingSeals();
  };
  await Promise.all(Array.from({ length: 64 }, lane));
}

async function runOnce(network: Inferable, data: Uint8Array): Promise<Uint8Array | undefined> {
  const { outputs } = await network.run({ inputs: { x: { dtype: "F32", shape, data } } });
  return outputs.x?.data;
}

/** In process nothing is moved; two copies are what another process needs at least. */
async function runCopied(network: Inferable, data: Uint8Array): Promise<Uint8Array | undefined> {
  return (await runOnce(network, data.slice()))?.slice();
}
