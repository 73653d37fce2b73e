// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * Returns the URL of a module beside the calling one: `.ts` when the caller runs from source, `.js` when it was
 * built. Give it `import.meta.url` and the module's name without suffix.
 */
export function siblingModule(importMetaUrl: string, name: string): URL {
  return new URL(`${name}${importMetaUrl.endsWith(".ts") ? ".ts" : ".js"}`, importMetaUrl);
}
