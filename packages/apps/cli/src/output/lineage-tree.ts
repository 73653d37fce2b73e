// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TraceNode } from "@rmtc/core";
import { relationOf } from "@rmtc/spec";
import { style } from "./style.ts";

interface Branch {
  readonly id: string;
  readonly rel?: string;
  readonly prefix: string;
  readonly isLast: boolean;
}

/** Formats what records were made from as a tree; a record that was shown before is named and not unfolded again. */
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
    lines.push(
      `${stem}${describe(node, id)}${again && (node?.links.length ?? 0) > 0 ? style("dim", " (see above)") : ""}`,
    );
    if (node === undefined || again) continue;
    const below = rel === undefined ? prefix : `${prefix}${isLast ? "   " : "│  "}`;
    const children = node.links
      .map((link, index) => ({ ...link, index }))
      .sort((a, b) => rank(a.rel) - rank(b.rel) || a.index - b.index);
    for (const [index, link] of [...children.entries()].reverse()) {
      stack.push({ id: link.to, rel: link.rel, prefix: below, isLast: index === children.length - 1 });
    }
  }
  return lines.join("\n");
}

function describe(node: TraceNode | undefined, id: string): string {
  if (node === undefined) return style("red", `not held here ${id}`);
  const name = node.name === undefined ? "" : ` ${node.name}`;
  return `${style("cyan", node.kind)}${style("bold", name)} ${style("dim", id.slice("urn:uuid:".length))}`;
}

/** Strong relations come first, then weak ones, then the rest. */
function rank(rel: string): number {
  const strength = relationOf(rel)?.strength ?? "strong";
  return strength === "strong" ? 0 : strength === "weak" ? 1 : 2;
}
