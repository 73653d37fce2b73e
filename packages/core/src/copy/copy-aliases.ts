// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions, RunStore } from "@rmtc/contract";

/** What became of aliases. */
export interface AliasReport {
  /** Aliases whose moves were made again in the target, in their order. */
  readonly copied: readonly string[];
  /** Aliases that name the same record in both. */
  readonly known: readonly string[];
  /** Not copied: the target's alias names something else. */
  readonly differing: readonly string[];
}

/** Copies aliases with their history; the times of the moves become the target's. */
export async function copyAliases(
  source: RunStore,
  target: RunStore,
  options: CallOptions = {},
): Promise<AliasReport> {
  const report = { copied: [] as string[], known: [] as string[], differing: [] as string[] };
  for (const { alias, to } of await source.listAliases({}, options)) {
    const heads = await target.getAlias(alias, options);
    if (heads.length > 0) {
      (heads.every((head) => head.to === to) ? report.known : report.differing).push(alias);
      continue;
    }
    const moves = await source.aliasHistory(alias, options);
    for (const move of moves.toReversed()) {
      await target.setAlias({ alias, to: move.to, digest: move.digest, by: move.by }, options);
    }
    report.copied.push(alias);
  }
  return report;
}
