// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { stat } from "node:fs/promises";
import { type Inferer, RmtcError } from "@rmtc/contract";
import type { WireInferable, WireInferer } from "@rmtc/spec";
import { fileError } from "@rmtc/tensor";
import type { Guest } from "./guest.ts";
import { remoteInferable } from "./remote-inferable.ts";
import { RemoteInstance } from "./remote-instance.ts";

/** An inferer in a guest. Weights that it opened are opened again when its process has died. */
export function remoteInferer(guest: Guest, remote: RemoteInstance<WireInferer>): Inferer {
  const { name, capabilities } = remote.opened;
  const networks = new Set<RemoteInstance<WireInferable>>();
  return {
    name,
    capabilities,
    async open(request, options) {
      remote.check(options);
      if (!capabilities.mediaTypes.includes(request.mediaType)) {
        throw new RmtcError(
          "RMTC_FORMAT_UNSUPPORTED",
          `${name} opens ${capabilities.mediaTypes.join(", ")}, not ${request.mediaType}.`,
          { subject: request.path },
        );
      }
      const identity = await identityOf(request.path);
      let isFirst = true;
      const opened = await RemoteInstance.open<WireInferable>(
        guest,
        async () => {
          if (!isFirst && (await identityOf(request.path)) !== identity) {
            throw new RmtcError(
              "RMTC_STATE_INVALID",
              `${request.path} has changed since it was opened; open it again.`,
              { subject: request.path },
            );
          }
          const inferable = await remote.call<WireInferable>(
            "inferer/open",
            { request },
            isFirst ? options : {},
          );
          isFirst = false;
          return inferable;
        },
        {
          closed: new RmtcError("RMTC_STATE_INVALID", "The network was closed; open it again."),
          restarts: true,
        },
      );
      networks.add(opened);
      return remoteInferable(opened);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...networks].map((network) => network.close()));
      await remote.close();
    },
  };
}

/** Changes whenever the file is written or replaced. */
async function identityOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    throw fileError(error, path);
  }
}
