// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type {
  CallOptions,
  ChangeCursor,
  ChangesRequest,
  ChangesResult,
  ClosurePage,
  ClosureRequest,
  CountRequest,
  CountResult,
  CypherRequest,
  CypherResult,
  CypherSource,
  EdgesRequest,
  EdgesResult,
  EraseRequest,
  EraseResult,
  FindRequest,
  FindResult,
  GetRequest,
  GetResult,
  PutRequest,
  PutResult,
  RecordStore,
  RecordStoreCapabilities,
  VerifyPage,
  VerifyRequest,
} from "@rmtc/contract";
import { PostgresRecordStore } from "@rmtc/store-postgres";
import { type AgeOptions, type GraphPlace, graphPlaceOf, postgresOptionsOf } from "./age-options.ts";
import { GraphDatabase } from "./graph-database.ts";
import { installGraph, rebuildGraph } from "./install-graph.ts";
import { runCypher } from "./run-cypher.ts";
import { touchedRecords, withUnprovedGaps } from "./unproved-gaps.ts";

/**
 * Holds records in a PostgreSQL database, and shows them as a graph of Apache AGE as well.
 *
 * The records are those of `PostgresRecordStore`, and so is every answer. The server keeps the graph in step, inside
 * the transaction of each put and erasure, whoever writes. A vertex's label is the record's kind and an edge's label
 * the link's relation; where such a name cannot be a label, they are `Record` and `link`. A link is an edge once its
 * target is held under the digest that it names. What plain Cypher adds is never a record.
 *
 * @example
 * await using store = await AgeRecordStore.open({ address: "age://localhost/pipeline" });
 * await store.cypher({ query: "MATCH (w:weights)-[:generatedBy]->(r:run) RETURN w.name, r.name" });
 */
export class AgeRecordStore implements RecordStore, CypherSource {
  readonly name: string = "age";
  readonly capabilities: RecordStoreCapabilities;
  /** The version of AGE that the server has. */
  readonly ageVersion: string;
  readonly #records: PostgresRecordStore;
  readonly #database: GraphDatabase;
  readonly #place: GraphPlace;

  private constructor(
    records: PostgresRecordStore,
    database: GraphDatabase,
    place: GraphPlace,
    ageVersion: string,
  ) {
    this.capabilities = { ...records.capabilities, openToOtherMeans: true };
    this.ageVersion = ageVersion;
    this.#records = records;
    this.#database = database;
    this.#place = place;
  }

  /**
   * Opens a store, making its tables and its graph if need be. A graph over records that are there already is filled
   * in one transaction, which other writers wait for.
   *
   * @throws RMTC_UNSUPPORTED when the server does not have Apache AGE.
   * @throws RMTC_NOT_FOUND when there is no such database; RMTC_ACCESS_DENIED when this user may not use it.
   * @throws RMTC_OPTION_INVALID when the graph's name is too short, or is taken by something else.
   * @throws RMTC_STORE_BUSY when the server does not answer.
   * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version made the tables.
   * @throws RMTC_FORMAT_INVALID when the database's texts are not UTF-8.
   */
  static async open(options: AgeOptions, callOptions?: CallOptions): Promise<AgeRecordStore> {
    const place = graphPlaceOf(options);
    const postgres = postgresOptionsOf(options);
    const records = await PostgresRecordStore.open(postgres, callOptions);
    const database = new GraphDatabase(postgres);
    try {
      return new AgeRecordStore(records, database, place, await installGraph(database, place, callOptions));
    } catch (error) {
      await Promise.all([records[Symbol.asyncDispose](), database.close()]);
      throw error;
    }
  }

  async put(request: PutRequest, options?: CallOptions): Promise<PutResult> {
    return await this.#records.put(request, options);
  }

  async get(request: GetRequest, options?: CallOptions): Promise<GetResult> {
    return await this.#records.get(request, options);
  }

  async find(request: FindRequest, options?: CallOptions): Promise<FindResult> {
    return await this.#records.find(request, options);
  }

  async count(request: CountRequest, options?: CallOptions): Promise<CountResult> {
    return await this.#records.count(request, options);
  }

  async edges(request: EdgesRequest, options?: CallOptions): Promise<EdgesResult> {
    return await this.#records.edges(request, options);
  }

  /** Walks the links of records, and names each reached record that an edge of somebody else's touches. */
  async *closure(request: ClosureRequest, options?: CallOptions): AsyncGenerator<ClosurePage, void> {
    const touched = await touchedRecords(this.#database, this.#place, options);
    for await (const page of this.#records.closure(request, options)) yield withUnprovedGaps(page, touched);
  }

  async changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResult> {
    return await this.#records.changes(request, options);
  }

  async head(options?: CallOptions): Promise<{ readonly cursor: ChangeCursor }> {
    return await this.#records.head(options);
  }

  /** Yields the feed's head at once and then after every change, also of other processes, until aborted or left. */
  watch(options?: CallOptions): AsyncGenerator<ChangeCursor, void> {
    return this.#records.watch(options);
  }

  async erase(request: EraseRequest, options?: CallOptions): Promise<EraseResult> {
    return await this.#records.erase(request, options);
  }

  verify(request: VerifyRequest, options?: CallOptions): AsyncIterable<VerifyPage> {
    return this.#records.verify(request, options);
  }

  /**
   * Runs a query of openCypher that only reads. It sees the whole graph, also what plain Cypher added.
   *
   * @throws RMTC_QUERY_INVALID when the query is wrong, writes, or does not name what it returns.
   * @throws RMTC_LIMIT_EXCEEDED when the server's own limit of time stopped it.
   * @throws RMTC_NOT_FOUND when somebody dropped the graph.
   */
  async cypher(request: CypherRequest, options?: CallOptions): Promise<CypherResult> {
    return await runCypher(this.#database, this.#place.graph, request, options);
  }

  /**
   * Makes the graph again from the records, after somebody dropped or changed it. What plain Cypher added stays, unless
   * it went with the graph.
   *
   * @throws RMTC_ACCESS_DENIED when this user does not own the tables and the graph.
   */
  async rebuildGraph(options?: CallOptions): Promise<void> {
    await rebuildGraph(this.#database, this.#place, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#records[Symbol.asyncDispose](), this.#database.close()]);
  }
}
