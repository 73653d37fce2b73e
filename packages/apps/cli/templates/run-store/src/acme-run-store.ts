// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type {
  Alias,
  CallOptions,
  LogMetricsRequest,
  MetricSummary,
  MetricsRequest,
  MetricsResult,
  RunStatus,
  RunStore,
  RunStoreCapabilities,
  SealIntent,
  SetAliasRequest,
} from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import { MemoryRunStore } from "@rmtc/store-memory";

/**
 * Keeps states, metrics and aliases for as long as it is open.
 *
 * The store in memory stands where your engine will: replace the calls of it one after the other. The suite says at
 * once where a method of yours answers otherwise.
 */
export class AcmeRunStore implements RunStore {
  readonly name: string = "acme";
  readonly capabilities: RunStoreCapabilities;
  readonly #engine: RunStore = new MemoryRunStore();

  constructor() {
    this.capabilities = this.#engine.capabilities;
  }

  async openRun(...call: Parameters<RunStore["openRun"]>): Promise<RunStatus> {
    return await this.#engine.openRun(...call);
  }

  async startAttempt(...call: Parameters<RunStore["startAttempt"]>): Promise<RunStatus> {
    return await this.#engine.startAttempt(...call);
  }

  async endAttempt(...call: Parameters<RunStore["endAttempt"]>): Promise<RunStatus> {
    return await this.#engine.endAttempt(...call);
  }

  async getRuns(runs: readonly RecordId[], options?: CallOptions): Promise<readonly (RunStatus | null)[]> {
    return await this.#engine.getRuns(runs, options);
  }

  async listRuns(...call: Parameters<RunStore["listRuns"]>): ReturnType<RunStore["listRuns"]> {
    return await this.#engine.listRuns(...call);
  }

  async logMetrics(request: LogMetricsRequest, options?: CallOptions): Promise<void> {
    await this.#engine.logMetrics(request, options);
  }

  async readMetrics(request: MetricsRequest, options?: CallOptions): Promise<MetricsResult> {
    return await this.#engine.readMetrics(request, options);
  }

  async summarizeMetrics(run: RecordId, options?: CallOptions): Promise<readonly MetricSummary[]> {
    return await this.#engine.summarizeMetrics(run, options);
  }

  async beginSeal(intent: SealIntent, options?: CallOptions): Promise<RunStatus> {
    return await this.#engine.beginSeal(intent, options);
  }

  async finishSeal(request: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    return await this.#engine.finishSeal(request, options);
  }

  async pendingSeals(options?: CallOptions): Promise<readonly SealIntent[]> {
    return await this.#engine.pendingSeals(options);
  }

  async setAlias(request: SetAliasRequest, options?: CallOptions): Promise<Alias> {
    return await this.#engine.setAlias(request, options);
  }

  async getAlias(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    return await this.#engine.getAlias(alias, options);
  }

  async aliasHistory(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    return await this.#engine.aliasHistory(alias, options);
  }

  async listAliases(...call: Parameters<RunStore["listAliases"]>): Promise<readonly Alias[]> {
    return await this.#engine.listAliases(...call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
  }
}
