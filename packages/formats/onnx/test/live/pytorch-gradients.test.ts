// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { differentiate, GraphBuilder, type GraphValue, tensorFromNumbers } from "../../src/index.ts";
import { addLoss } from "../../src/training/add-loss.ts";
import { addNetwork, type RandomNetwork, randomNetwork } from "../random-network.ts";
import { type Numbers, runModel } from "../run-model.ts";

const NETWORKS = 200;

/** Python that has PyTorch; Debian's package python3-torch belongs to Debian's own. */
const PYTHON = process.env.RMTC_PYTHON ?? "/usr/bin/python3";

interface Reference {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

function askPyTorch(networks: readonly RandomNetwork[]): readonly Reference[] {
  const script = fileURLToPath(new URL("fixtures/network_gradients.py", import.meta.url));
  const input = networks.map((network) => JSON.stringify(network)).join("\n");
  const output = execFileSync(PYTHON, [script], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Reference);
}

async function derive(network: RandomNetwork): Promise<ReadonlyMap<string, Numbers>> {
  const graph = new GraphBuilder();
  const wanted: [string, GraphValue][] = [["x", graph.input("x", "F32", network.input.shape)]];
  const y = addNetwork(graph, network, wanted[0]?.[1] as GraphValue, (name, shape, values) => {
    const value = graph.initializer(tensorFromNumbers(name, "F32", values, shape));
    wanted.push([name, value]);
    return value;
  });
  const target = graph.initializer(
    tensorFromNumbers("target", "F32", network.target.values, network.target.shape),
  );
  const loss = graph.output(addLoss(graph, network.loss, y, target), "loss");
  const gradients = differentiate(
    graph,
    loss,
    wanted.map(([, value]) => value),
  );
  for (const [index, gradient] of gradients.entries())
    graph.output(gradient, `gradient.${wanted[index]?.[0]}`);
  return runModel(graph.finish(), { x: network.input });
}

it(`derives the gradients that PyTorch derives, in ${NETWORKS} random networks`, async () => {
  const networks = Array.from({ length: NETWORKS }, (_, seed) => randomNetwork(5000 + seed));
  const references = askPyTorch(networks);
  expect(references).toHaveLength(NETWORKS);
  for (const [index, network] of networks.entries()) {
    const reference = references[index] as Reference;
    const ours = await derive(network);
    expect(ours.get("loss")?.values[0]).toBeCloseTo(reference.loss, 4);
    for (const [name, expected] of Object.entries(reference.gradients)) {
      const values = ours.get(`gradient.${name}`)?.values ?? [];
      const scale = Math.max(1e-3, ...expected.map(Math.abs));
      const worst = Math.max(...expected.map((value, at) => Math.abs(value - (values[at] ?? Number.NaN))));
      expect.soft(worst / scale, `network ${5000 + index}, gradient of ${name}`).toBeLessThan(1e-3);
    }
  }
});
