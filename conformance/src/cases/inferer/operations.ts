// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Inferable, Inferer, TensorValue } from "@rmtc/contract";
import type { CaseContext } from "../../conformance-case.ts";
import type { Operation, TraitSubject } from "../../traits/operation.ts";
import { first, has, image, opened, weightsOf } from "./sample-networks.ts";

/** Opening weights and running them, for the traits. */
export const infererTraits: TraitSubject<Inferer> = {
  prefix: "inferer",
  spec: {
    closed: "inferer.md#rmtc-inf-048",
    closedTwice: "inferer.md#rmtc-inf-048",
    aborted: "inferer.md#rmtc-inf-041",
    abortedMidway: "inferer.md#rmtc-inf-041",
    blocking: "inferer.md#rmtc-inf-040",
    concurrent: "inferer.md#rmtc-inf-016",
  },
  closedCode: "RMTC_STATE_INVALID",
  operations: ["open", "run"],
  midway: ["run"],
  concurrent: ["open", "run"],
  needs: { open: has("affine"), run: has("affine", "slow") },
  prepare: (context) => operationsOn(context, 16),
  observe: async () => undefined,
  prepareHeavy: (context) => operationsOn(context, context.size(1_001, 64)),
  async prepareLong(context) {
    const network = await opened(context, "slow");
    const x = image(first(network.inputs), 512, 512);
    return [{ name: "run", call: (_, options) => runWith(network, x, options) }];
  },
};

async function operationsOn(
  context: CaseContext<Inferer>,
  size: number,
): Promise<readonly Operation<Inferer>[]> {
  const weights = await weightsOf(context, "affine");
  const network = await context.store.open(weights);
  const x = image(first(network.inputs), size, size);
  return [
    {
      name: "open",
      async call(on, options) {
        const { inputs, outputs, capabilities } = await on.open(weights, options);
        return { inputs, outputs, capabilities };
      },
    },
    { name: "run", call: (_, options) => runWith(network, x, options) },
  ];
}

async function runWith(
  network: Inferable,
  x: TensorValue,
  options: Parameters<Inferable["run"]>[1],
): Promise<Uint8Array | undefined> {
  const { outputs } = await network.run({ inputs: { [first(network.inputs).name]: x } }, options);
  return outputs[first(network.outputs).name]?.data;
}
