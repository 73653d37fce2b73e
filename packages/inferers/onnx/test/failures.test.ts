// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { type InferResult, isRmtcError } from "@rmtc/contract";
import { type GraphValue, type OnnxModel, onnxToBytes } from "@rmtc/onnx";
import { afterAll, expect, test } from "vitest";
import { type OnnxInferable, OnnxInferer, onnxInfererOptions } from "../src/index.ts";
import { floatsOf, LayerBuilder, matteNetwork, randomNumbers, randomPixels, saveModel } from "./networks.ts";

const mediaType = "application/vnd.onnx";
const inferer = new OnnxInferer(onnxInfererOptions.parse({}));
afterAll(() => inferer[Symbol.asyncDispose]());

/** A network that computes for many seconds on small images. */
function slowNetwork(): OnnxModel {
  const layers = new LayerBuilder();
  let value: GraphValue = layers.conv(layers.graph.input("x", "F32", [1, 1, "h", "w"]), 1, 32);
  for (let count = 0; count < 12; count += 1) value = layers.conv(value, 32, 32, { kernel: 7 });
  layers.graph.output(value, "y");
  return layers.graph.finish();
}

const slowImage = randomPixels([1, 1, 512, 512], 1);
const quickImage = randomPixels([1, 1, 8, 8], 1);

async function openSlow(): Promise<OnnxInferable> {
  return inferer.open({ path: await saveModel(slowNetwork()), mediaType });
}

/** One network for the tests that leave it as good as new. */
let slow: Promise<OnnxInferable> | undefined;
async function sharedSlow(): Promise<OnnxInferable> {
  slow ??= openSlow();
  return slow;
}

/** Waits until the child has used a while of processor time since, and returns its process id. */
async function computing(network: OnnxInferable): Promise<number> {
  await expect.poll(() => network.processIds, { timeout: 20_000 }).toHaveLength(1);
  const [id = 0] = network.processIds;
  const start = await processorTicks(id);
  await expect.poll(() => processorTicks(id), { timeout: 20_000 }).toBeGreaterThan(start + 20);
  return id;
}

/** Hundredths of a second that a process has computed: Linux says so, elsewhere time must do. */
async function processorTicks(id: number): Promise<number> {
  const text = await readFile(`/proc/${id}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return performance.now() / 10;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** What a call ends in, in few words: vitest would print all the pixels of one that succeeds. */
async function outcome(running: Promise<InferResult>): Promise<string> {
  return running.then(
    ({ outputs }) => String(Object.values(outputs)[0]?.shape),
    (error: unknown) => (isRmtcError(error) ? error.code : String(error)),
  );
}

test("an abort ends the call and its process at once, and the next call starts another", async () => {
  const network = await sharedSlow();
  const delays: number[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const controller = new AbortController();
    const reason = new Error("the artist went on");
    const running = network.run({ inputs: { x: slowImage } }, { signal: controller.signal });
    const id = await computing(network);
    const began = performance.now();
    controller.abort(reason);
    await expect(running.then(() => undefined)).rejects.toBe(reason);
    delays.push(performance.now() - began);
    expect(await outcome(network.run({ inputs: { x: quickImage } }))).toBe("1,32,8,8");
    expect(network.processIds).not.toContain(id);
    if ((delays.at(-1) ?? 0) < 100) break;
  }
  expect(Math.min(...delays)).toBeLessThan(100);
});

test("an abort leaves other calls alone, even in the same process", async () => {
  const network = await sharedSlow();
  const controller = new AbortController();
  const aborted = network.run({ inputs: { x: slowImage } }, { signal: controller.signal });
  const others = [1, 2, 3].map((seed) =>
    outcome(network.run({ inputs: { x: randomPixels([1, 1, 8, 8], seed) } })),
  );
  const ended = outcome(aborted);
  await computing(network);
  controller.abort(new Error("the artist went on"));
  expect(await ended).toBe("Error: the artist went on");
  expect(await Promise.all(others)).toEqual(["1,32,8,8", "1,32,8,8", "1,32,8,8"]);
});

test("a call that is aborted before it starts does nothing", async () => {
  await using network = await inferer.open({ path: await saveModel(matteNetwork()), mediaType });
  const reason = new Error("never mind");
  const signal = AbortSignal.abort(reason);
  await expect(network.run({ inputs: {} }, { signal })).rejects.toBe(reason);
  await expect(inferer.open({ path: "/nowhere", mediaType }, { signal })).rejects.toBe(reason);
});

test("a process that dies fails the call it computed; others and the next one succeed", async () => {
  const network = await sharedSlow();
  const failing = outcome(network.run({ inputs: { x: slowImage } }));
  const other = outcome(network.run({ inputs: { x: quickImage } }));
  process.kill(await computing(network), "SIGKILL");
  expect(await failing).toBe("RMTC_PROCESS_FAILED");
  expect(await other).toBe("1,32,8,8");
  expect(await outcome(network.run({ inputs: { x: quickImage } }))).toBe("1,32,8,8");
});

test("a process that died while it had nothing to do is replaced unnoticed", async () => {
  await using network = await inferer.open({ path: await saveModel(matteNetwork()), mediaType });
  const plate = randomPixels([1, 3, 16, 16], 1);
  const first = await network.run({ inputs: { plate } });
  process.kill(network.processIds[0] ?? 0, "SIGKILL");
  await expect.poll(() => network.processIds).toEqual([]);
  const second = await network.run({ inputs: { plate } });
  expect(floatsOf(second.outputs.alpha)).toEqual(floatsOf(first.outputs.alpha));
});

test("a closed network refuses calls and ends those that run", async () => {
  const network = await openSlow();
  const running = outcome(network.run({ inputs: { x: slowImage } }));
  await computing(network);
  await network[Symbol.asyncDispose]();
  expect(await running).toBe("RMTC_STATE_INVALID");
  expect(network.processIds).toEqual([]);
  expect(await outcome(network.run({ inputs: { x: quickImage } }))).toBe("RMTC_STATE_INVALID");
});

test("a process that is started later does not run a file that has changed", async () => {
  const path = await saveModel(matteNetwork());
  await using network = await inferer.open({ path, mediaType });
  await writeFile(`${path}.new`, onnxToBytes(matteNetwork(new Map([["version", "2"]]))));
  await rename(`${path}.new`, path);
  process.kill(network.processIds[0] ?? 0, "SIGKILL");
  await expect.poll(() => network.processIds).toEqual([]);
  await expect(network.run({ inputs: { plate: randomPixels([1, 3, 8, 8], 1) } })).rejects.toMatchObject({
    code: "RMTC_STATE_INVALID",
    subject: path,
  });
});

test("slot files have no name while they are in use, so no crash leaves one behind", async () => {
  await using network = await inferer.open({ path: await saveModel(matteNetwork()), mediaType });
  const listing = async () => {
    await network.run({ inputs: { plate: randomPixels([1, 3, 16, 16], 1) } });
    const names = await Promise.all([tmpdir(), "/dev/shm"].map((folder) => readdir(folder).catch(() => [])));
    return names.flat().filter((name) => name.startsWith("rmtc-slot-"));
  };
  const first = new Set(await listing());
  // A name that stands in two listings was not just being made by somebody else.
  expect((await listing()).filter((name) => first.has(name))).toEqual([]);
});

test("the event loop goes on while a network computes", async () => {
  const network = await sharedSlow();
  let longest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && longest > 50; attempt += 1) {
    const controller = new AbortController();
    const large = randomPixels([1, 1, 1001, 1001], 1);
    const running = network
      .run({ inputs: { x: large } }, { signal: controller.signal })
      .catch(() => undefined);
    longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last - 1);
      last = performance.now();
    }, 1);
    await computing(network);
    clearInterval(timer);
    controller.abort();
    await running;
  }
  expect(longest).toBeLessThan(50);
});

test("another media type is refused", async () => {
  await expect(inferer.open({ path: "/x", mediaType: "application/vnd.safetensors" })).rejects.toMatchObject({
    code: "RMTC_FORMAT_UNSUPPORTED",
  });
});

test("a file that is not there, and a folder, are not found", async () => {
  const path = await saveModel(new Uint8Array());
  for (const missing of [`${path}.gone`, dirname(path)]) {
    await expect(inferer.open({ path: missing, mediaType })).rejects.toMatchObject({
      code: "RMTC_NOT_FOUND",
    });
  }
});

test("an operator that ONNX Runtime has not got is named", async () => {
  const model = matteNetwork();
  const nodes = model.graph.nodes.map((node) =>
    node.opType === "Sigmoid" ? { ...node, opType: "Sigmund" } : node,
  );
  const path = await saveModel({ ...model, graph: { ...model.graph, nodes } });
  await expect(inferer.open({ path, mediaType })).rejects.toMatchObject({
    code: "RMTC_GRAPH_UNSUPPORTED",
    message: expect.stringContaining("Sigmund"),
  });
});

test("a network that takes too long to load is given up", async () => {
  await using hasty = new OnnxInferer(onnxInfererOptions.parse({ openTimeoutSeconds: 0.1 }));
  await expect(hasty.open({ path: await saveModel(slowNetwork()), mediaType })).rejects.toMatchObject({
    code: "RMTC_PROCESS_FAILED",
  });
});

test("damaged files end in an error or in a network, and never in a crash or hang", async () => {
  const intact = onnxToBytes(matteNetwork());
  const positions = randomNumbers(100, 4).map((value) => Math.floor(((value + 1) / 2) * intact.length));
  const damaged: Uint8Array[] = [
    new Uint8Array(),
    intact.subarray(0, 1),
    intact.subarray(0, intact.length >> 1),
    intact.subarray(0, -1),
  ];
  for (let count = 0; count < 3; count += 1) {
    const bytes = intact.slice();
    for (const at of positions.subarray(count * 12, count * 12 + 12))
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    damaged.push(bytes);
  }
  const codes = new Set<string>();
  for (const bytes of damaged) {
    const path = await saveModel(bytes);
    try {
      await using network = await inferer.open({ path, mediaType });
      codes.add(network.outputs.length > 0 ? "opened" : "empty");
    } catch (error) {
      if (!isRmtcError(error)) throw error;
      codes.add(error.code);
    }
  }
  const allowed = [
    "opened",
    "RMTC_FORMAT_INVALID",
    "RMTC_FORMAT_UNSUPPORTED",
    "RMTC_GRAPH_UNSUPPORTED",
    "RMTC_LIMIT_EXCEEDED",
  ];
  expect([...codes].filter((code) => !allowed.includes(code))).toEqual([]);
  expect(codes).toContain("RMTC_FORMAT_INVALID");
});
