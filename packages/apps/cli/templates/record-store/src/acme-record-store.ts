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
import { MemoryRecordStore } from "@rmtc/store-memory";

/**
 * Keeps records for as long as it is open.
 *
 * The store in memory stands where your engine will: replace the calls of it one after the other. The suite says at
 * once where a method of yours answers otherwise.
 */
export class AcmeRecordStore implements RecordStore {
  readonly name: string = "acme";
  readonly capabilities: RecordStoreCapabilities;
  readonly #engine: RecordStore = new MemoryRecordStore();

  constructor() {
    this.capabilities = this.#engine.capabilities;
  }

  async put(request: PutRequest, options?: CallOptions): Promise<PutResult> {
    return await this.#engine.put(request, options);
  }

  async get(request: GetRequest, options?: CallOptions): Promise<GetResult> {
    return await this.#engine.get(request, options);
  }

  async find(request: FindRequest, options?: CallOptions): Promise<FindResult> {
    return await this.#engine.find(request, options);
  }

  async count(request: CountRequest, options?: CallOptions): Promise<CountResult> {
    return await this.#engine.count(request, options);
  }

  async edges(request: EdgesRequest, options?: CallOptions): Promise<EdgesResult> {
    return await this.#engine.edges(request, options);
  }

  closure(request: ClosureRequest, options?: CallOptions): AsyncIterable<ClosurePage> {
    return this.#engine.closure(request, options);
  }

  async changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResult> {
    return await this.#engine.changes(request, options);
  }

  async head(options?: CallOptions): Promise<{ readonly cursor: ChangeCursor }> {
    return await this.#engine.head(options);
  }

  async erase(request: EraseRequest, options?: CallOptions): Promise<EraseResult> {
    return await this.#engine.erase(request, options);
  }

  verify(request: VerifyRequest, options?: CallOptions): AsyncIterable<VerifyPage> {
    return this.#engine.verify(request, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
  }
}
