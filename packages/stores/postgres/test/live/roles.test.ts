// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { makeRecord, newRecordId, redact } from "@rmtc/attest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PostgresRecordStore, PostgresRunStore } from "../../src/index.ts";
import { connect } from "../support/describe-stores.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";

const roles = await readFile(new URL("../../sql/roles.sql", import.meta.url), "utf8");
const record = makeRecord({ kind: "asset", name: "plate", tags: ["key"], body: { frameNumber: 1001 } });
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await (await PostgresRecordStore.open(server))[Symbol.asyncDispose]();
  await using owner = await connect(server);
  await owner.query(roles);
  await owner.query(roles);
  for (const role of ["reader", "writer", "operator"]) {
    await owner.query(`CREATE ROLE the_${role} LOGIN IN ROLE rmtc_${role}`);
  }
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function addressAs(role: string): { readonly address: string; readonly host: string } {
  return { address: `postgres://the_${role}@localhost/postgres`, host: server.host };
}

test("a writer puts, discloses and logs, and can erase nothing", async () => {
  await using store = await PostgresRecordStore.open(addressAs("writer"));
  await store.put({ records: [redact(record, ["name"])] });
  const { results } = await store.put({ records: [record] });
  expect(results[0]?.status).toBe("disclosed");
  await expect(store.erase({ id: record.id, parts: ["name"] })).rejects.toMatchObject({
    code: "RMTC_ACCESS_DENIED",
  });
  await using runs = await PostgresRunStore.open(addressAs("writer"));
  const run = newRecordId();
  await runs.openRun({ run });
  const { attempt } = await runs.startAttempt({ run, resumeAfterStep: 0 });
  const at = new Date().toISOString();
  await runs.logMetrics({ run, attempt, batch: 1, points: [{ key: "loss", step: 1, value: 0.5, at }] });
  await runs.setAlias({ alias: "hero@latest", to: record.id, digest: results[0]?.digest ?? "" });
  expect((await runs.summarizeMetrics(run))[0]?.count).toBe(1);
});

test("a reader finds, and is told that it may not put", async () => {
  await using store = await PostgresRecordStore.open(addressAs("reader"));
  const { records } = await store.find({ where: [{ field: "tag", op: "eq", value: "key" }], limit: 10 });
  expect(records.map((stored) => stored.record.id)).toEqual([record.id]);
  await expect(store.put({ records: [makeRecord({ kind: "asset" })] })).rejects.toMatchObject({
    code: "RMTC_ACCESS_DENIED",
    message: expect.stringContaining("roles.sql"),
  });
});

test("an operator erases", async () => {
  await using store = await PostgresRecordStore.open(addressAs("operator"));
  const { stored } = await store.erase({ id: record.id, parts: ["name"] });
  expect(stored.erased).toEqual(["name"]);
});
