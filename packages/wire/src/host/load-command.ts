// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Extension, OptionsSchema, Role } from "@rmtc/contract";
import { Guest } from "./guest.ts";
import type { GuestPatience } from "./guest-connection.ts";
import type { GuestCommand } from "./guest-program.ts";
import { openRole } from "./open-role.ts";

/** The guest itself checks its options, by `open`; the host only sees to it that they are an object. */
const options: OptionsSchema<Readonly<Record<string, unknown>>> = {
  "~standard": {
    version: 1,
    vendor: "rmtc",
    validate: (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? { value: value as Record<string, unknown> }
        : { issues: [{ message: "Options are an object." }] },
  },
};

/**
 * Asks a program which extensions it serves, and returns them like those of a package.
 *
 * Every instance that they open has a process of its own, which ends when the instance is closed.
 *
 * @throws RMTC_PROCESS_FAILED when the program cannot be started, ends or does not answer.
 * @throws RMTC_EXTENSION_INVALID when it does not speak the protocol.
 * @see spec/draft/wire.md
 */
export async function loadCommand(
  command: GuestCommand,
  patience: GuestPatience = {},
): Promise<readonly Extension[]> {
  await using guest = await Guest.start(command, patience);
  return guest.extensions.map(({ role, name, version, contract }): Extension => {
    return {
      role: role as Role,
      name,
      version,
      contract,
      options,
      open: async (opened, context) => {
        const own = await Guest.start(command, patience, context);
        try {
          return await openRole(own, role as Role, opened, context, () => own[Symbol.asyncDispose]());
        } catch (error) {
          await own[Symbol.asyncDispose]();
          throw error;
        }
      },
    };
  });
}
