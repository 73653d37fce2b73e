// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** What a new extension and its parts are called. */
export interface ExtensionName {
  /** As it was given, without the scope: `render-farm`. */
  readonly name: string;
  /** With the role, and the scope if there is one: `@acme/rmtc-scheduler-render-farm`. */
  readonly packageName: string;
  /** The package's name without the scope. */
  readonly folderName: string;
  /** The start of class names: `RenderFarm`. */
  readonly className: string;
}

/**
 * Derives the names of an extension for a role from `name` or `@scope/name`.
 *
 * @throws RMTC_OPTION_INVALID when it is not lower case, or holds anything but letters, digits and single hyphens.
 */
export function parseExtensionName(role: string, text: string): ExtensionName {
  const match = /^(?:(@[a-z0-9]+(?:-[a-z0-9]+)*)\/)?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(text);
  const [, scope, name] = match ?? [];
  if (name === undefined || text.length > 100) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `"${text.slice(0, 100)}" cannot be an extension's name: give lower-case letters, digits and single hyphens, such as nas or @facility/render-farm.`,
      { subject: text.slice(0, 100) },
    );
  }
  const folderName = `rmtc-${role}-${name}`;
  return {
    name,
    folderName,
    packageName: scope === undefined ? folderName : `${scope}/${folderName}`,
    className: name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase()),
  };
}
