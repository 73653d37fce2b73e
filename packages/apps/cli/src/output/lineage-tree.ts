// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Edge } from "@rmtc/contract";
import type { TraceNode } from "@rmtc/core";
import { strengthOf } from "@rmtc/spec";
import { style } from "./style.ts";

interface Branch {
  readonly id: string;
  readonly rel?: string;
  readonly prefix: string;
  readonly isLast: boolean;
}

/**
 * Formats what records were made from as a tree of strong and weak links; licences, people, environments and
 * solutions stand behind each record. A record that was shown before is named and not unfolded again.
 */
export function formatTree(nodes: readonly TraceNode[], roots: readonly string[]): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const shown = new Set<string>();
  const lines: string[] = [];
  const stack: Branch[] = roots.map((id) => ({ id, prefix: "", isLast: true })).reverse();
  for (let branch = stack.pop(); branch !== undefined; branch = stack.pop()) {
    const { id, rel, prefix, isLast } = branch;
    const node = byId.get(id);
    const again = shown.has(id);
    shown.add(id);
    const stem = rel === undefined ? "" : `${prefix}${isLast ? "└─" : "├─"} ${style("dim", rel)} `;
    const carrying = (node?.links ?? []).filter(({ rel: name }) => strengthOf(name) !== "none");
    const rest = again
      ? carrying.length > 0
        ? style("dim", " (see above)")
        : ""
      : formatContext(node, byId);
    lines.push(`${stem}${formatNode(node, id)}${rest}`);
    if (again) continue;
    const below = rel === undefined ? prefix : `${prefix}${isLast ? "   " : "│  "}`;
    const children = carrying
      .map((link, index) => ({ ...link, index, weak: strengthOf(link.rel) === "weak" }))
      .sort((a, b) => Number(a.weak) - Number(b.weak) || a.index - b.index);
    for (const [index, link] of [...children.entries()].reverse()) {
      stack.push({ id: link.to, rel: link.rel, prefix: below, isLast: index === children.length - 1 });
    }
  }
  return lines.join("\n");
}

/** Formats a way from record to record, one link a line. */
export function formatPath(path: readonly Edge[], names: ReadonlyMap<string, Named>): string {
  const [first] = path;
  if (first === undefined) return "";
  const lines = path.map(
    (edge) => `  └─ ${style("dim", edge.rel)} ${formatNode(names.get(edge.to), edge.to)}`,
  );
  return [`  ${formatNode(names.get(first.from), first.from)}`, ...lines].join("\n");
}

/** What is shown of a record. */
interface Named {
  readonly kind: string;
  readonly name?: string | undefined;
}

function formatNode(node: Named | undefined, id: string): string {
  const short = id.replace("urn:uuid:", "");
  if (node === undefined) return style("red", `not held here ${short}`);
  const name = node.name === undefined ? "" : ` ${node.name}`;
  return `${style("cyan", node.kind)}${style("bold", name)} ${style("dim", short)}`;
}

/** Licences, people, environment and solution of a record, each once. */
function formatContext(node: TraceNode | undefined, byId: ReadonlyMap<string, TraceNode>): string {
  const parts = (node?.links ?? [])
    .filter(({ rel }) => strengthOf(rel) === "none" && rel !== "instanceOf")
    .map(({ rel, to }) => `${contextWords[rel] ?? rel} ${byId.get(to)?.name ?? to.replace("urn:uuid:", "")}`);
  return parts.length === 0 ? "" : style("dim", ` [${[...new Set(parts)].join(" · ")}]`);
}

const contextWords: Readonly<Record<string, string>> = {
  licensedUnder: "license",
  attributedTo: "by",
  createdFor: "for",
  environment: "on",
};
