// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type QueryOrder, RmtcError } from "@rmtc/contract";
import type { Workspace } from "@rmtc/core";
import { parseQuery } from "@rmtc/query";
import { queryFields } from "@rmtc/spec";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { formatRecords } from "../output/format-records.ts";
import { printJson } from "../output/print-json.ts";
import { style } from "../output/style.ts";
import { parseInteger } from "../parse-number.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly order?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly count?: boolean;
}

/** `rmtc find`: finds records. */
export function register(program: Command): void {
  const command = program
    .command("find")
    .summary("find records")
    .description("Finds records that match every term. Without a term it lists all.")
    .argument(
      "[terms...]",
      "kind=asset, 'name~\"hero roto\"', asset.frameNumber>=1003, link.trainedOn=mattes, tag, !tag, order:-created …",
    )
    .option("-o, --order <field>", "order by a field; -field for descending")
    .option("-n, --limit <count>", "the most records to print", parseInteger("--limit", 1, 1000), 20)
    .option("--cursor <cursor>", "go on from a page before")
    .option("--count", "only count");
  addCommonOptions(command)
    .addHelpText(
      "after",
      `\nA term is a query of the standard's query strings; values with spaces or commas stand in quotation marks.\nOperators: = (several values with commas)  ^= starts with  ~ has words  < <= > >=  field alone: has one  !field: has none\n\nFields:\n${queryFields.map(({ field, meaning }) => `  ${field.padEnd(24)} ${meaning}`).join("\n")}\n\nExamples:\n  rmtc find kind=weights --order -created\n  rmtc find kind=asset asset.sequenceName=sh010 'asset.frameNumber>=1010'\n  rmtc find link.depicts=hero-a --count\n  rmtc find 'kind=weights name~"hero roto" order:-weights.step'`,
    )
    .action(
      async (terms: string[], options: Options) =>
        await withWorkspace(options, (workspace) => run(workspace, terms, options)),
    );
}

async function run(workspace: Workspace, terms: readonly string[], options: Options): Promise<void> {
  const { resolveReference } = await import("@rmtc/core");
  const clauses = terms.map(parseQuery);
  const orders = clauses.flatMap(({ order }) => order ?? []);
  if (options.order !== undefined)
    orders.push({
      field: options.order.replace(/^-/, ""),
      descending: options.order.startsWith("-"),
    } satisfies QueryOrder);
  if (orders.length > 1)
    throw new RmtcError("RMTC_QUERY_INVALID", "Results have one order; name one, by --order or by order:…");
  const where = await Promise.all(
    clauses
      .flatMap((clause) => clause.where)
      .map(async (filter) => {
        const isName =
          filter.field.startsWith("link.") &&
          typeof filter.value === "string" &&
          !filter.value.startsWith("urn:uuid:");
        return isName
          ? { ...filter, value: (await resolveReference(workspace, filter.value)).record.id }
          : filter;
      }),
  );
  if (options.count === true) {
    const { count, more } = await workspace.records.count({ where });
    if (options.json === true) printJson({ count, more });
    else console.log(more ? `more than ${count}` : String(count));
    return;
  }
  const found = await workspace.records.find({
    where,
    order: orders[0],
    limit: options.limit,
    cursor: options.cursor,
  });
  if (options.json === true) {
    printJson({
      records: found.records.map(({ record, digest, position }) => ({ ...record, digest, position })),
      next: found.next,
      asOf: found.asOf,
    });
    return;
  }
  if (found.records.length === 0) {
    console.log("No record matches.");
    return;
  }
  console.log(formatRecords(found.records));
  if (found.next !== undefined)
    console.log(style("dim", `… there are more: --limit, or --cursor ${found.next}`));
}
