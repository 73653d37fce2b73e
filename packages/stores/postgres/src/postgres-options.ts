// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { OptionsIssue, OptionsResult, OptionsSchema } from "@rmtc/contract";

/** Which database is used, and how. */
export interface PostgresOptions {
  /**
   * A connection address, for example `postgres://user@server/database`; whatever it leaves out comes from the
   * environment variables of libpq (`PGHOST`, `PGUSER`, `PGPASSWORD` …).
   */
  readonly address: string;
  /** The folder of a Unix socket, or a host, instead of the address's host. */
  readonly host?: string | undefined;
  /** The schema that holds the tables; `rmtc` unless given. */
  readonly schema?: string | undefined;
  /** The most connections at one time; 8 unless given. */
  readonly maxConnections?: number | undefined;
  /** How long a call waits for a connection or for another writer; 10,000 unless given. */
  readonly busyTimeoutMilliseconds?: number | undefined;
}

/** The options with everything filled in. */
export interface ResolvedPostgresOptions {
  readonly address: string;
  readonly host: string | undefined;
  readonly schema: string;
  readonly maxConnections: number;
  readonly busyTimeoutMilliseconds: number;
}

const schemaForm = /^[a-z_][a-z0-9_]{0,62}$/;
/** An hour: whoever waits longer has a problem that waiting does not solve. */
const maxTimeoutMilliseconds = 3_600_000;

/** Checks the options of both roles. A URL's part after the scheme comes as `path`. */
export const postgresOptions: OptionsSchema<PostgresOptions> = {
  "~standard": { version: 1, vendor: "rmtc", validate },
};

/** Fills in what is not given. */
export function resolveOptions(options: PostgresOptions): ResolvedPostgresOptions {
  return {
    address: options.address,
    host: options.host,
    schema: options.schema ?? "rmtc",
    maxConnections: options.maxConnections ?? 8,
    busyTimeoutMilliseconds: options.busyTimeoutMilliseconds ?? 10_000,
  };
}

function validate(value: unknown): OptionsResult<PostgresOptions> {
  if (typeof value !== "object" || value === null) return { issues: [{ message: "must be an object" }] };
  const { path, address, host, schema, maxConnections, busyTimeoutMilliseconds, ...unknown } =
    value as Readonly<Record<string, unknown>>;
  const issues: OptionsIssue[] = Object.keys(unknown).map((key) => ({
    message: "is not a known option",
    path: [key],
  }));
  const whole = address ?? (typeof path === "string" ? `postgres:${path}` : "postgres://");
  if (typeof whole !== "string" || !/^postgres(ql)?:\/\//.test(whole) || !URL.canParse(whole)) {
    issues.push({
      message: "must be an address of the form postgres://user@server/database",
      path: ["address"],
    });
  }
  if (host !== undefined && (typeof host !== "string" || host === "")) {
    issues.push({ message: "must be a host, or the folder of a socket", path: ["host"] });
  }
  if (schema !== undefined && (typeof schema !== "string" || !schemaForm.test(schema))) {
    issues.push({ message: "must be a name of lower case letters, digits and _", path: ["schema"] });
  }
  checkNumber(maxConnections, 1, 100, "maxConnections", issues);
  checkNumber(busyTimeoutMilliseconds, 1, maxTimeoutMilliseconds, "busyTimeoutMilliseconds", issues);
  if (issues.length > 0) return { issues };
  return {
    value: { address: whole, host, schema, maxConnections, busyTimeoutMilliseconds } as PostgresOptions,
  };
}

function checkNumber(
  value: unknown,
  least: number,
  most: number,
  name: string,
  issues: OptionsIssue[],
): void {
  if (value === undefined) return;
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  issues.push({ message: `must be an integer from ${least} to ${most}`, path: [name] });
}
