// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Exposure, getRecords, type Impact, type Workspace } from "@rmtc/core";
import type { RmtcRecord } from "@rmtc/spec";
import { formatPath } from "./lineage-tree.ts";
import { formatCompleteness } from "./print-gaps.ts";
import { style } from "./style.ts";
import { formatTable } from "./table.ts";

/** Formats what was made from a record, who holds it, and what is not known. */
export function formatImpact(found: Impact): string {
  const rows = found.nodes.map((node) => [
    String(node.depth),
    style("cyan", node.kind),
    node.name ?? "",
    node.via?.rel ?? "",
    node.id.slice("urn:uuid:".length),
  ]);
  return [
    formatTable(["links", "kind", "name", "by", "id"], rows),
    ...found.unsealed.map((activity) =>
      style("yellow", `${activity} has not ended: it may still make more.`),
    ),
    ...found.holders.map(({ delivery, parties }) =>
      style("yellow", `delivery ${delivery} to ${parties.join(", ")}: who holds it may hold more.`),
    ),
    formatCompleteness(found),
  ].join("\n");
}

/** Formats whether something has seen a record, with the path or the gaps. */
export async function formatExposure(
  workspace: Workspace,
  asked: RmtcRecord,
  answer: Exposure,
): Promise<string> {
  const colour = answer.verdict === "absent" ? "green" : answer.verdict === "present" ? "red" : "yellow";
  const path = answer.path ?? [];
  const named = await getRecords(
    workspace.records,
    path.flatMap((edge) => [edge.from, edge.to]),
    ["name"],
  );
  return [
    `${style([colour, "bold"], answer.verdict)}: ${asked.kind} ${asked.name ?? asked.id}, ${answer.kinds.join(", ")}`,
    ...(path.length > 0
      ? [formatPath(path, new Map([...named].map(([id, { record }]) => [id, record])))]
      : []),
    ...(answer.notice === undefined ? [] : [`  so says notice ${answer.notice}`]),
    formatCompleteness(answer),
  ].join("\n");
}
