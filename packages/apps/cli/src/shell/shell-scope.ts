// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import {
  Entity,
  type Exposure,
  exposure,
  type Impact,
  impact,
  resolveReference,
  type Trace,
  trace,
  type Workspace,
} from "@rmtc/core";
import { parseQuery, Query, type QueryClauses } from "@rmtc/query";
import { formatExposure, formatImpact } from "../output/format-answers.ts";
import { formatRecord } from "../output/format-record.ts";
import { formatRecords } from "../output/format-records.ts";
import { formatTree } from "../output/lineage-tree.ts";
import { formatCompleteness } from "../output/print-gaps.ts";
import { style } from "../output/style.ts";
import { shown } from "./shown.ts";

/** A record, by what a person calls it or by a handle. */
type Reference = string | Entity;

const defaultLimit = 20;

/** What can be called in the shell, with one line of help each. */
export const scopeHelp: readonly (readonly [call: string, meaning: string])[] = [
  ['find("kind=weights order:-created")', "records as a table and as entities; find(query, { limit: 200 })"],
  ['count("kind=asset !tag")', "how many there are"],
  ['show("hero-roto@production")', "one record, with its files, links and body"],
  ['trace("roto.1001.exr")', "what it was made from, as a tree"],
  ['impact("hero-b")', "what was made from it"],
  ['has("hero-roto", "hero-b")', "whether it has seen her: present, absent, influenced or unknown"],
  ['entity("mattes")', "a handle that loads its parts when they are asked for"],
  ["new Query()", "a query put together step by step; find takes it, too"],
  ["workspace, records, runs, blobs", "what is open"],
];

/**
 * Makes what can be called in the shell of a workspace.
 *
 * @param signal gives the signal that Ctrl+C aborts, anew for each line.
 */
export function makeScope(
  workspace: Workspace,
  signal: () => AbortSignal,
): Readonly<Record<string, unknown>> {
  const idOf = async (reference: Reference): Promise<string> =>
    typeof reference === "string" ? (await resolveReference(workspace, reference)).record.id : reference.id;
  return {
    workspace,
    records: workspace.records,
    runs: workspace.runs,
    blobs: workspace.blobs,
    Query,
    find: async (query: string | Query = "", { limit = defaultLimit } = {}): Promise<Entity[]> => {
      const clauses = await withIds(workspace, typeof query === "string" ? parseQuery(query) : query);
      const found = await workspace.records.find({ ...clauses, limit }, { signal: signal() });
      const entities = found.records.map(({ record }) => new Entity(workspace, record.id));
      const more =
        found.next === undefined ? "" : `\n${style("dim", `… there are more: { limit: ${limit * 10} }`)}`;
      return shown(
        entities,
        found.records.length === 0 ? "No record matches." : `${formatRecords(found.records)}${more}`,
      );
    },
    count: async (query: string | Query = ""): Promise<number> => {
      const { where } = await withIds(workspace, typeof query === "string" ? parseQuery(query) : query);
      const { count, more } = await workspace.records.count({ where }, { signal: signal() });
      if (!more) return count;
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `There are more than ${count}; that is as far as stores count.`,
      );
    },
    show: async (reference: Reference): Promise<object> => {
      const stored = await resolveReference(workspace, await idOf(reference));
      return shown({ ...stored }, await formatRecord(workspace, stored));
    },
    trace: async (reference: Reference): Promise<Trace> => {
      const root = await idOf(reference);
      const found = await trace(workspace, [root], { signal: signal() });
      return shown(found, `${formatTree(found.nodes, [root])}\n${formatCompleteness(found)}`);
    },
    impact: async (reference: Reference): Promise<Impact> => {
      const found = await impact(workspace, await idOf(reference), { signal: signal() });
      return shown(found, formatImpact(found));
    },
    has: async (artifact: Reference, target: Reference): Promise<Exposure> => {
      const asked = (await resolveReference(workspace, await idOf(target))).record;
      const found = await exposure(workspace, await idOf(artifact), asked.id, { signal: signal() });
      return shown(found, await formatExposure(workspace, asked, found));
    },
    entity: async (reference: string): Promise<Entity> => new Entity(workspace, await idOf(reference)),
    help: (): object => {
      const width = Math.max(...scopeHelp.map(([call]) => call.length));
      const lines = scopeHelp.map(([call, meaning]) => `  ${call.padEnd(width)}  ${style("dim", meaning)}`);
      const keys = "Tab completes names, kinds, fields and relations. .exit leaves.";
      return shown({}, [...lines, keys].join("\n"));
    },
  };
}

/** Replaces names in filters on links by the ids that they stand for. */
async function withIds(workspace: Workspace, { where, order }: QueryClauses): Promise<QueryClauses> {
  const filters = where.map(async (filter) => {
    const { field, value } = filter;
    if (!field.startsWith("link.") || typeof value !== "string" || value.startsWith("urn:uuid:"))
      return filter;
    return { ...filter, value: (await resolveReference(workspace, value)).record.id };
  });
  return { where: await Promise.all(filters), order };
}
