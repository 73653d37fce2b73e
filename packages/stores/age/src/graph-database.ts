// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, RmtcError } from "@rmtc/contract";
import type { PostgresOptions } from "@rmtc/store-postgres";
import { Pool, type PoolClient } from "pg";
import { errorFromAge } from "./age-error.ts";

/** Runs one statement of a transaction and returns its rows, each as an array. The caller names the types of the columns. */
export type Query = <Row extends readonly unknown[] = readonly unknown[]>(
  sql: string,
  parameters?: readonly unknown[],
) => Promise<readonly Row[]>;

/** Connections for the graph, apart from those of the records: AGE's operators are found only along the search path. */
export class GraphDatabase {
  /** The database without user and password, for messages. */
  readonly place: string;
  readonly #pool: Pool;
  readonly #begin: string;
  #closed = false;

  constructor({ address, host, maxConnections = 8, busyTimeoutMilliseconds = 10_000 }: PostgresOptions) {
    const whole = new URL(address);
    this.place = `age://${whole.host}${whole.pathname}`;
    if (host !== undefined) whole.searchParams.set("host", host);
    this.#begin = `SET LOCAL search_path TO ag_catalog; SET LOCAL jit TO off; SET LOCAL lock_timeout TO ${busyTimeoutMilliseconds}`;
    this.#pool = new Pool({
      connectionString: whole.href,
      application_name: "rmtc graph",
      keepAlive: true,
      max: maxConnections,
      connectionTimeoutMillis: busyTimeoutMilliseconds,
      allowExitOnIdle: true,
    });
    // A connection that breaks while it is idle is no error of any call; one that breaks in use fails its statement.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /**
   * Runs statements that see one state of the database, and undoes whatever they did.
   *
   * @throws RMTC_STORE_CLOSED when the store was closed; the signal's reason when the call was aborted.
   */
  async read<Result>(
    options: CallOptions | undefined,
    action: (query: Query) => Promise<Result>,
  ): Promise<Result> {
    return await this.#transaction(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
      "ROLLBACK",
      options,
      action,
    );
  }

  /** Runs statements that all take effect at one moment, or none does. */
  async write<Result>(
    options: CallOptions | undefined,
    action: (query: Query) => Promise<Result>,
  ): Promise<Result> {
    return await this.#transaction("BEGIN", "COMMIT", options, action);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  async #transaction<Result>(
    begin: string,
    end: string,
    options: CallOptions | undefined,
    action: (query: Query) => Promise<Result>,
  ): Promise<Result> {
    if (this.#closed) {
      throw new RmtcError("RMTC_STORE_CLOSED", `The store in ${this.place} was closed; open a new one.`);
    }
    const signal = options?.signal;
    signal?.throwIfAborted();
    const client = await this.#take(signal);
    let broken = true;
    try {
      const query: Query = async (sql, parameters) => {
        const values = parameters && { values: [...parameters] };
        const { rows } = await untilAborted(client.query({ text: sql, rowMode: "array", ...values }), signal);
        return rows as never;
      };
      await query(`${begin}; ${this.#begin}`);
      const result = await action(query).catch(async (error: unknown) => {
        if (signal?.aborted !== true) {
          // On a broken connection there is nothing left to undo, and the first error says why.
          broken = await client.query("ROLLBACK").then(
            () => false,
            () => true,
          );
        }
        throw error;
      });
      await client.query(end);
      broken = false;
      return result;
    } catch (error) {
      throw errorFromAge(error, this.place);
    } finally {
      // A connection that is given up takes its statement and its transaction with it.
      client.release(broken);
    }
  }

  async #take(signal: AbortSignal | undefined): Promise<PoolClient> {
    const taken = this.#pool.connect();
    try {
      return await untilAborted(taken, signal);
    } catch (error) {
      taken.then(
        (client) => client.release(),
        () => undefined,
      );
      throw errorFromAge(error, this.place);
    }
  }
}

/** Waits for a promise, or ends with the signal's reason at once. */
async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await promise;
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
