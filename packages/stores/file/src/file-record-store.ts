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
  type EdgesRequest,
  type EdgesResult,
  type EraseRequest,
  type EraseResult,
  type FindRequest,
  type FindResult,
  type GetRequest,
  type GetResult,
  type PutRequest,
  type PutResult,
  type RecordStore,
  type RecordStoreCapabilities,
  RmtcError,
  type StoredRecord,
  type VerifyPage,
  type VerifyRequest,
} from "@rmtc/contract";
import { CallGuard } from "./call-guard.ts";
import { cursorsAt } from "./change-cursor.ts";
import { edgesPage, readEdgesPage } from "./edges-cursor.ts";
import type { FileOptions } from "./file-options.ts";
import { listChanges, placeOf } from "./list-changes.ts";
import { checkIncoming, putRecords, writeEntry } from "./put-records.ts";
import { type IndexView, RecordFolder } from "./record-folder.ts";
import { isIndexBroken } from "./record-index.ts";
import { openStoreFolder } from "./store-folder.ts";
import { verifyFiles } from "./verify-files.ts";

/** How often a read starts again because the index was made anew under it. */
const maxAttempts = 3;

/**
 * Holds records in a folder of JSON documents, one for each put or erasure, which is merged with a copy by copying
 * files together. Questions are answered from an index that every machine makes for itself.
 *
 * @example
 * await using store = await FileRecordStore.open({ path: "/shows/hero/records" });
 * await store.put({ records: [makeRecord({ kind: "asset", name: "plate" })] });
 */
export class FileRecordStore implements RecordStore {
  readonly name: string = "file";
  readonly capabilities: RecordStoreCapabilities = {
    durable: true,
    concurrentWriters: false,
    maxPutRecords: 10_000,
  };
  readonly #folder: RecordFolder;
  readonly #guard: CallGuard;
  #closing: Promise<void> | undefined;
  readonly #calls = new Set<Promise<unknown>>();

  private constructor(folder: RecordFolder) {
    this.#folder = folder;
    this.#guard = new CallGuard(folder.folder.path);
  }

  /**
   * Opens a store and brings its index up to date, creating the folder if need be.
   *
   * @throws RMTC_NOT_FOUND when the folder around it does not exist.
   * @throws RMTC_ACCESS_DENIED when this user may not write there.
   * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version made the folder; RMTC_FORMAT_INVALID, RMTC_STORE_DAMAGED.
   * @throws RMTC_STORE_BUSY when other processes of this machine do not let it in.
   */
  static async open(options: FileOptions, callOptions: CallOptions = {}): Promise<FileRecordStore> {
    callOptions.signal?.throwIfAborted();
    const folder = await openStoreFolder(options);
    return new FileRecordStore(await RecordFolder.open(folder, callOptions));
  }

  async put({ records, partition = "" }: PutRequest, options?: CallOptions): Promise<PutResult> {
    return this.#call(options, async () => {
      if (records.length > this.capabilities.maxPutRecords) {
        const message = `A put takes ${this.capabilities.maxPutRecords} records, not ${records.length}; split it.`;
        throw new RmtcError("RMTC_LIMIT_EXCEEDED", message, { pointer: "/records" });
      }
      return putRecords(this.#folder, await checkIncoming(records, options), partition, options);
    });
  }

  async get(request: GetRequest, options?: CallOptions): Promise<GetResult> {
    return this.#read(options, async ({ index }) => {
      const { records } = await index.store.get(request, options);
      return { records: await this.#dated(records) };
    });
  }

  async find(request: FindRequest, options?: CallOptions): Promise<FindResult> {
    return this.#read(options, async (view) => {
      const { records, next } = await view.index.store.find(request, options);
      const found = { records: (await this.#dated(records)) as StoredRecord[], asOf: headOf(view) };
      return next === undefined ? found : { ...found, next };
    });
  }

  async count(request: CountRequest, options?: CallOptions): Promise<CountResult> {
    return this.#read(options, async (view) => ({
      ...(await view.index.store.count(request, options)),
      asOf: headOf(view),
    }));
  }

  async edges(request: EdgesRequest, options?: CallOptions): Promise<EdgesResult> {
    return this.#read(options, async (view) => {
      const page = request.cursor === undefined ? undefined : readEdgesPage(request.cursor, view.index.name);
      const asOf = page?.asOf ?? request.asOf ?? headOf(view);
      const translated = await this.#asOf(request.asOf, view);
      const asked = { ...request, cursor: page?.cursor, asOf: translated };
      const { edges, next } = await view.index.store.edges(asked, options);
      if (next === undefined) return { edges, asOf };
      return { edges, asOf, next: edgesPage({ cursor: next, asOf, index: view.index.name }) };
    });
  }

  async *closure(request: ClosureRequest, options?: CallOptions): AsyncGenerator<ClosurePage, void> {
    this.#guard.check(options);
    const view = await this.#read(options, async (one) => one);
    view.index.retain();
    try {
      const asOf = request.asOf ?? headOf(view);
      const translated = (await this.#asOf(request.asOf, view)) ?? `${view.index.name}-${view.last}`;
      for await (const page of view.index.store.closure({ ...request, asOf: translated }, options)) {
        yield { ...page, asOf };
        this.#guard.check(options);
      }
    } finally {
      await view.index.release();
    }
  }

  async changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResult> {
    const { limit } = request;
    return this.#read(options, async (view) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
        const message = '"/limit" must be an integer from 1 to 10000.';
        throw new RmtcError("RMTC_QUERY_INVALID", message, { pointer: "/limit" });
      }
      return listChanges(view, this.#folder.applied, request);
    });
  }

  async head(options?: CallOptions): Promise<{ readonly cursor: ChangeCursor }> {
    return this.#read(options, async (view) => ({ cursor: headOf(view) }));
  }

  async erase({ id, parts }: EraseRequest, options?: CallOptions): Promise<EraseResult> {
    return this.#call(options, () =>
      this.#folder.turn(async () => {
        await this.#folder.catchUp(false);
        const { store } = this.#folder.current().index;
        const [held] = (await store.get({ ids: [id] }, options)).records;
        if (held === null || held === undefined) {
          throw new RmtcError("RMTC_NOT_FOUND", `Record ${id} is not held; nothing was erased.`, {
            subject: id,
          });
        }
        const { record, erased } = held;
        const present = parts.filter(
          (part) => record[part] !== undefined || record.redacted?.[part] !== undefined,
        );
        const fresh = [...new Set(present)].filter((part) => !erased.includes(part));
        let busy: unknown;
        if (fresh.length > 0) {
          const make = (head: { writer: string; number: number; receivedAt: string }) => ({
            ...head,
            erase: { id, parts: fresh },
          });
          busy = (await writeEntry(this.#folder, make, options)).busy;
        } else {
          // An earlier erasure may not have been able to clean the index.
          await store.erase({ id, parts });
        }
        const [stored] = await this.#dated((await store.get({ ids: [id] })).records);
        return { busy, erased: { stored: stored as StoredRecord, cursor: headOf(this.#folder.current()) } };
      }, options?.signal),
    ).then(({ busy, erased }) => {
      if (busy !== undefined) throw busy;
      return erased;
    });
  }

  async *verify(request: VerifyRequest, options?: CallOptions): AsyncGenerator<VerifyPage, void> {
    this.#guard.check(options);
    await this.#read(options, async () => undefined);
    for await (const page of verifyFiles(this.#folder, request)) {
      this.#guard.check(options);
      yield page;
      this.#guard.check(options);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#guard.close();
    this.#closing ??= Promise.allSettled(this.#calls).then(() => this.#folder.close());
    await this.#closing;
  }

  /** Runs a call; closing the store waits for its end. */
  async #call<Result>(options: CallOptions | undefined, action: () => Promise<Result>): Promise<Result> {
    this.#guard.check(options);
    const call = action();
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  async #read<Result>(
    options: CallOptions | undefined,
    action: (view: IndexView) => Promise<Result>,
  ): Promise<Result> {
    return this.#call(options, async () => {
      for (let attempt = 1; ; attempt++) {
        const view = await this.#folder.view(options);
        try {
          const result = await view.index.use(() => action(view));
          // Positions of an index that was replaced meanwhile are not those that were looked up.
          if (attempt === maxAttempts || this.#folder.isCurrent(view)) return result;
        } catch (error) {
          if (attempt === maxAttempts || !isIndexBroken(error)) throw error;
          // The index is never the truth: it is made anew from the files.
          await this.#folder.turn(() => this.#folder.rebuild(false), options?.signal);
        }
      }
    });
  }

  /** A cursor of the index that stands for one of the store. */
  async #asOf(cursor: ChangeCursor | undefined, view: IndexView): Promise<ChangeCursor | undefined> {
    if (cursor === undefined) return undefined;
    const { position } = await placeOf(cursor, view, this.#folder.applied);
    return `${view.index.name}-${position}`;
  }

  /** Gives records the times at which their entries were received. */
  async #dated(records: readonly (StoredRecord | null)[]): Promise<(StoredRecord | null)[]> {
    const { applied } = this.#folder;
    const dated = records.map(
      (one) => one && { ...one, receivedAt: applied.spanAt(one.position)?.received ?? "" },
    );
    if (!dated.some((one) => one?.receivedAt === "")) return dated;
    // Another process has put them and not yet said so: after its turn it has.
    await this.#folder.turn(() => this.#folder.catchUp(false));
    return records.map(
      (one) => one && { ...one, receivedAt: applied.spanAt(one.position)?.received ?? one.receivedAt },
    );
  }
}

function headOf({ head, last }: IndexView): ChangeCursor {
  return cursorsAt(head)(last);
}
