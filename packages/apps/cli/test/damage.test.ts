// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { partNames } from "@rmtc/attest";
import {
  executeRun,
  exposure,
  findAll,
  getRecord,
  infer,
  initWorkspace,
  publishRecord,
  trace,
  verify,
  type Workspace,
} from "@rmtc/core";
import { relationsOfStrength } from "@rmtc/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkspace } from "./fixtures/open-workspace.ts";
import { madeBy, openTraining, publishProduction, trainRequest } from "./fixtures/production.ts";

let folder = "";
let workspace: Workspace;
/** A second connection to the workspace's records, for whoever goes behind the store's back. */
let database: DatabaseSync;
/** An inferred frame, a record that it has not seen, and everything that it was made from. */
let frame = "";
let stranger = "";
let path: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-damage-"));
  await initWorkspace(folder, { person: "Ada" });
  workspace = await openWorkspace(folder);
  const production = await publishProduction(workspace);
  const run = await openTraining(
    workspace,
    trainRequest(production, { steps: 2, checkpointEverySteps: 2, validateEverySteps: 2 }),
  );
  await executeRun(workspace, run);
  const [weights] = await madeBy(workspace, run.record.id, "weights");
  const [inferred] = await infer(workspace, {
    weights: await getRecord(workspace.records, weights?.record.id ?? ""),
    plates: production.plates.slice(0, 1),
    inputChannels: ["R", "G", "B"],
    outputChannels: ["roto.A"],
    sequenceName: "sh010_roto",
  });
  frame = inferred?.reference.id ?? "";
  stranger = (await publishRecord(workspace, { kind: "subject", name: "stranger", body: {} })).id;
  path = (await trace(workspace, [frame])).nodes.map(({ id }) => id);
  database = new DatabaseSync(join(folder, ".rmtc", "catalog.db"), { timeout: 5000 });
}, 60_000);
afterAll(async () => {
  database.close();
  await workspace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const keyOf = (id: string): SQLInputValue =>
  (database.prepare("SELECT key FROM record WHERE id = ?").get(bytesOf(id)) as { key: number }).key;

/** A record's id as the store keeps it: its 16 bytes. */
function bytesOf(id: string): Uint8Array {
  return Buffer.from(id.slice("urn:uuid:".length).replaceAll("-", ""), "hex");
}

/** Does something while a record is gone from the store's file. */
async function without(id: string, action: () => Promise<void>): Promise<void> {
  const key = keyOf(id);
  const tables = ["record", "content"];
  const rows = tables.map((table) => database.prepare(`SELECT * FROM ${table} WHERE key = ?`).get(key) ?? {});
  for (const table of tables) database.prepare(`DELETE FROM ${table} WHERE key = ?`).run(key);
  try {
    await action();
  } finally {
    for (const [index, table] of tables.entries()) {
      const row = rows[index] ?? {};
      const places = Object.keys(row).map((column) => `"${column}"`);
      database
        .prepare(`INSERT INTO ${table} (${places.join(", ")}) VALUES (${places.map(() => "?").join(", ")})`)
        .run(...(Object.values(row) as SQLInputValue[]));
    }
  }
}

describe("a whole workspace", () => {
  it("has no problem and no gap, and has not seen a stranger", async () => {
    expect(path.length).toBeGreaterThan(12);
    expect(await verify(workspace, undefined)).toMatchObject({ problems: [], complete: true });
    expect(await exposure(workspace, frame, stranger)).toMatchObject({ verdict: "absent", complete: true });
  });
});

describe("a record that is deleted from the store's file", () => {
  it("is a gap that the trace of what was made from it names", async () => {
    for (const id of path.filter((candidate) => candidate !== frame)) {
      await without(id, async () => {
        const answer = await trace(workspace, [frame]);
        expect(answer.complete, id).toBe(false);
        expect(JSON.stringify(answer.gaps), id).toContain(id);
      });
    }
    expect((await trace(workspace, [frame])).complete).toBe(true);
  });

  it("is never an absence, wherever it lies on the way", async () => {
    const carries = new Set([...relationsOfStrength("strong"), ...relationsOfStrength("weak")]);
    const { nodes } = await trace(workspace, [frame]);
    const onTheWay = new Set(
      nodes.flatMap(({ links }) => links.filter(({ rel }) => carries.has(rel)).map(({ to }) => to)),
    );
    expect(onTheWay.size).toBeGreaterThan(5);
    for (const id of onTheWay) {
      await without(id, async () => {
        const answer = await exposure(workspace, frame, stranger);
        expect(answer.verdict, id).toBe("unknown");
        expect(JSON.stringify(answer.gaps), id).toContain(id);
      });
    }
  });

  it("is a gap that the verification of the whole workspace names", async () => {
    for (const id of path) {
      await without(id, async () => {
        const { gaps } = await verify(workspace, undefined);
        expect(gaps).toContainEqual(expect.objectContaining({ type: "missing", record: id }));
      });
    }
  });

  it("leaves its activity open, if it was a seal", async () => {
    const seals = await Array.fromAsync(
      findAll(workspace.records, { where: [{ field: "kind", op: "eq", value: "seal" }] }),
    );
    for (const { record } of seals) {
      const activity = record.links[0]?.to ?? "";
      if (!path.includes(activity)) continue;
      await without(record.id, async () => {
        const { gaps } = await exposure(workspace, frame, stranger);
        expect(gaps).toContainEqual(expect.objectContaining({ type: "unsealed", record: activity }));
      });
    }
  });
});

describe("one flipped bit", () => {
  it("in the stored bytes of any record is found by verify, which names the record", async () => {
    const all = await Array.fromAsync(findAll(workspace.records, { where: [] }));
    let flips = 0;
    for (const { record } of all) {
      const key = keyOf(record.id);
      for (const column of ["envelope", ...partNames]) {
        const read = database.prepare(`SELECT CAST("${column}" AS BLOB) AS bytes FROM content WHERE key = ?`);
        const { bytes } = read.get(key) as { readonly bytes: Uint8Array | null };
        if (bytes === null) continue;
        const flipped = Uint8Array.from(bytes);
        const at = (flips * 7919) % flipped.length;
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (flips % 8));
        const write = database.prepare(`UPDATE content SET "${column}" = CAST(? AS TEXT) WHERE key = ?`);
        write.run(flipped, key);
        const damages = [];
        for await (const page of workspace.records.verify({})) damages.push(...page.damages);
        expect(
          damages.map(({ id }) => id),
          `${record.kind} ${column} byte ${at}`,
        ).toEqual([record.id]);
        write.run(bytes, key);
        flips += 1;
      }
    }
    expect(flips).toBeGreaterThan(40);
    expect((await verify(workspace, undefined)).problems).toEqual([]);
  });

  it("is named by the whole workspace's verification too, whatever the record is", async () => {
    for (const id of path) {
      const key = keyOf(id);
      const read = database.prepare("SELECT CAST(envelope AS BLOB) AS bytes FROM content WHERE key = ?");
      const { bytes } = read.get(key) as { readonly bytes: Uint8Array };
      const flipped = Uint8Array.from(bytes);
      const at = flipped.length >> 1;
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const write = database.prepare("UPDATE content SET envelope = CAST(? AS TEXT) WHERE key = ?");
      write.run(flipped, key);
      const { problems } = await verify(workspace, undefined);
      expect(problems.map(({ record }) => record)).toContain(id);
      write.run(bytes, key);
    }
  });
});
