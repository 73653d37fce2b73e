// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { newRecordId } from "@rmtc/attest";
import type { RecordStore, RunStore } from "@rmtc/contract";
import { ExtensionHost } from "@rmtc/core";
import type { RecordId } from "@rmtc/spec";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { builtInExtensions } from "../../packages/apps/cli/src/defaults.ts";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { startAge } from "../../packages/stores/age/test/support/age-server.ts";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { startPostgres } from "../../packages/stores/postgres/test/support/postgres-server.ts";

/**
 * Kills a writer at random moments, again and again on one store, and prints what a second process finds: everything that
 * was acknowledged, and of every put all of its records or none.
 *
 *   node --conditions=@rmtc/source bench/kill-matrix/stores.ts [--kills <n>] [sqlite] [file] [postgres] [age]
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: "string", default: "200" } },
});
const kills = Number(values.kills);
const writer = fileURLToPath(new URL("store-writer.ts", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "rmtc-kill-stores-"));

/** A place for a store, and what has to be ended afterwards. */
interface Place {
  readonly url: string;
  readonly server?: AsyncDisposable;
}

const places: Readonly<Record<string, () => Promise<Place>>> = {
  sqlite: async () => ({ url: `sqlite:${join(folder, "catalog.db")}` }),
  file: async () => {
    process.env.XDG_CACHE_HOME = join(folder, "cache");
    await mkdir(process.env.XDG_CACHE_HOME);
    return { url: `file:${join(folder, "records")}` };
  },
  postgres: async () => {
    const server = await startPostgres();
    return { url: `${server.address}?host=${encodeURIComponent(server.host)}`, server };
  },
  age: async () => {
    const server = await startAge();
    const { address, host, schema, graph } = server.newPlace();
    return {
      url: `${address}?host=${encodeURIComponent(host ?? "")}&schema=${schema}&graph=${graph}`,
      server,
    };
  },
};

/** What a killed writer had said. */
interface Said {
  readonly puts: { readonly ids: readonly RecordId[]; acknowledged: boolean }[];
  attempt: number;
  lastStep: number;
}

let problems = 0;
for (const name of positionals.length > 0 ? positionals : Object.keys(places)) {
  const place = await places[name]?.();
  if (place === undefined) throw new RangeError(`There is no store ${name}.`);
  await using _server = place.server;
  const started = performance.now();
  const counts = { kept: 0, whole: 0, nothing: 0, problem: 0 };
  const run = newRecordId();
  await withStores(place.url, async (_, runs) => {
    await runs.openRun({ run });
  });
  for (let kill = 0; kill < kills; kill += 1) {
    const said = await killWriter(place.url, run);
    await withStores(place.url, async (records, runs) => {
      for (const { ids, acknowledged } of said.puts) {
        const held = (await records.get({ ids, parts: ["name"] })).records.filter(
          (one) => one !== null,
        ).length;
        if (held === ids.length) counts[acknowledged ? "kept" : "whole"] += 1;
        else if (held === 0 && !acknowledged) counts.nothing += 1;
        else
          counts.problem += problem(name, `${held} of ${ids.length} records, acknowledged: ${acknowledged}`);
      }
      const summary = (await runs.summarizeMetrics(run)).find(({ key }) => key === `a${said.attempt}`);
      if (said.lastStep >= 0 && (summary === undefined || summary.last.step < said.lastStep + 19))
        counts.problem += problem(
          name,
          `points up to ${said.lastStep + 19}, held up to ${summary?.last.step}`,
        );
      if (summary !== undefined && summary.count % 20 !== 0)
        counts.problem += problem(name, `${summary.count} points: half of a batch`);
    });
  }
  await withStores(place.url, async (records) => {
    for await (const { damages } of records.verify({}))
      for (const { message } of damages) counts.problem += problem(name, message);
  });
  problems += counts.problem;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${name}: ${kills} kills; ${counts.kept} acknowledged puts kept; of those under way ${counts.whole} whole, ${counts.nothing} not there; problems ${counts.problem} (${seconds} s)`,
  );
}
if (problems === 0) await rm(folder, { recursive: true });
else console.log(`The stores are kept in ${folder}.`);
process.exitCode = problems === 0 ? 0 : 1;

function problem(name: string, message: string): 1 {
  console.log(`${name}: ${message}`);
  return 1;
}

async function withStores(
  url: string,
  action: (records: RecordStore, runs: RunStore) => Promise<void>,
): Promise<void> {
  const host = new ExtensionHost(builtInExtensions, folder);
  await using records = (await host.open("recordStore", url)).instance;
  await using runs = (await host.open("runStore", url)).instance;
  await action(records, runs);
}

/** Starts a writer, kills it at a random moment of its work, and returns what it had said until then. */
async function killWriter(url: string, run: RecordId): Promise<Said> {
  const child = spawn(process.execPath, ["--conditions=@rmtc/source", writer, url, run], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: Said = { puts: [], attempt: 0, lastStep: -1 };
  const lines = createInterface(child.stdout);
  const closed = once(lines, "close");
  const begun = Promise.withResolvers<void>();
  lines.on("line", (line) => {
    const [word, ...rest] = line.split(" ");
    const last = said.puts.at(-1);
    if (word === "try") said.puts.push({ ids: rest, acknowledged: false });
    else if (word === "put" && last !== undefined) last.acknowledged = true;
    else if (word === "points") [said.attempt, said.lastStep] = [Number(rest[0]), Number(rest[1])];
    begun.resolve();
  });
  await Promise.race([begun.promise, closed]);
  await setTimeout(200 * Math.random());
  child.kill("SIGKILL");
  await closed;
  return said;
}
