// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { FoundSoftware } from "./component-names.ts";

/**
 * Reads the pins of a pip requirements file (`name==version`, perhaps with extras, a marker, hashes or a comment).
 * A pin that ends in `.*` counts as its numbers. Lines that pin nothing are returned as `unpinned`.
 */
export function parseRequirements(text: string): {
  readonly pinned: readonly FoundSoftware[];
  readonly unpinned: readonly string[];
} {
  const pinned: FoundSoftware[] = [];
  const unpinned: string[] = [];
  for (const line of text.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const requirement = line.replace(/(^|\s)#.*$/, "").trim();
    if (requirement === "" || requirement.startsWith("-")) continue;
    const [, name, version] =
      /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*={2,3}\s*([^\s;,]+)\s*(?:;.*|--hash.*)?$/.exec(
        requirement,
      ) ?? [];
    if (name === undefined || version === undefined) unpinned.push(requirement);
    else pinned.push({ name, version: version.replace(/\.\*$/, "") });
  }
  return { pinned, unpinned };
}
