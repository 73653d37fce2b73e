// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Architecture, RmtcError } from "@rmtc/contract";
import type { Network } from "./network.ts";
import { parseOptions } from "./parse-options.ts";
import { buildUnet, unetOptions } from "./unet.ts";

/** Names of the architectures that can be built. */
export const architectureNames: readonly string[] = ["unet"];

/**
 * Builds the network that an architecture stands for.
 *
 * @throws RMTC_OPTION_INVALID when the name is unknown or an option has the wrong type or range.
 */
export function buildNetwork(architecture: Architecture): Network {
  if (architecture.name !== "unet") {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `There is no architecture ${JSON.stringify(architecture.name)}; there is ${architectureNames.join(", ")}.`,
      { pointer: "/architecture/name" },
    );
  }
  return buildUnet(parseOptions(unetOptions, architecture.options, "/architecture/options"));
}
