// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { ExtensionName } from "./extension-name.ts";

/** The files of a new extension, and what to do with them. */
export interface ExtensionFiles {
  /** Contents by path, which starts at the package's folder and uses `/`. */
  readonly files: ReadonlyMap<string, string>;
  /** The commands that prepare and test it, to be run in its folder. */
  readonly commands: readonly string[];
}

/** Makes the files of an extension for a role, named as in `spec`: `record-store`. */
export type MakeExtensionFiles = (role: string, name: ExtensionName) => Promise<ExtensionFiles>;

/** @throws RMTC_OPTION_INVALID always: there is no template for the role. */
export function refuseRole(role: string, language: string, known: readonly string[]): never {
  throw new RmtcError(
    "RMTC_OPTION_INVALID",
    `There is no ${language} template for the role "${role}"; there is one for ${known.join(", ")}.`,
    { subject: role },
  );
}
