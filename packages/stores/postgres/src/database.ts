// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, RmtcError } from "@rmtc/contract";
import { Client, type ClientConfig, Pool, type PoolClient, types } from "pg";
import { errorFromPostgres } from "./postgres-error.ts";
import { type PostgresOptions, type ResolvedPostgresOptions, resolveOptions } from "./postgres-options.ts";

/** One row of a result, its columns in the order of the statement. */
export type SqlRow = readonly unknown[];

/** Runs one statement of a transaction and returns its rows. The caller names the types of the columns. */
export type Query = <Row extends SqlRow = SqlRow>(
  sql: string,
  parameters?: readonly unknown[],
) => Promise<readonly Row[]>;

/** The type of 64-bit integers: positions and steps, which stay far below 2⁵³. */
const int8 = 20;

/** A pool of connections to one database, and its transactions. */
export class Database {
  readonly #options: ResolvedPostgresOptions;
  readonly #pool: Pool;
  #closed = false;

  constructor(options: PostgresOptions) {
    this.#options = resolveOptions(options);
    this.#pool = new Pool({
      ...this.#clientConfig(),
      max: this.#options.maxConnections,
      connectionTimeoutMillis: this.#options.busyTimeoutMilliseconds,
      allowExitOnIdle: true,
    });
    // A server that ends idle connections is not an error of any call; the next call opens a new one.
    this.#pool.on("error", () => undefined);
    // Nor is one that breaks while it is in use: the statement that it carries fails.
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** The schema that holds the tables. */
  get schema(): string {
    return this.#options.schema;
  }

  /** The database without user and password, for messages. */
  get place(): string {
    const { host, pathname } = new URL(this.#options.address);
    return `postgres://${host}${pathname}`;
  }

  /**
   * Lets a call begin or go on.
   *
   * @throws RMTC_STORE_CLOSED when the store was closed; the signal's reason when the call was aborted.
   */
  check(options: CallOptions | undefined): void {
    if (this.#closed) {
      throw new RmtcError("RMTC_STORE_CLOSED", `The store in ${this.place} was closed; open a new one.`);
    }
    options?.signal?.throwIfAborted();
  }

  /** Runs statements that see one state of the database. */
  async read<Result>(
    options: CallOptions | undefined,
    action: (query: Query) => Promise<Result>,
  ): Promise<Result> {
    return await this.#transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", options, action);
  }

  /** Runs statements that all take effect at one moment, or none does. */
  async write<Result>(
    options: CallOptions | undefined,
    action: (query: Query) => Promise<Result>,
  ): Promise<Result> {
    return await this.#transaction("BEGIN", options, action);
  }

  /** Opens a connection of its own, which the caller ends. */
  async connect(): Promise<Client> {
    const client = new Client(this.#clientConfig());
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      throw errorFromPostgres(error, this.place);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  async #transaction<Result>(
    begin: string,
    options: CallOptions | undefined,
    action: (query: Query) => Promise<Result>,
  ): Promise<Result> {
    this.check(options);
    const client = await this.#take(options?.signal);
    let broken = true;
    try {
      const query: Query = async (sql, parameters) => {
        const request = {
          text: sql,
          rowMode: "array",
          ...(parameters && { values: [...parameters] }),
        } as const;
        const { rows } = await untilAborted(client.query(request), options?.signal);
        return rows as never;
      };
      const { schema, busyTimeoutMilliseconds } = this.#options;
      // One message for all of it, and good for one transaction only, so that poolers in between do no harm.
      await query(
        `${begin}; SET LOCAL search_path TO ${schema}; SET LOCAL lock_timeout TO ${busyTimeoutMilliseconds}; SET LOCAL jit TO off`,
      );
      const result = await action(query).catch(async (error: unknown) => {
        if (options?.signal?.aborted !== true) {
          // On a broken connection there is nothing left to undo, and the first error says why.
          broken = await client.query("ROLLBACK").then(
            () => false,
            () => true,
          );
        }
        throw error;
      });
      // Not given up when the call is aborted: by now it may have taken effect.
      await client.query("COMMIT");
      broken = false;
      return result;
    } catch (error) {
      throw errorFromPostgres(error, this.place);
    } finally {
      // A connection that is given up takes its open transaction with it.
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
      throw errorFromPostgres(error, this.place);
    }
  }

  #clientConfig(): ClientConfig {
    const { address, host } = this.#options;
    const whole = new URL(address);
    if (host !== undefined) whole.searchParams.set("host", host);
    return {
      connectionString: whole.href,
      application_name: "rmtc",
      keepAlive: true,
      types: {
        getTypeParser: (type: number, format?: "text" | "binary") =>
          type === int8 ? Number : types.getTypeParser(type, format as "text"),
      },
    };
  }
}

/** Waits for a promise, or ends with the signal's reason at once. */
async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
