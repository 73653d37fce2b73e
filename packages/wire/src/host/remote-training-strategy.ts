// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TrainingStrategy } from "@rmtc/contract";
import type { WireTrainingStrategy } from "@rmtc/spec";
import type { RemoteInstance } from "./remote-instance.ts";

/** A training strategy in a guest. */
export function remoteTrainingStrategy(remote: RemoteInstance<WireTrainingStrategy>): TrainingStrategy {
  const { name, capabilities, losses } = remote.opened;
  return {
    name,
    capabilities,
    losses,
    plan: (request, options) => remote.call("trainingStrategy/plan", { request }, options),
    [Symbol.asyncDispose]: () => remote.close(),
  };
}
