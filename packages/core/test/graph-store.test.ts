// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRecord, newRecordId, recordDigest } from "@rmtc/attest";
import { describeRecordStore } from "@rmtc/conformance/vitest";
import type { ClosureRequest, LinkGap, ReachedRecord, RecordStore } from "@rmtc/contract";
import type { Link, RmtcRecord } from "@rmtc/spec";
import { MemoryRecordStore } from "@rmtc/store-memory";
import { SqliteRecordStore } from "@rmtc/store-sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphStore } from "../src/index.ts";

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-graph-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
const newPath = (): string => {
  files += 1;
  return join(folder, `${files}`);
};

describeRecordStore("GraphStore on a SqliteRecordStore", async () => {
  const path = newPath();
  const open = async (): Promise<RecordStore> =>
    await GraphStore.open({
      store: await SqliteRecordStore.open({ path: `${path}.db` }),
      path: `${path}.bin`,
    });
  return { store: await open(), reopen: open };
});

interface Reached {
  readonly records: readonly Pick<ReachedRecord, "id" | "kind" | "digest" | "depth">[];
  readonly gaps: readonly LinkGap[];
}

async function reached(store: RecordStore, request: ClosureRequest): Promise<Reached> {
  const records: Reached["records"][number][] = [];
  const gaps: LinkGap[] = [];
  for await (const page of store.closure(request)) {
    for (const { id, kind, digest, depth } of page.records) records.push({ id, kind, digest, depth });
    gaps.push(...page.gaps);
  }
  const key = (value: unknown): string => JSON.stringify(value);
  return {
    records: records.sort((a, b) => (a.id < b.id ? -1 : 1)),
    gaps: gaps.sort((a, b) => (key(a) < key(b) ? -1 : 1)),
  };
}

const link = (to: RmtcRecord, rel = "derivedFrom"): Link => ({ rel, to: to.id, digest: recordDigest(to) });

async function openBoth(
  path = newPath(),
): Promise<{ plain: MemoryRecordStore; graph: GraphStore; path: string }> {
  const plain = new MemoryRecordStore();
  const graph = await GraphStore.open({ store: plain, path });
  if (!(graph instanceof GraphStore)) throw new TypeError("The store has no graph.");
  return { plain, graph, path };
}

describe("closures from the graph", () => {
  it("are those of the store, in any graph, put in any order, as of any moment", async () => {
    const shape = fc.record({
      links: fc.array(
        fc.array(fc.tuple(fc.nat(), fc.boolean(), fc.constantFrom("derivedFrom", "used", "trainedOn")), {
          maxLength: 4,
        }),
        { minLength: 1, maxLength: 25 },
      ),
      order: fc.infiniteStream(fc.nat()),
      left: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ links, order, left }) => {
        const records: RmtcRecord[] = [];
        for (const targets of links)
          records.push(
            makeRecord({
              kind: "asset",
              links: targets.flatMap(([pick, right, rel]) => {
                const target = records[pick % (records.length || 1)];
                if (target === undefined) return [];
                return [
                  right ? link(target, rel) : { rel, to: target.id, digest: `sha256:${"0".repeat(64)}` },
                ];
              }),
            }),
          );
        const rest = [...records];
        const shuffled: RmtcRecord[] = [];
        while (rest.length > left)
          shuffled.push(...rest.splice((order.next().value as number) % rest.length, 1));
        const { plain, graph } = await openBoth();
        const moments: string[] = [];
        for (const record of shuffled) {
          await graph.put({ records: [record] });
          moments.push((await graph.head()).cursor);
        }
        for (const direction of ["upstream", "downstream"] as const) {
          for (const asOf of [undefined, moments[moments.length >> 1], moments[0]]) {
            const request = {
              roots: records.slice(0, 6).map(({ id }) => id),
              direction,
              asOf,
              ignoreRelations: ["used"],
              pageSize: 3,
            };
            expect(await reached(graph, request)).toEqual(await reached(plain, request));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("go on, when they are read slowly, as of the moment at which they began", async () => {
    const { graph } = await openBoth();
    const [first, second] = [makeRecord({ kind: "asset" }), makeRecord({ kind: "asset" })];
    const made = makeRecord({ kind: "dataset", links: [link(first), link(second)] });
    await graph.put({ records: [second, made] });
    const pages = graph.closure({ roots: [made.id], direction: "upstream", pageSize: 1 });
    const start = await pages.next();
    await graph.put({ records: [first] });
    await graph.head();
    const rest = [start.value, (await pages.next()).value, (await pages.next()).value].flatMap(
      (page) => page ?? [],
    );
    expect(rest.flatMap(({ records }) => records.map(({ id }) => id))).toEqual([made.id, second.id]);
    expect(rest.flatMap(({ gaps }) => gaps.map(({ id, type }) => [id, type]))).toEqual([
      [first.id, "missing"],
    ]);
  });

  it("see what somebody else has put into the store", async () => {
    const { plain, graph } = await openBoth();
    const plate = makeRecord({ kind: "asset" });
    await plain.put({ records: [plate] });
    expect((await reached(graph, { roots: [plate.id], direction: "upstream" })).records).toHaveLength(1);
  });

  it("are left to a store whose data people can change by other means", async () => {
    const store = new MemoryRecordStore();
    Object.assign(store, { capabilities: { ...store.capabilities, openToOtherMeans: true } });
    expect(await GraphStore.open({ store, path: newPath() })).toBe(store);
  });
});

describe("the graph's file", () => {
  async function filled(): Promise<{ path: string; database: string; root: RmtcRecord }> {
    const path = newPath();
    const database = `${path}.db`;
    const plates = Array.from({ length: 300 }, () => makeRecord({ kind: "asset" }));
    const missing = { rel: "used", to: newRecordId(), digest: `sha256:${"1".repeat(64)}` };
    const root = makeRecord({
      kind: "dataset",
      links: [...plates.map((plate) => link(plate, "hasMember")), missing],
    });
    await using graph = await GraphStore.open({
      store: await SqliteRecordStore.open({ path: database }),
      path,
    });
    await graph.put({ records: [...plates, root] });
    await graph.head();
    return { path, database, root };
  }

  const openAgain = async (path: string, database: string): Promise<GraphStore> =>
    (await GraphStore.open({ store: await SqliteRecordStore.open({ path: database }), path })) as GraphStore;

  it("keeps it between starts", async () => {
    const { path, database, root } = await filled();
    await using graph = await openAgain(path, database);
    expect(graph.progress).toMatchObject({ records: 301, links: 301 });
    const { records, gaps } = await reached(graph, { roots: [root.id], direction: "upstream" });
    expect([records.length, gaps.length]).toEqual([301, 1]);
  });

  it("is made again when a byte of it is wrong, when it ends early, and when it is of another store", async () => {
    const { path, database, root } = await filled();
    const whole = await readFile(path);
    const other = await filled();
    const flipped = Buffer.from(whole);
    flipped[whole.byteLength - 100] = (flipped[whole.byteLength - 100] as number) ^ 1;
    for (const bytes of [flipped, whole.subarray(0, 2_000), Buffer.from("{}"), await readFile(other.path)]) {
      await writeFile(path, bytes);
      await using graph = await openAgain(path, database);
      expect((await reached(graph, { roots: [root.id], direction: "upstream" })).records).toHaveLength(301);
    }
  });

  it("never crashes a start, whatever is in it", async () => {
    const { path, database, root } = await filled();
    const whole = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.byteLength - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] as number) ^ change;
        await writeFile(path, bytes);
        await using graph = await openAgain(path, database);
        expect((await reached(graph, { roots: [root.id], direction: "upstream" })).records).toHaveLength(301);
      }),
      { numRuns: 15 },
    );
  });
});
