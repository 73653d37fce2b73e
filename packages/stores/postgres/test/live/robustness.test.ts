// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeRecord, newRecordId } from "@rmtc/attest";
import type { MetricPoint } from "@rmtc/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PostgresRecordStore, PostgresRunStore } from "../../src/index.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A process that puts batches, and the ids that were acknowledged to it. */
class Writer {
  readonly acknowledged: string[][] = [];
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcess;
  #told: () => void = () => undefined;

  constructor(address: string, batches: number) {
    const program = fileURLToPath(new URL("../fixtures/put-records.ts", import.meta.url));
    this.#child = spawn(
      process.execPath,
      ["--conditions=@rmtc/source", program, address, server.host, String(batches)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    // Not "exit": what it printed last is still on its way then.
    this.ended = once(this.#child, "close");
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.acknowledged.push(line.split(" "));
      this.#told();
    });
  }

  async printed(batches: number): Promise<void> {
    const early = this.ended.then(() => {
      if (this.acknowledged.length < batches) throw new Error("The writer ended before its time.");
    });
    while (this.acknowledged.length < batches) {
      const told = new Promise<void>((resolve) => {
        this.#told = resolve;
      });
      await Promise.race([told, early]);
    }
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}

async function expectWhole(address: string, acknowledged: readonly string[]): Promise<void> {
  await using store = await PostgresRecordStore.open({ address, host: server.host });
  const { records } = await store.get({ ids: acknowledged, parts: [] });
  expect(records.filter((record) => record === null)).toEqual([]);
  const { count } = await store.count({ where: [{ field: "tag", op: "eq", value: "batch" }] });
  expect(count % 20).toBe(0);
  for await (const { damages } of store.verify({})) expect(damages).toEqual([]);
  let changes = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await store.changes({ cursor, limit: 10_000 });
    changes += page.changes.length;
    cursor = page.cursor;
    if (page.changes.length === 0) break;
  }
  expect(changes).toBe(count);
}

test("holds every acknowledged put whole when writers are killed in the middle of others", async () => {
  const address = await server.createDatabase("killed");
  const acknowledged: string[] = [];
  for (const moment of [1, 4, 9, 16]) {
    const writer = new Writer(address, 1_000);
    await writer.printed(moment);
    await writer.kill();
    acknowledged.push(...writer.acknowledged.flat());
  }
  await expectWhole(address, acknowledged);
});

test("holds every acknowledged put when the server crashes and starts again, and writers go on", async () => {
  const address = await server.createDatabase("crashed");
  const writers = [new Writer(address, 60), new Writer(address, 60)];
  for (const moment of [10, 30]) {
    await Promise.all(writers.map((writer) => writer.printed(moment)));
    await server.restart();
  }
  await Promise.all(writers.map(({ ended }) => ended));
  const acknowledged = writers.flatMap((writer) => writer.acknowledged.flat());
  expect(acknowledged.length).toBe(2 * 60 * 20);
  await expectWhole(address, acknowledged);
});

test("lets eight writers put, log and follow at once without a deadlock, a lost point or a missed change", async () => {
  const address = await server.createDatabase("eight");
  const options = { address, host: server.host };
  await using reader = await PostgresRecordStore.open(options);
  await using runs = await PostgresRunStore.open(options);
  const seen = new Set<string>();
  const following = (async () => {
    for await (const _ of reader.watch({ signal: AbortSignal.timeout(60_000) })) {
      for (let cursor: string | undefined; ; ) {
        const page: Awaited<ReturnType<typeof reader.changes>> = await reader.changes({
          cursor,
          limit: 10_000,
        });
        for (const { id } of page.changes) seen.add(id);
        cursor = page.cursor;
        if (page.changes.length === 0) break;
      }
      if (seen.size === 8 * 10 * 50) return;
    }
  })();
  const points = await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      await using store = await PostgresRecordStore.open(options);
      const run = newRecordId();
      await runs.openRun({ run });
      const { attempt } = await runs.startAttempt({ run, resumeAfterStep: 0 });
      for (let batch = 1; batch <= 10; batch++) {
        const at = new Date().toISOString();
        const logged = Array.from(
          { length: 500 },
          (_, step): MetricPoint => ({ key: `loss.${step % 5}`, step: batch * 500 + step, value: step, at }),
        );
        const records = Array.from({ length: 50 }, (_, index) =>
          makeRecord({ kind: "asset", name: `${writer} ${batch} ${index}` }),
        );
        await Promise.all([store.put({ records }), runs.logMetrics({ run, attempt, batch, points: logged })]);
      }
      return (await runs.summarizeMetrics(run)).reduce((sum, { count }) => sum + count, 0);
    }),
  );
  expect(points).toEqual(Array.from({ length: 8 }, () => 5_000));
  await following;
  expect(seen.size).toBe(4_000);
});

test("makes the tables once when many open a new database at the same time", async () => {
  const address = await server.createDatabase("fresh");
  const opened = await Promise.all(
    Array.from({ length: 12 }, () => PostgresRecordStore.open({ address, host: server.host })),
  );
  const heads = await Promise.all(opened.map((store) => store.head()));
  expect(new Set(heads.map(({ cursor }) => cursor)).size).toBe(1);
  await Promise.all(opened.map((store) => store[Symbol.asyncDispose]()));
});

test("says that the server does not answer, and answers again once it does", async () => {
  const address = await server.createDatabase("restarted");
  await using store = await PostgresRecordStore.open({ address, host: server.host });
  const record = makeRecord({ kind: "asset" });
  await store.put({ records: [record] });
  await server.restart();
  expect((await store.get({ ids: [record.id] })).records[0]?.record).toEqual(record);
  const elsewhere = PostgresRecordStore.open({ address, host: "/nowhere" });
  await expect(elsewhere).rejects.toMatchObject({
    code: "RMTC_STORE_BUSY",
    message: expect.stringContaining("does not answer"),
  });
});

test("names a database that does not exist, a newer version of the tables, and one without UTF-8", async () => {
  const { host, address } = server;
  await expect(
    PostgresRecordStore.open({ host, address: address.replace(/postgres$/, "nothing") }),
  ).rejects.toMatchObject({ code: "RMTC_NOT_FOUND", message: expect.stringContaining("createdb") });
  const newer = await server.createDatabase("newer");
  await (await PostgresRecordStore.open({ host, address: newer }))[Symbol.asyncDispose]();
  await server.execute("UPDATE rmtc.head SET version = 99", "newer");
  await expect(PostgresRecordStore.open({ host, address: newer })).rejects.toMatchObject({
    code: "RMTC_STORE_VERSION_UNKNOWN",
  });
  await server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  await expect(
    PostgresRecordStore.open({ host, address: address.replace(/postgres$/, "latin") }),
  ).rejects.toMatchObject({ code: "RMTC_FORMAT_INVALID" });
});
