// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  type CallOptions,
  type ChangeCursor,
  type ChangesRequest,
  type ChangesResult,
  type ClosurePage,
  type ClosureRequest,
  type CountRequest,
  type CountResult,
  type Edge,
  type EdgesRequest,
  type EdgesResult,
  type EraseRequest,
  type EraseResult,
  type FindRequest,
  type FindResult,
  type GetRequest,
  type GetResult,
  isRmtcError,
  type PutRequest,
  type PutResult,
  type RecordStore,
  type RecordStoreCapabilities,
  RmtcError,
  type VerifyPage,
  type VerifyRequest,
} from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import { loadGraph, saveGraph } from "./graph-file.ts";
import { GraphLimitError, ResidentGraph } from "./resident-graph.ts";
import { walkGraph } from "./walk-graph.ts";

const changesPerPage = 4_000;
const recordsPerRead = 500;
/** How far behind the graph may be for a question to wait until it has caught up; else the store answers. */
const mostChangesBehind = 20_000;
/** Earlier states of the graph that a question can still be about. */
const keptStates = 1_000;
const recordsBetweenSaves = 100_000;

/** How a store gets a graph. */
export interface GraphStoreOptions {
  /** The store; it belongs to the graph store from now on. */
  readonly store: RecordStore;
  /** The file that keeps the graph between starts. */
  readonly path: string;
}

/** How far the graph is. */
export interface GraphProgress {
  readonly records: number;
  readonly links: number;
  readonly bytes: number;
  /** Whether it had come to the head of the store when it looked last. */
  readonly isCurrent: boolean;
}

/**
 * A record store whose closures come from a graph in memory, which follows the store's changes.
 *
 * Every question first brings the graph to the head. Where that takes too long, as while it is made for the first
 * time, and for a moment that the graph does not know, the store itself answers: no answer lags.
 */
export class GraphStore implements RecordStore {
  readonly name: string;
  readonly capabilities: RecordStoreCapabilities;
  readonly #store: RecordStore;
  readonly #path: string;
  #graph: ResidentGraph;
  /** How many records the graph held at a cursor. */
  readonly #counts = new Map<ChangeCursor, number>();
  #following: Promise<boolean> | undefined;
  #making: Promise<void> | undefined;
  #isCurrent = false;
  #saved = 0;
  readonly #closing = new AbortController();

  private constructor({ store, path }: GraphStoreOptions, graph: ResidentGraph) {
    this.name = store.name;
    this.capabilities = store.capabilities;
    this.#store = store;
    this.#path = path;
    this.#graph = graph;
    this.#saved = graph.size;
  }

  /**
   * Gives a store a graph: the one that is kept in the file, or a new one, which is made in the background.
   *
   * A store whose data people can change by other means keeps answering by itself, because only it knows what is
   * not proved.
   */
  static async open(options: GraphStoreOptions): Promise<RecordStore> {
    if (options.store.capabilities.openToOtherMeans === true) return options.store;
    const kept = await loadGraph(options.path);
    const graph = kept !== undefined && (await isOfStore(kept, options.store)) ? kept : new ResidentGraph();
    const store = new GraphStore(options, graph);
    store.#make();
    return store;
  }

  /** How far the graph is. */
  get progress(): GraphProgress {
    const { size, linkCount, bytes } = this.#graph;
    return { records: size, links: linkCount, bytes, isCurrent: this.#isCurrent };
  }

  /** Waits until the graph has come to the head of the store. */
  async whenCurrent(): Promise<void> {
    await this.#making;
    await this.#follow();
  }

  async head(options?: CallOptions): Promise<{ readonly cursor: ChangeCursor }> {
    const head = await this.#store.head(options);
    if (!(await this.#follow())) return head;
    return { cursor: this.#graph.cursor ?? head.cursor };
  }

  async *closure(request: ClosureRequest, options?: CallOptions): AsyncGenerator<ClosurePage, void> {
    const { pageSize } = request;
    const isPlain =
      pageSize === undefined || (Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 10_000);
    const state = isPlain ? await this.#stateAt(request.asOf, options) : undefined;
    if (state === undefined) yield* this.#store.closure(request, options);
    else yield* walkGraph(this.#graph, request, state.count, state.cursor, options?.signal);
  }

  async put(request: PutRequest, options?: CallOptions): Promise<PutResult> {
    return await this.#store.put(request, options);
  }

  async get(request: GetRequest, options?: CallOptions): Promise<GetResult> {
    return await this.#store.get(request, options);
  }

  async find(request: FindRequest, options?: CallOptions): Promise<FindResult> {
    return await this.#store.find(request, options);
  }

  async count(request: CountRequest, options?: CallOptions): Promise<CountResult> {
    return await this.#store.count(request, options);
  }

  async edges(request: EdgesRequest, options?: CallOptions): Promise<EdgesResult> {
    return await this.#store.edges(request, options);
  }

  async changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResult> {
    return await this.#store.changes(request, options);
  }

  async erase(request: EraseRequest, options?: CallOptions): Promise<EraseResult> {
    return await this.#store.erase(request, options);
  }

  async *verify(request: VerifyRequest, options?: CallOptions): AsyncGenerator<VerifyPage, void> {
    yield* this.#store.verify(request, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort(new RmtcError("RMTC_STORE_CLOSED", "The store is closed."));
      await this.#making;
      await this.#following?.catch(() => false);
      if (this.#graph.size > this.#saved) await this.#save();
    }
    await this.#store[Symbol.asyncDispose]();
  }

  /** How many records the graph held at a cursor, or at the head; `undefined` where the store has to answer. */
  async #stateAt(
    asOf: ChangeCursor | undefined,
    options: CallOptions | undefined,
  ): Promise<{ readonly cursor: ChangeCursor; readonly count: number } | undefined> {
    options?.signal?.throwIfAborted();
    if (this.#closing.signal.aborted) return undefined;
    const cursor = asOf ?? ((await this.#follow()) ? this.#graph.cursor : undefined);
    // The graph may have grown since; what it held at the cursor is what counts.
    const count = cursor === undefined ? undefined : this.#counts.get(cursor);
    return cursor === undefined || count === undefined ? undefined : { cursor, count };
  }

  /** Makes the graph in the background, as far as the store goes now. */
  #make(): void {
    if (this.#making !== undefined) return;
    this.#making = (async () => {
      try {
        const { size } = this.#graph;
        while (!(await this.#follow())) this.#closing.signal.throwIfAborted();
        if (this.#graph.size - size > mostChangesBehind) await this.#graph.trim();
        if (this.#graph.size - this.#saved >= recordsBetweenSaves) await this.#save();
      } catch {
        // The store answers, and says by itself what is wrong with it.
      } finally {
        this.#making = undefined;
      }
    })();
  }

  /** Takes in what is new; `false` when that is not all yet. */
  async #follow(): Promise<boolean> {
    // Whoever asks while others follow may know of a later put than they will see.
    await this.#following?.catch(() => false);
    this.#following ??= this.#takeChanges().finally(() => {
      this.#following = undefined;
    });
    const isCurrent = await this.#following;
    this.#isCurrent = isCurrent;
    if (!isCurrent) this.#make();
    return isCurrent;
  }

  async #takeChanges(): Promise<boolean> {
    const signal = this.#closing.signal;
    for (let taken = 0; taken < mostChangesBehind; ) {
      const { changes, cursor } = await this.#store.changes(
        { limit: changesPerPage, ...(this.#graph.cursor !== undefined && { cursor: this.#graph.cursor }) },
        { signal },
      );
      const fresh = changes.filter(({ type, id }) => type === "put" && this.#graph.find(id) < 0);
      for (let start = 0; start < fresh.length; start += recordsPerRead) {
        const batch = fresh.slice(start, start + recordsPerRead);
        const links = await this.#readLinks(batch.map(({ id }) => id));
        try {
          for (const { id, kind, digest } of batch) this.#graph.add(id, kind, digest, links.get(id) ?? []);
        } catch (error) {
          if (!(error instanceof GraphLimitError)) throw error;
          this.#closing.abort(error);
          return false;
        }
      }
      this.#graph.cursor = cursor;
      this.#counts.delete(cursor);
      this.#counts.set(cursor, this.#graph.size);
      for (const old of this.#counts.keys()) {
        if (this.#counts.size <= keptStates) break;
        this.#counts.delete(old);
      }
      if (changes.length === 0) return true;
      taken += changes.length;
    }
    return false;
  }

  async #readLinks(ids: readonly RecordId[]): Promise<ReadonlyMap<RecordId, readonly Edge[]>> {
    const links = new Map<RecordId, Edge[]>();
    let cursor: string | undefined;
    do {
      const page: EdgesResult = await this.#store.edges(
        { ids, direction: "upstream", limit: 4_000, ...(cursor !== undefined && { cursor }) },
        { signal: this.#closing.signal },
      );
      for (const edge of page.edges) {
        const own = links.get(edge.from);
        if (own === undefined) links.set(edge.from, [edge]);
        else own.push(edge);
      }
      cursor = page.next;
    } while (cursor !== undefined);
    return links;
  }

  async #save(): Promise<void> {
    const { size } = this.#graph;
    try {
      await saveGraph(this.#graph, this.#path);
      this.#saved = size;
    } catch {
      // The next start makes it again.
    }
  }
}

async function isOfStore(graph: ResidentGraph, store: RecordStore): Promise<boolean> {
  if (graph.cursor === undefined) return false;
  try {
    await store.changes({ cursor: graph.cursor, limit: 1 });
    return true;
  } catch (error) {
    if (isRmtcError(error, "RMTC_CURSOR_INVALID")) return false;
    throw error;
  }
}
