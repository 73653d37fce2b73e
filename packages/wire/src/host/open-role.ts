// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type OpenContext, RmtcError, type Role, type RoleInstances } from "@rmtc/contract";
import type {
  WireBlobStore,
  WireConverter,
  WireInferer,
  WireRecordStore,
  WireRunStore,
  WireScheduler,
  WireTrainer,
  WireTrainingStrategy,
} from "@rmtc/spec";
import type { Guest } from "./guest.ts";
import { extensionForRole } from "./guest-connection.ts";
import { remoteBlobStore } from "./remote-blob-store.ts";
import { remoteConverter } from "./remote-converter.ts";
import { remoteInferer } from "./remote-inferer.ts";
import { RemoteInstance } from "./remote-instance.ts";
import { remoteRecordStore } from "./remote-record-store.ts";
import { remoteRunStore } from "./remote-run-store.ts";
import { remoteScheduler } from "./remote-scheduler.ts";
import { remoteTrainer } from "./remote-trainer.ts";
import { remoteTrainingStrategy } from "./remote-training-strategy.ts";

/** What a guest says of an instance of each role that it opened. */
interface OpenedByRole {
  readonly recordStore: WireRecordStore;
  readonly blobStore: WireBlobStore;
  readonly runStore: WireRunStore;
  readonly trainer: WireTrainer;
  readonly trainingStrategy: WireTrainingStrategy;
  readonly scheduler: WireScheduler;
  readonly inferer: WireInferer;
  readonly converter: WireConverter;
}

const makers: {
  readonly [R in Role]: (remote: RemoteInstance<OpenedByRole[R]>, guest: Guest) => RoleInstances[R];
} = {
  recordStore: remoteRecordStore,
  blobStore: remoteBlobStore,
  runStore: remoteRunStore,
  trainer: remoteTrainer,
  trainingStrategy: remoteTrainingStrategy,
  scheduler: remoteScheduler,
  inferer: (remote, guest) => remoteInferer(guest, remote),
  converter: remoteConverter,
};

const keepers: ReadonlySet<Role> = new Set(["recordStore", "blobStore", "runStore", "scheduler"]);

/**
 * Opens a guest's extension as an ordinary instance of its role.
 *
 * @param onClosed called when the instance has been closed
 * @throws RMTC_EXTENSION_INVALID when the guest does not serve the role; whatever its `open` fails with.
 */
export async function openRole<R extends Role>(
  guest: Guest,
  role: R,
  options: unknown,
  context: OpenContext,
  onClosed?: () => Promise<void>,
): Promise<RoleInstances[R]> {
  const { baseFolder, signal } = context;
  const { name } = extensionForRole(guest.current, role);
  const closed = new RmtcError(
    keepers.has(role) ? "RMTC_STORE_CLOSED" : "RMTC_STATE_INVALID",
    `The ${role} of ${name} was closed; open it again.`,
    { subject: name },
  );
  const remote = await RemoteInstance.open<OpenedByRole[R]>(
    guest,
    async (connection) => {
      const opened = await connection.request("open", { role, options, baseFolder }, { signal });
      connection.checkResult(`open/${role}`, opened);
      return opened as OpenedByRole[R];
    },
    { closed, restarts: !keepers.has(role), onClosed },
  );
  return makers[role](remote, guest);
}
