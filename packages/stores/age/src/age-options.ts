// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type OptionsIssue, type OptionsResult, type OptionsSchema, RmtcError } from "@rmtc/contract";
import { type PostgresOptions, recordStore } from "@rmtc/store-postgres";

/** Which database and which graph in it are used. */
export interface AgeOptions extends PostgresOptions {
  /** The graph, which is a schema of the database beside that of the records; `rmtc_graph` unless given. */
  readonly graph?: string | undefined;
}

/** Where the records and their graph are; both names are safe in a statement as they stand. */
export interface GraphPlace {
  readonly graph: string;
  readonly schema: string;
}

/** AGE takes no name below three letters; triggers are named for the graph and need the rest of 63. */
const graphForm = /^(?!pg_)[a-z_][a-z0-9_]{2,39}$/;
const schemaForm = /^[a-z_][a-z0-9_]{0,62}$/;
const graphRule = "must be a name of 3 to 40 lower case letters, digits and _, and not begin with pg_";

/** Checks the options of both roles. A URL's part after the scheme comes as `path`. */
export const ageOptions: OptionsSchema<AgeOptions> = {
  "~standard": { version: 1, vendor: "rmtc", validate },
};

/** Returns what the store on PostgreSQL is opened with. */
export function postgresOptionsOf({ graph: _, address, ...rest }: AgeOptions): PostgresOptions {
  return { ...rest, address: address.replace(/^age:/, "postgres:") };
}

/**
 * Returns the names of the graph and of the records' schema.
 *
 * @throws RMTC_OPTION_INVALID when one of them is no such name, or both are the same.
 */
export function graphPlaceOf({ graph = "rmtc_graph", schema = "rmtc" }: AgeOptions): GraphPlace {
  const [issue] = graphIssues(graph, schema);
  if (issue !== undefined) throw new RmtcError("RMTC_OPTION_INVALID", issue.message, { pointer: "/graph" });
  if (!schemaForm.test(schema)) {
    throw new RmtcError("RMTC_OPTION_INVALID", `"${schema}" is no name of a schema.`, { pointer: "/schema" });
  }
  return { graph, schema };
}

async function validate(value: unknown): Promise<OptionsResult<AgeOptions>> {
  if (typeof value !== "object" || value === null) return { issues: [{ message: "must be an object" }] };
  const { graph, path, address, ...rest } = value as Readonly<Record<string, unknown>>;
  const whole = address ?? (typeof path === "string" ? `age:${path}` : undefined);
  const given = typeof whole === "string" ? whole.replace(/^age:/, "postgres:") : whole;
  const checked = await recordStore.options["~standard"].validate({ ...rest, address: given });
  const issues = [
    ...(checked.issues ?? []).map(inTermsOfAge),
    ...(graph === undefined ? [] : graphIssues(graph, rest.schema ?? "rmtc")),
  ];
  if (checked.issues !== undefined || issues.length > 0) return { issues };
  return { value: graph === undefined ? checked.value : { ...checked.value, graph: graph as string } };
}

function inTermsOfAge(issue: OptionsIssue): OptionsIssue {
  return { ...issue, message: issue.message.replace("postgres://", "age://") };
}

function graphIssues(graph: unknown, schema: unknown): OptionsIssue[] {
  if (typeof graph !== "string" || !graphForm.test(graph)) return [{ message: graphRule, path: ["graph"] }];
  if (graph !== schema) return [];
  return [{ message: "must have another name than the schema of the records", path: ["graph"] }];
}
