// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CypherSource, type RecordStore, RmtcError } from "@rmtc/contract";
import type { Workspace } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { printJson } from "../output/print-json.ts";
import { printable } from "../output/printable.ts";
import { style } from "../output/style.ts";
import { formatTable } from "../output/table.ts";
import { parseInteger } from "../parse-number.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly parameters?: string;
  readonly limit: number;
}

/** `rmtc cypher`: runs a facility's own query on a store that is a graph. */
export function register(program: Command): void {
  const command = program
    .command("cypher")
    .summary("query the graph of a store in openCypher")
    .description(
      "Runs a query in openCypher that only reads, on a store that keeps its records as a graph, such as age://server/pipeline. Vertices are labelled by kind and edges by relation. It sees what people added to the graph by other means as well; find never does, and trace names it as a gap.",
    )
    .argument("<query>", "one query that ends with a RETURN")
    .option("-p, --parameters <json>", "values of $name in the query, as a JSON object")
    .option("-n, --limit <count>", "the most rows to print", parseInteger("--limit", 1, 10_000), 1000);
  addCommonOptions(command)
    .addHelpText(
      "after",
      `\nExamples:\n  rmtc cypher 'MATCH (w:weights)-[:generatedBy]->(r:run)-[:trainedOn]->(d:dataset) RETURN w.name, d.name'\n  rmtc cypher 'MATCH (a:asset) WHERE a.name STARTS WITH $shot RETURN a.name' --parameters '{"shot":"sh010"}'`,
    )
    .action(
      async (query: string, options: Options) =>
        await withWorkspace(options, (workspace, signal) => run(workspace, signal, query, options)),
    );
}

async function run(
  workspace: Workspace,
  signal: AbortSignal,
  query: string,
  options: Options,
): Promise<void> {
  const store = workspace.records;
  if (!isCypherSource(store)) {
    throw new RmtcError(
      "RMTC_UNSUPPORTED",
      `The ${store.name} store is no graph. Copy its records into one: rmtc copy --from … --to age://server/database.`,
    );
  }
  const { limit } = options;
  const result = await store.cypher(
    { query, limit, parameters: parseParameters(options.parameters) },
    { signal },
  );
  if (options.json === true) {
    printJson(result);
    return;
  }
  const rows = result.rows.map((row) =>
    row.map((value) => printable(typeof value === "string" ? value : JSON.stringify(value))),
  );
  console.log(rows.length === 0 ? "No row." : formatTable(result.columns.map(printable), rows));
  if (result.more) console.log(style("dim", `… there are more than ${limit}: --limit`));
}

function isCypherSource(store: RecordStore): store is CypherSource & RecordStore {
  return "cypher" in store && typeof store.cypher === "function";
}

function parseParameters(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // What is no JSON is no object either.
  }
  throw new RmtcError("RMTC_OPTION_INVALID", "--parameters must be a JSON object.", {
    pointer: "/parameters",
  });
}
