// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { z } from "zod";

/** An extension in another process, in any language, by its command line. */
export interface CommandLocation {
  /** The program and its arguments, started in the workspace's folder without a shell. */
  readonly command: readonly string[];
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Environment variables beside those of the host. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * Which extension, and how it is opened: a URL whose scheme names an extension, such as
 * `sqlite:.rmtc/catalog.db`, a package with options, or a command line with options.
 */
export type ExtensionLocation =
  | string
  | { readonly use: string; readonly options?: Readonly<Record<string, unknown>> | undefined }
  | CommandLocation;

/** What `rmtc.config.ts` holds. Whatever is missing is taken from the host's defaults. */
export interface WorkspaceConfig {
  /** Where records are kept. */
  readonly records?: ExtensionLocation | undefined;
  /** Where bytes are kept. */
  readonly blobs?: ExtensionLocation | undefined;
  /** Where live run state is kept. */
  readonly runs?: ExtensionLocation | undefined;
  readonly trainer?: ExtensionLocation | undefined;
  readonly strategy?: ExtensionLocation | undefined;
  readonly scheduler?: ExtensionLocation | undefined;
  readonly inferer?: ExtensionLocation | undefined;
  /** The partition that new records go to. */
  readonly partition?: string | undefined;
  /** The person whom new activities are attributed to; the user of the operating system unless given. */
  readonly person?: string | undefined;
  /** PEM files of the public keys whose notices are trusted. */
  readonly trustedKeys?: readonly string[] | undefined;
}

const location: z.ZodType<ExtensionLocation> = z.union([
  z.string().regex(/^[a-z][a-z0-9+.-]*:/, "is no URL with a scheme, such as sqlite:.rmtc/catalog.db"),
  z.strictObject({ use: z.string().min(1), options: z.record(z.string(), z.unknown()).optional() }),
  z.strictObject({
    command: z.array(z.string()).min(1),
    options: z.record(z.string(), z.unknown()).optional(),
    env: z.record(z.string(), z.string()).optional(),
  }),
]);

const schema: z.ZodType<WorkspaceConfig> = z.strictObject({
  records: location.optional(),
  blobs: location.optional(),
  runs: location.optional(),
  trainer: location.optional(),
  strategy: location.optional(),
  scheduler: location.optional(),
  inferer: location.optional(),
  partition: z.string().optional(),
  person: z.string().min(1).optional(),
  trustedKeys: z.array(z.string().min(1)).optional(),
});

/** Returns its argument, typed: for the default export of `rmtc.config.ts`. */
export function defineConfig(config: WorkspaceConfig): WorkspaceConfig {
  return config;
}

/**
 * Checks a configuration.
 *
 * @throws RMTC_OPTION_INVALID when a field is unknown or has the wrong type.
 */
export function parseConfig(value: unknown, subject: string): WorkspaceConfig {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const pointer = (issue?.path ?? []).map((key) => `/${String(key)}`).join("");
  throw new RmtcError(
    "RMTC_OPTION_INVALID",
    `${subject}: "${pointer}" ${issue?.message ?? "is not valid"}.`,
    {
      subject,
      pointer,
    },
  );
}
