// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import {
  type CallOptions,
  type Inferable,
  type Inferer,
  type InferRequest,
  type InferResult,
  isRmtcError,
  type OpenWeightsRequest,
  type PlatformTarget,
  RmtcError,
  type RmtcErrorCode,
  type TensorValue,
} from "@rmtc/contract";
import type { NamedLayout } from "@rmtc/spec";
import { infererTraits } from "../../../src/cases/inferer/operations.ts";
import type { Double, Methods } from "../double.ts";
import { traitDoubles } from "../trait-doubles.ts";
import { alsoCaughtBy } from "./also-caught-by.ts";

type Run = Inferable["run"];
type ChangeRun = (run: Run, network: Inferable) => Run;

/** How often each instance has opened weights. The case about blocking has opened them once before it measures. */
const opens = new WeakMap<Inferer, number>();

function opensAgain(good: Inferer): boolean {
  const before = opens.get(good) ?? 0;
  opens.set(good, before + 1);
  return before > 0;
}

/** Every double of an inferer. */
export const infererDoubles: readonly Double<Inferer>[] = [
  targeting("targets-a-year-to-come", { year: "CY1999", needs: { "onnx-opset": "17" } }),
  targeting("targets-a-year-without-a-need", { year: "CY2027", needs: {} }),
  targeting("needs-what-no-year-has", { year: "CY2027", needs: { "acme-engine": "1.0" } }),
  targeting("needs-more-than-the-year-has", { year: "CY2027", needs: { "onnx-opset": "99" } }),
  opening("opens-anything", "open.media-type", async (open, request, options) =>
    open({ ...request, mediaType: "application/vnd.onnx" }, options),
  ),
  otherCode(
    "takes-cut-files-for-old-ones",
    "open.truncated",
    "RMTC_FORMAT_INVALID",
    "RMTC_FORMAT_UNSUPPORTED",
  ),
  opening("breaks-on-damage", "open.damaged", async (open, request, options) => {
    if (request.path.includes("damaged-")) throw new TypeError("Cannot read properties of undefined.");
    return await open(request, options);
  }),
  opening("runs-pickles", "open.no-pickle", async (open, request, options) => {
    const text = await readFile(request.path, "utf8").catch(() => "");
    const [, command] = /^cos\nsystem\n\(S"(.*)"/.exec(text) ?? [];
    if (command !== undefined) execFileSync("sh", ["-c", command]);
    return await open(request, options);
  }),
  otherCode("says-of-paths-that-they-are-missing", "open.outside", "RMTC_PATH_INVALID", "RMTC_NOT_FOUND"),
  otherCode(
    "takes-unknown-operators-for-damage",
    "open.operator",
    "RMTC_GRAPH_UNSUPPORTED",
    "RMTC_FORMAT_INVALID",
  ),
  described("lists-a-weight", "layouts.listed", ({ inputs, ...rest }) => ({
    ...rest,
    inputs: [...inputs, ...inputs.slice(0, 1).map((one) => ({ ...one, name: "factor" }))],
  })),
  described("tells-sizes-it-does-not-know", "layouts.any-size", (network) => ({
    ...network,
    inputs: network.inputs.map(({ name, layout }) => ({
      name,
      layout: { ...layout, shape: layout.shape.map((size) => (size === 0 ? 256 : size)) },
    })),
  })),
  described("reads-no-layouts", "onnx.layout", (network) => ({
    ...network,
    inputs: network.inputs.map(({ name, layout: { dtype, shape, axes } }) => ({
      name,
      layout: { dtype, shape, axes },
    })),
  })),
  described("numbers-axes", "onnx.axes", (network) => ({ ...network, inputs: renamed(network.inputs, "n") })),
  described("takes-every-image-for-planes", "onnx.moved", (network) => ({
    ...network,
    outputs: network.outputs.map(({ name, layout }) => ({
      name,
      layout: layout.axes[3] === "c" ? { ...layout, axes: ["n", "c", "h", "w"] } : layout,
    })),
  })),
  answering("gives-bytes-backwards", "run.elements", (value) => {
    const data = Buffer.from(value.data);
    return { ...value, data: value.dtype === "F32" ? data.swap32() : data };
  }),
  running(
    "reads-from-the-buffer's-start",
    "run.view",
    (run) => (request, options) =>
      run(
        mapInputs(request, (value) => {
          const { buffer, byteLength } = value.data;
          const atStart = value.data.byteOffset === 5;
          return atStart ? { ...value, data: new Uint8Array(buffer, 0, byteLength) } : value;
        }),
        options,
      ),
  ),
  running(
    "casts-inputs",
    "run.refused-inputs",
    (run) => (request, options) =>
      run(
        mapInputs(request, (value) => ({ ...value, dtype: "F32" })),
        options,
      ),
  ),
  running("takes-the-first-image's-size", "run.one-size", (run) => (request, options) => {
    const [one] = Object.values(request.inputs);
    const fits = one !== undefined && Object.keys(request.inputs).length === 2;
    return run(fits ? mapInputs(request, () => one) : request, options);
  }),
  running("mixes-outputs-up", "run.every-output", (run, { outputs }) => async (request, options) => {
    const result = await run(request, options);
    const values = Object.values(result.outputs);
    if (outputs.length < 2 || values.length < 2) return result;
    return {
      outputs: Object.fromEntries(outputs.map(({ name }, at) => [name, values.at(-1 - at) as TensorValue])),
    };
  }),
  running("gives-every-output", "run.named-outputs", (run) => async (request, options) => {
    await run(request, options);
    return await run({ ...request, outputs: undefined }, options);
  }),
  running("passes-unknown-outputs-over", "run.unknown-output", (run, { outputs }) => (request, options) => {
    const known = outputs.map(({ name }) => name);
    const wanted = request.outputs?.filter((name) => known.includes(name));
    return run({ ...request, outputs: wanted }, options);
  }),
  running("adds-noise", "run.repeatable", (run) => {
    let calls = 0;
    return async (request, options) => {
      calls += 1;
      const noise = calls > 1 ? 2 ** -20 : 0;
      return mapOutputs(await run(request, options), (value) => changed(value, (one) => one + noise * one));
    };
  }),
  running("pads-with-zeros", "padding.edges", (run, network) => async (request, options) => {
    const { rows, columns } = sizeOf(request);
    if (!isBlocks(network) || (rows % 4 === 0 && columns % 4 === 0)) return await run(request, options);
    return mapOutputs(await run(request, options), (value) => changed(value, (one) => one / 2));
  }),
  running("leaves-the-padding", "padding.cropped", (run, network) => async (request, options) => {
    const { rows } = sizeOf(request);
    const result = await run(request, options);
    if (!isBlocks(network) || rows !== 1) return result;
    return mapOutputs(result, ({ dtype, shape, data }) => ({
      dtype,
      shape: shape.with(2, 2),
      data: new Uint8Array([...data, ...data]),
    }));
  }),
  tiling("pads-every-tile", "tiles.padding", ({ overlap }, { rows }) => overlap === 8 && rows === 38),
  tiling("shows-seams", "tiles.exact", ({ size, overlap }) => size === 32 && overlap === 16),
  tiling("starts-tiles-anywhere", "tiles.aligned", ({ overlap }) => overlap % 4 !== 0 && overlap < 14),
  described("claims-tiles-for-everything", "tiles.whole-refused", (network) => ({
    ...network,
    capabilities: { ...network.capabilities, tiles: true },
  })),
  running("makes-tiles-fit", "tiles.refused", (run) => (request, options) => {
    const { tiles } = request;
    if (tiles === undefined) return run(request, options);
    const size = Math.max(4, Math.ceil(tiles.size / 4) * 4);
    return run({ ...request, tiles: { size, overlap: Math.min(tiles.overlap, size - 4) } }, options);
  }),
  running("puts-anything-together", "tiles.no-image", (run, { outputs }) => (request, options) => {
    const isPlaces = outputs.some(({ name }) => name === "places");
    return run(isPlaces ? { ...request, tiles: undefined } : request, options);
  }),
  running("has-room-for-four", "calls.wait", (run) => {
    let waiting = 0;
    return async (request, options) => {
      waiting += 1;
      try {
        if (waiting > 5) throw new RmtcError("RMTC_STORE_BUSY", "Too many calls wait.");
        return await run(request, options);
      } finally {
        waiting -= 1;
      }
    };
  }),
  running("aborts-them-all", "calls.abort-one", (run) => {
    const all = new AbortController();
    return (request, options) => {
      options?.signal?.addEventListener("abort", () => all.abort(options.signal?.reason), { once: true });
      return run(request, { signal: all.signal });
    };
  }),
  running(
    "tells-a-closed-call-that-it-failed",
    "calls.closed",
    (run) => (request, options) =>
      run(request, options).catch((error: unknown) => {
        throw isRmtcError(error, "RMTC_STATE_INVALID")
          ? new RmtcError("RMTC_PROCESS_FAILED", "It ended.")
          : error;
      }),
  ),
  double("closes-others-too", "calls.close-one", (good) => {
    let closed = false;
    return {
      async open(request, options) {
        const network = await good.open(request, options);
        return changedNetwork(network, {
          async run(...parameters) {
            if (closed) throw new RmtcError("RMTC_STATE_INVALID", "It was closed.");
            return await network.run(...parameters);
          },
          async [Symbol.asyncDispose]() {
            closed = true;
            await network[Symbol.asyncDispose]();
          },
        });
      },
    };
  }),
  running("never-gets-over-a-crash", "crash.call", (run) => {
    let dead = false;
    return async (request, options) => {
      if (dead) throw new RmtcError("RMTC_PROCESS_FAILED", "The process died.");
      try {
        return await run(request, options);
      } catch (error) {
        dead ||= isRmtcError(error, "RMTC_PROCESS_FAILED");
        throw error;
      }
    };
  }),
  double("runs-what-is-there", "crash.changed", (good) => ({
    async open(request, options) {
      let network = await good.open(request, options);
      const run: Run = async (call, callOptions) => {
        try {
          return await network.run(call, callOptions);
        } catch (error) {
          if (!isRmtcError(error, "RMTC_STATE_INVALID") || !error.message.includes("changed")) throw error;
          network = await good.open(request);
          const [one] = Object.values(call.inputs);
          const { name = "", layout } = network.inputs[0] ?? {};
          const shape = (one?.shape ?? []).map((size, axis) => layout?.shape[axis] || size);
          const bytes = shape.reduce((all, size) => all * size, 4);
          const input = {
            dtype: "F32",
            shape,
            data: one?.data.subarray(0, bytes) ?? new Uint8Array(),
          } as const;
          return await network.run({ inputs: { [name]: input } }, callOptions);
        }
      };
      return changedNetwork(network, { run });
    },
  })),
  ...traitDoubles({
    traits: infererTraits,
    isHeavy: async (good, [first]) =>
      "path" in (first as object) ? opensAgain(good) : sizeOf(first as InferRequest).rows === 64,
    alsoCaughtBy,
    replace(good, name, change) {
      if (name === "open")
        return { open: change((...all) => good.open(...(all as [never])), name) as Inferer["open"] };
      return runChanged(good, (run) => change(run as never, name) as Run);
    },
  }),
];

function described(
  id: string,
  breaks: string,
  change: (network: Description) => Description,
): Double<Inferer> {
  return double(id, breaks, (good) => ({
    async open(request, options) {
      const network = await good.open(request, options);
      const { inputs, outputs, capabilities } = network;
      return changedNetwork(network, change({ inputs, outputs, capabilities }));
    },
  }));
}

type Description = Pick<Inferable, "inputs" | "outputs" | "capabilities">;

function running(id: string, breaks: string, change: ChangeRun): Double<Inferer> {
  return double(id, breaks, (good) => runChanged(good, change));
}

function answering(id: string, breaks: string, change: (value: TensorValue) => TensorValue): Double<Inferer> {
  return running(
    id,
    breaks,
    (run) => async (request, options) => mapOutputs(await run(request, options), change),
  );
}

/** A double whose tiles show where they meet. */
function tiling(
  id: string,
  breaks: string,
  isWrong: (tiles: NonNullable<InferRequest["tiles"]>, size: ReturnType<typeof sizeOf>) => boolean,
): Double<Inferer> {
  return running(id, breaks, (run) => async (request, options) => {
    const result = await run(request, options);
    if (request.tiles === undefined || !isWrong(request.tiles, sizeOf(request))) return result;
    return mapOutputs(result, (value) => changed(value, (one, at) => (at % 16 === 0 ? one + 0.01 : one)));
  });
}

function opening(
  id: string,
  breaks: string,
  change: (
    open: Inferer["open"],
    request: OpenWeightsRequest,
    options: CallOptions | undefined,
  ) => Promise<Inferable>,
): Double<Inferer> {
  return double(id, breaks, (good) => ({
    open: (request, options) => change((...all) => good.open(...all), request, options),
  }));
}

function otherCode(id: string, breaks: string, code: RmtcErrorCode, other: RmtcErrorCode): Double<Inferer> {
  return opening(id, breaks, (open, request, options) =>
    open(request, options).catch((error: unknown) => {
      throw isRmtcError(error, code) ? new RmtcError(other, error.message) : error;
    }),
  );
}

/** A double that declares another target. */
function targeting(id: string, platform: PlatformTarget): Double<Inferer> {
  return double(id, "platform.fits", (good) => ({ capabilities: { ...good.capabilities, platform } }));
}

function double(id: string, breaks: string, alter: Double<Inferer>["alter"]): Double<Inferer> {
  return { id, breaks: `inferer.${breaks}`, alsoCaughtBy: alsoCaughtBy[id] ?? [], alter };
}

function runChanged(good: Inferer, change: ChangeRun): Partial<Methods<Inferer>> {
  return {
    async open(request, options) {
      const network = await good.open(request, options);
      return changedNetwork(network, { run: change((...all) => network.run(...all), network) });
    },
  };
}

function changedNetwork(network: Inferable, change: Partial<Inferable>): Inferable {
  const { inputs, outputs, capabilities } = network;
  return {
    inputs,
    outputs,
    capabilities,
    run: (...all) => network.run(...all),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
    ...change,
  };
}

function renamed(layouts: readonly NamedLayout[], axis: string): readonly NamedLayout[] {
  return layouts.map(({ name, layout }) => {
    return layout.axes[0] === "x" ? { name, layout: { ...layout, axes: [axis] } } : { name, layout };
  });
}

function mapInputs(request: InferRequest, change: (value: TensorValue) => TensorValue): InferRequest {
  const inputs = Object.entries(request.inputs).map(([name, value]) => [name, change(value)] as const);
  return { ...request, inputs: Object.fromEntries(inputs) };
}

function mapOutputs({ outputs }: InferResult, change: (value: TensorValue) => TensorValue): InferResult {
  return {
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, change(value)])),
  };
}

function changed(value: TensorValue, change: (one: number, at: number) => number): TensorValue {
  if (value.dtype !== "F32") return value;
  const numbers = new Float32Array(new Uint8Array(value.data).buffer).map(change);
  return { ...value, data: new Uint8Array(numbers.buffer) };
}

function sizeOf({ inputs }: InferRequest): { readonly rows: number; readonly columns: number } {
  const [, , rows = 0, columns = 0] = Object.values(inputs)[0]?.shape ?? [];
  return { rows, columns };
}

/** The network of blocks has one channel, and is the only one that is run on images so small. */
function isBlocks({ inputs, outputs }: Inferable): boolean {
  return inputs.length === 1 && outputs.length === 1 && inputs[0]?.layout.shape[1] === 1;
}
