// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import type { LinkGap, RecordStore } from "@rmtc/contract";
import { PostgresRecordStore } from "@rmtc/store-postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AgeRecordStore } from "../src/index.ts";
import { type AgeServer, startAge } from "./support/age-server.ts";
import { linkTo, newRecord } from "./support/new-record.ts";

let server: AgeServer;
let place: ReturnType<AgeServer["newPlace"]>;
let store: AgeRecordStore;
beforeAll(async () => {
  server = await startAge();
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  place = server.newPlace();
  store = await AgeRecordStore.open(place);
  return async () => await store[Symbol.asyncDispose]();
});

/** Runs openCypher as a user of the database does, past the store. */
async function plainCypher(query: string): Promise<void> {
  await server.execute(`SELECT * FROM cypher('${place.graph}', $$ ${query} $$) AS (result agtype)`);
}

/** Every edge of the graph with both ends, sorted. */
async function listEdges(of: AgeRecordStore = store): Promise<readonly unknown[]> {
  const query = `MATCH (a)-[e]->(b)
    RETURN label(a), a.id, type(e), e.rel, e.index, label(b), b.id`;
  return (await of.cypher({ query })).rows.map((row) => JSON.stringify(row)).sort();
}

async function listVertices(): Promise<readonly unknown[]> {
  const { rows } = await store.cypher({ query: "MATCH (n) RETURN label(n), properties(n)" });
  return rows.map((row) => JSON.stringify(row)).sort();
}

async function gapsOf(
  root: string,
  direction: "upstream" | "downstream",
  of: RecordStore = store,
): Promise<{ readonly ids: readonly string[]; readonly gaps: readonly LinkGap[] }> {
  const ids: string[] = [];
  const gaps: LinkGap[] = [];
  for await (const page of of.closure({ roots: [root], direction, pageSize: 1 })) {
    const reached = page.records.map(({ id }) => id);
    for (const gap of page.gaps) if (gap.type === "unproved") expect(reached).toContain(gap.id);
    ids.push(...reached);
    gaps.push(...page.gaps);
  }
  return { ids, gaps };
}

/** Puts an asset, a run that was trained on it, and weights of that run. */
async function putChain(into: RecordStore = store): Promise<readonly [string, string, string]> {
  const asset = newRecord("asset", { name: "plate", version: "v2", tags: ["key", 'say "ä\\u0000"'] });
  const assets = await into.put({ records: [asset] });
  const run = newRecord("run", { name: "train" }, [linkTo("trainedOn", assets)]);
  const weights = newRecord("weights", { name: "net" }, [
    linkTo("generatedBy", await into.put({ records: [run] })),
  ]);
  await into.put({ records: [weights] });
  return [asset.id, run.id, weights.id];
}

describe("the graph of the records", () => {
  test("shows kinds as labels of vertices and relations as labels of edges, with what is disclosed", async () => {
    const [asset, run, weights] = await putChain();
    const { columns, rows } = await store.cypher({
      query:
        "MATCH (w:weights)-[g:generatedBy]->(r:run)-[t:trainedOn]->(a:asset) RETURN w.id, r.id AS run, t, a",
    });
    const { records } = await store.get({ ids: [asset] });
    expect(columns).toEqual(["w.id", "run", "t", "a"]);
    expect(rows).toEqual([
      [
        weights,
        run,
        expect.objectContaining({ label: "trainedOn", properties: { rel: "trainedOn", index: 0 } }),
        expect.objectContaining({
          label: "asset",
          properties: {
            id: asset,
            kind: "asset",
            name: "plate",
            version: "v2",
            tags: ["key", 'say "ä\\u0000"'],
            createdAt: records[0]?.record.createdAt,
            digest: records[0]?.digest,
          },
        }),
      ],
    ]);
  });

  test("is walked by AGE itself also after it grew", async () => {
    const query = "MATCH p = (:weights)-[*1..3]->(a:asset) RETURN length(p), p";
    expect((await store.cypher({ query })).rows).toEqual([]);
    await putChain();
    expect((await store.cypher({ query })).rows.map(([length]) => length)).toEqual([2]);
    await putChain();
    const { rows } = await store.cypher({ query });
    expect(rows.map(([length, path]) => [length, (path as unknown[]).length])).toEqual([
      [2, 5],
      [2, 5],
    ]);
  });

  test("is the same whichever of two linked records arrives first", async () => {
    const ids = await putChain();
    const { records } = await store.get({ ids });
    const expected = [await listVertices(), await listEdges()];
    place = server.newPlace();
    await using other = await AgeRecordStore.open(place);
    store[Symbol.asyncDispose]();
    store = other;
    for (const stored of records.toReversed()) {
      await store.put({ records: stored === null ? [] : [stored.record] });
    }
    expect([await listVertices(), await listEdges()]).toEqual(expected);
  });

  test("has no edge for a link whose target is not held, or is held under another digest", async () => {
    const assets = await store.put({ records: [newRecord("asset")] });
    const wrong = { ...linkTo("trainedOn", assets), digest: `sha256:${"0".repeat(64)}` };
    const absent = { ...wrong, to: newRecord("asset").id };
    await store.put({ records: [newRecord("run", {}, [absent, wrong, linkTo("trainedOn", assets)])] });
    const { rows } = await store.cypher({ query: "MATCH ()-[e]->() RETURN e.index" });
    expect(rows).toEqual([[2]]);
  });

  test("labels what cannot be a label as Record and link, and keeps the names", async () => {
    const long = "a".repeat(64);
    const longest = `b${"c".repeat(62)}`;
    const kinds = ["ACME_shot", "ACME_shot.v1", long, longest, "link", "Record".toLowerCase()];
    const targets = await store.put({ records: kinds.map((kind) => newRecord(kind)) });
    const relations = ["ACME_of", "ACME_of.v1", long, "ACME_shot", "link"];
    const links = relations.map((rel, index) => linkTo(rel, targets, index));
    await store.put({ records: [newRecord("asset", {}, links)] });
    const vertices = await store.cypher({ query: "MATCH (n) RETURN label(n), n.kind ORDER BY id(n)" });
    expect(Object.fromEntries(vertices.rows.map(([label, kind]) => [kind, label]))).toEqual({
      ACME_shot: "ACME_shot",
      "ACME_shot.v1": "Record",
      [long]: "Record",
      [longest]: longest,
      link: "Record",
      record: "record",
      asset: "asset",
    });
    const edges = await store.cypher({
      query: "MATCH ()-[e]->(b) RETURN type(e), e.rel, b.kind ORDER BY e.index",
    });
    expect(edges.rows).toEqual([
      ["ACME_of", "ACME_of", "ACME_shot"],
      ["link", "ACME_of.v1", "ACME_shot.v1"],
      ["link", long, long],
      ["link", "ACME_shot", longest],
      ["link", "link", "link"],
    ]);
  });

  test("shows every text as it is", async () => {
    const texts = ["a\\u0000\\\\u0000", "\u0001\n\t\u007f\u2028", "Zoë 😀 \\ \"' $$ %s %L", "/*--"];
    const records = texts.map((name) => newRecord("asset", { name, tags: [name] }));
    await store.put({ records });
    const { rows } = await store.cypher({ query: "MATCH (a:asset) RETURN a.name, a.tags[0] ORDER BY id(a)" });
    expect(rows).toEqual(texts.map((text) => [text, text]));
  });

  test("forgets what is erased, and learns what is disclosed later", async () => {
    const [asset] = await putChain();
    const [whole] = (await store.get({ ids: [asset] })).records;
    const [bare] = (await store.get({ ids: [asset], parts: ["version"] })).records;
    const properties = "MATCH (a:asset) RETURN a.name, a.version, a.tags";
    await store.erase({ id: asset, parts: ["name", "tags"] });
    expect((await store.cypher({ query: properties })).rows).toEqual([[null, "v2", null]]);
    place = server.newPlace();
    await using other = await AgeRecordStore.open(place);
    for (const [stored, expected] of [
      [bare, [null, "v2", null]],
      [whole, ["plate", "v2", ["key", 'say "ä\\u0000"']]],
    ] as const) {
      await other.put({ records: stored ? [stored.record] : [] });
      expect((await other.cypher({ query: properties })).rows).toEqual([expected]);
    }
  });

  test("follows a writer who knows PostgreSQL only, and shows nothing of a put that is refused", async () => {
    const address = place.address.replace("age:", "postgres:");
    await using plain = await PostgresRecordStore.open({ ...place, address });
    const [asset] = await putChain(plain);
    const before = [await listVertices(), await listEdges()];
    expect(before.map((list) => list.length)).toEqual([3, 2]);
    const conflict = { ...newRecord("asset", { name: "other" }), id: asset };
    await expect(plain.put({ records: [newRecord("run"), conflict] })).rejects.toMatchObject({
      code: "RMTC_RECORD_CONFLICT",
    });
    expect([await listVertices(), await listEdges()]).toEqual(before);
  });

  test("is filled at open with records that were there before, and made again after it was dropped", async () => {
    place = server.newPlace();
    const address = place.address.replace("age:", "postgres:");
    await using plain = await PostgresRecordStore.open({ ...place, address });
    const [, , weights] = await putChain(plain);
    await using first = await AgeRecordStore.open(place);
    const edges = await listEdges(first);
    expect(edges.length).toBe(2);
    await server.execute(`SELECT drop_graph('${place.graph}', true)`);
    await expect(first.cypher({ query: "MATCH (n) RETURN n" })).rejects.toMatchObject({
      code: "RMTC_NOT_FOUND",
    });
    await expect(gapsOf(weights, "upstream", first)).rejects.toMatchObject({
      code: "RMTC_NOT_FOUND",
      message: expect.stringContaining("rebuildGraph"),
    });
    await plain.put({ records: [newRecord("party")] });
    await first.rebuildGraph();
    expect(await listEdges(first)).toEqual(edges);
    expect((await first.cypher({ query: "MATCH (p:party) RETURN count(p)" })).rows).toEqual([[1]]);
    await server.execute(`SELECT drop_graph('${place.graph}', true)`);
    await using second = await AgeRecordStore.open(place);
    expect(await listEdges(second)).toEqual(edges);
  });

  test("is mended by rebuildGraph, which leaves to plain Cypher what it made", async () => {
    const [asset] = await putChain();
    const before = [await listVertices(), await listEdges()];
    await plainCypher(`MATCH (a:asset) CREATE (a)-[:seenBy]->(:person {name: 'Zoë'})`);
    await plainCypher("MATCH (w:weights) DETACH DELETE w");
    await plainCypher("MATCH (r:run) SET r.name = 'forged'");
    await store.rebuildGraph();
    const { rows } = await store.cypher({
      query: "MATCH (a:asset)-[:seenBy]->(p:person) RETURN a.id, p.name",
    });
    expect(rows).toEqual([[asset, "Zoë"]]);
    await plainCypher("MATCH (p:person) DETACH DELETE p");
    expect([await listVertices(), await listEdges()]).toEqual(before);
  });

  test("refuses names that AGE or the records have use for", async () => {
    for (const graph of ["ab", "Has Space", "pg_graph", place.schema]) {
      await expect(AgeRecordStore.open({ ...place, graph })).rejects.toMatchObject({
        code: "RMTC_OPTION_INVALID",
        pointer: "/graph",
      });
    }
    await expect(AgeRecordStore.open({ ...place, graph: "ag_catalog" })).rejects.toMatchObject({
      message: expect.stringContaining("no graph of AGE"),
    });
    const elsewhere = { ...place, schema: `${place.schema}_b` };
    await expect(AgeRecordStore.open(elsewhere)).rejects.toMatchObject({
      message: expect.stringContaining(`the schema ${place.schema};`),
    });
  });

  test("is made once by many who open it at the same time", async () => {
    place = server.newPlace();
    const opened = await Promise.all(Array.from({ length: 6 }, () => AgeRecordStore.open(place)));
    expect(new Set(opened.map(({ ageVersion }) => ageVersion)).size).toBe(1);
    await Promise.all(opened.map((one) => one[Symbol.asyncDispose]()));
  });
});

describe("what plain Cypher adds", () => {
  test("touches both records that an edge joins, under a relation's label and under a new one", async () => {
    const [asset, run, weights] = await putChain();
    for (const label of ["trainedOn", "inspiredBy"]) {
      await plainCypher(`MATCH (w:weights), (a:asset) CREATE (w)-[:${label}]->(a)`);
      const upstream = await gapsOf(weights, "upstream");
      expect(upstream.ids).toEqual([weights, run, asset]);
      expect(upstream.gaps).toEqual([
        { type: "unproved", id: weights },
        { type: "unproved", id: asset },
      ]);
      const downstream = await gapsOf(asset, "downstream");
      expect(downstream.ids).toEqual([asset, run, weights]);
      expect(downstream.gaps).toEqual([
        { type: "unproved", id: asset },
        { type: "unproved", id: weights },
      ]);
      await plainCypher("MATCH (w:weights)-[e]->(a:asset) DELETE e");
      expect((await gapsOf(weights, "upstream")).gaps).toEqual([]);
    }
  });

  test("is never walked, neither to records nor to vertices of its own", async () => {
    const [asset, run] = await putChain();
    const lonely = newRecord("asset", { name: "lonely" });
    await store.put({ records: [lonely] });
    await plainCypher("MATCH (a:asset {name: 'lonely'}) CREATE (a)-[:trainedOn]->(:asset {id: 'forged'})");
    await plainCypher(
      "MATCH (r:run), (a:asset {name: 'lonely'}) CREATE (:alien)-[:sees]->(r), (r)-[:sees]->(a)",
    );
    const upstream = await gapsOf(run, "upstream");
    expect(upstream.ids).toEqual([run, asset]);
    expect(upstream.gaps).toEqual([{ type: "unproved", id: run }]);
    const alone = await gapsOf(lonely.id, "downstream");
    expect(alone).toEqual({ ids: [lonely.id], gaps: [{ type: "unproved", id: lonely.id }] });
  });

  test("touches nothing where it joins only its own vertices", async () => {
    const [asset, run, weights] = await putChain();
    await plainCypher("CREATE (:alien)-[:sees]->(:alien), (:asset {id: 'forged'})");
    expect(await gapsOf(weights, "upstream")).toEqual({ ids: [weights, run, asset], gaps: [] });
  });

  test("is in no answer about records", async () => {
    const [asset] = await putChain();
    const { cursor } = await store.head();
    await plainCypher(`MATCH (a:asset) CREATE (:run {id: '${newRecord("run").id}'})-[:trainedOn]->(a)`);
    expect((await store.count({ where: [{ field: "kind", op: "eq", value: "run" }] })).count).toBe(1);
    const found = await store.find({ where: [{ field: "kind", op: "eq", value: "run" }], limit: 10 });
    expect(found.records.map(({ record }) => record.name)).toEqual(["train"]);
    const edges = await store.edges({ ids: [asset], direction: "downstream", limit: 10 });
    expect(edges.edges.length).toBe(1);
    expect((await store.head()).cursor).toBe(cursor);
  });

  test("does not stand in the way of records that come later under its labels", async () => {
    await plainCypher("CREATE (:run {id: 'forged'})-[:trainedOn]->(:generatedBy)");
    await plainCypher("CREATE (:alien)-[:Record]->(:link)");
    const [asset, run, weights] = await putChain();
    const shot = newRecord("ACME_shot.v1");
    await store.put({ records: [shot] });
    expect((await store.cypher({ query: "MATCH (n {kind: 'ACME_shot.v1'}) RETURN n.id" })).rows).toEqual([
      [shot.id],
    ]);
    expect(await gapsOf(weights, "upstream")).toEqual({ ids: [weights, run, asset], gaps: [] });
    const { rows } = await store.cypher({ query: "MATCH (w:weights)-[e]->(r:run) RETURN e.rel" });
    expect(rows).toEqual([["generatedBy"]]);
  });
});

describe("a role with few rights", () => {
  test("reads the graph and closures with the rights of the README, and puts without any on the graph", async () => {
    await putChain();
    await plainCypher("MATCH (a:asset) CREATE (a)-[:seenBy]->(:person)");
    const { schema, graph } = place;
    const statements = (await readFile(new URL("../README.md", import.meta.url), "utf8")).match(
      /^(GRANT|ALTER) .*$/gm,
    );
    expect(statements?.length).toBe(3);
    await server.execute(`CREATE ROLE rmtc_reader; CREATE ROLE the_writer; GRANT USAGE ON SCHEMA ${schema} TO the_writer;
      GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO the_writer; GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO the_writer;
      ${statements?.join("\n").replaceAll("rmtc_graph", graph)}`);
    const shown = await server.execute(
      `SET LOCAL ROLE rmtc_reader; SELECT * FROM cypher('${graph}', $$ MATCH (n) RETURN count(n) $$) AS (n agtype)`,
    );
    expect(shown).toEqual([{ n: "4" }]);
    const touched = await server.execute(`SET LOCAL ROLE rmtc_reader; SELECT ${graph}._rmtc_touched()`);
    expect(touched.length).toBe(1);
    await expect(
      server.execute(`SET LOCAL ROLE rmtc_reader; SELECT ${graph}._rmtc_fill()`),
    ).rejects.toMatchObject({ code: "42501" });
    const row = `SELECT position + 100, gen_random_uuid(), digest, 'novel', partition, received, held, erased, created`;
    await server.execute(`SET LOCAL ROLE the_writer;
      INSERT INTO ${schema}.record (position, id, digest, kind, partition, received, held, erased, created)
        ${row} FROM ${schema}.record;
      INSERT INTO ${schema}.content SELECT position, '{}' FROM ${schema}.record WHERE kind = 'novel'`);
    expect((await store.cypher({ query: "MATCH (n:novel) RETURN count(n)" })).rows).toEqual([[3]]);
  });
});

describe("a query in openCypher", () => {
  test("takes parameters of any sort", async () => {
    const [asset] = await putChain();
    const query = "MATCH (a:asset) WHERE a.name = $name AND $tag IN a.tags RETURN a.id AS id, $list AS list";
    const parameters = { name: "plate", tag: "key", list: [1, "zwölf", null, { deep: true }] };
    expect(await store.cypher({ query, parameters })).toEqual({
      columns: ["id", "list"],
      rows: [[asset, parameters.list]],
      more: false,
    });
  });

  test("says whether there is more than the limit", async () => {
    const query = "UNWIND range(1, 5) AS n RETURN n";
    expect(await store.cypher({ query, limit: 2 })).toEqual({ columns: ["n"], rows: [[1], [2]], more: true });
    expect(await store.cypher({ query, limit: 5 })).toMatchObject({ more: false });
    for (const limit of [0, 10_001, 1.5]) {
      await expect(store.cypher({ query, limit })).rejects.toMatchObject({ pointer: "/limit" });
    }
  });

  test("may contain whatever quotes and comments it likes", async () => {
    const query = "RETURN '$q0$ $$ RETURN ' AS `a``b`, \"CREATE\" /* SET */ AS c; // $q1";
    expect(await store.cypher({ query })).toMatchObject({
      columns: ["a`b", "c"],
      rows: [["$q0$ $$ RETURN ", "CREATE"]],
    });
  });

  test("is refused when it writes, and leaves nothing", async () => {
    await putChain();
    const before = [await listVertices(), await listEdges()];
    const labels = await server.execute("SELECT count(*) FROM ag_label");
    for (const query of [
      "CREATE (n:asset) RETURN n",
      "CREATE (n:brandNew) RETURN n",
      "MATCH (n:asset) SET n.name = 'x' RETURN n",
      "MERGE (n:asset {id: 'x'}) RETURN n",
      "MATCH (n) DETACH DELETE n RETURN 1",
      "MATCH (n:asset) REMOVE n.name RETURN n",
      // Takes a transaction id, as what writes past the server's check does.
      "RETURN pg_catalog.txid_current()",
    ]) {
      await expect(store.cypher({ query })).rejects.toMatchObject({ code: "RMTC_QUERY_INVALID" });
    }
    expect([await listVertices(), await listEdges()]).toEqual(before);
    expect(await server.execute("SELECT count(*) FROM ag_label")).toEqual(labels);
  });

  test("gives one error that says where it is wrong", async () => {
    await expect(store.cypher({ query: "MATCH (n)\nWHERE n.x == 1 RETURN n" })).rejects.toMatchObject({
      code: "RMTC_QUERY_INVALID",
      message: expect.stringMatching(/line 2, column \d+/),
      pointer: "/query",
    });
    for (const query of [
      "MATCH (n) RETURN missing",
      "RETURN 1 / 0",
      "RETURN nothing(1)",
      "MATCH (n RETURN n",
    ]) {
      await expect(store.cypher({ query })).rejects.toMatchObject({ code: "RMTC_QUERY_INVALID" });
    }
    expect((await store.cypher({ query: "RETURN 1" })).rows).toEqual([[1]]);
  });

  test("ends with the signal's reason when it is aborted, and when the store is closed", async () => {
    await store.put({ records: Array.from({ length: 100 }, () => newRecord("asset")) });
    const reason = new Error("enough");
    const controller = new AbortController();
    const query = "MATCH (a:asset), (b:asset), (c:asset) RETURN count(*)";
    const running = store.cypher({ query }, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    await expect(running).rejects.toBe(reason);
    await expect(store.cypher({ query }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect((await store.cypher({ query: "RETURN 1" })).rows).toEqual([[1]]);
    await store[Symbol.asyncDispose]();
    await expect(store.cypher({ query: "RETURN 1" })).rejects.toMatchObject({ code: "RMTC_STORE_CLOSED" });
  });

  test("gives numbers, lists and maps as JSON", async () => {
    const query = "RETURN 9007199254740993, 0.5, 'NaN'::float, [1, {b: [true, null]}], 1.5::numeric";
    const expected = ["9007199254740993", 0.5, "NaN", [1, { b: [true, null] }], 1.5];
    expect((await store.cypher({ query })).rows).toEqual([expected]);
  });
});
