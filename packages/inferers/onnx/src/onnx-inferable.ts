// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  type CallOptions,
  type Inferable,
  type InferableCapabilities,
  type InferRequest,
  type InferResult,
  RmtcError,
  type TensorValue,
} from "@rmtc/contract";
import type { NamedLayout } from "@rmtc/spec";
import { bitsPerElement, tensorBytes, zeroTensor } from "@rmtc/tensor";
import { type CheckedInput, checkInputs } from "./check-inputs.ts";
import { planesOf } from "./copy-window.ts";
import { type ModelDescription, rowAxisOf } from "./describe-model.ts";
import type { HostSlot } from "./host-slot.ts";
import type { BandTask, InferCall } from "./lane.ts";
import { OutputImage } from "./output-image.ts";
import type { TileSpan } from "./plan-tiles.ts";
import type { Band, SlotTensor } from "./session-calls.ts";
import type { SessionPool } from "./session-pool.ts";
import { type TileGrid, tileGrid } from "./tile-grid.ts";

/** An ONNX network that runs in child processes. {@link OnnxInferer} opens it. */
export class OnnxInferable implements Inferable {
  readonly capabilities: InferableCapabilities;
  readonly inputs: readonly NamedLayout[];
  readonly outputs: readonly NamedLayout[];
  /** Rows and columns to whose multiples images are padded, by repeating the last ones. */
  readonly stride: number;
  /** The smallest overlap of tiles that gives exact results; `undefined` where tiles cannot. */
  readonly receptiveField: number | undefined;
  readonly #description: ModelDescription;
  readonly #pool: SessionPool;
  readonly #onClosed: (inferable: OnnxInferable) => void;

  /** Takes over a pool whose processes run the described network; `onClosed` is called once they have ended. */
  constructor(
    description: ModelDescription,
    pool: SessionPool,
    processes: number,
    onClosed: (inferable: OnnxInferable) => void,
  ) {
    this.#description = description;
    this.#pool = pool;
    this.#onClosed = onClosed;
    this.inputs = description.inputs;
    this.outputs = description.outputs;
    this.stride = description.stride;
    this.receptiveField = description.geometry?.receptiveField;
    this.capabilities = { tiles: description.geometry !== undefined, concurrency: processes };
  }

  /** Process ids of the children that run now. */
  get processIds(): readonly number[] {
    return this.#pool.processIds;
  }

  /**
   * Runs the network once, whole or in tiles. Aborting kills the process that computes.
   *
   * @throws RMTC_LAYOUT_MISMATCH when an input is missing, or has another dtype or shape than `inputs` says.
   * @throws RMTC_OPTION_INVALID when an output or the tiles do not suit the network.
   * @throws RMTC_UNSUPPORTED when tiles are asked of a network, or for an output, that they cannot stand for.
   * @throws RMTC_GRAPH_UNSUPPORTED, RMTC_LIMIT_EXCEEDED when ONNX Runtime cannot compute it.
   * @throws RMTC_PROCESS_FAILED when the process died of it; the next call starts another.
   * @throws RMTC_STATE_INVALID when the network was closed.
   */
  async run(request: InferRequest, { signal }: CallOptions = {}): Promise<InferResult> {
    signal?.throwIfAborted();
    const outputs = this.#wantedOutputs(request.outputs);
    const checked = checkInputs(request, this.#description);
    const grid = tileGrid(checked, this.#description, request.tiles);
    const call: InferCall = { cancelled: false };
    const outputRowAxes = grid === undefined ? {} : this.#rowAxesOf(outputs, grid);
    const results = new Map<string, OutputImage | TensorValue>();
    if (grid !== undefined) {
      for (const [name, rowAxis] of Object.entries(outputRowAxes)) {
        results.set(name, new OutputImage(grid, rowAxis));
      }
    }
    const tasks = (grid?.rowSpans ?? [undefined]).map((rows) =>
      bandTask(
        call,
        checked.inputs,
        outputs,
        results,
        bandOf(grid, rows, checked.inputs, outputRowAxes),
        rows,
      ),
    );
    const stop = (): void => {
      this.#pool.cancel(call, signal?.reason);
      this.#pool.kill(call);
    };
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await Promise.all(tasks.map((task) => this.#pool.run(task)));
    } catch (error) {
      this.#pool.cancel(call, error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
    return { outputs: Object.fromEntries(outputs.map((name) => [name, finished(name, results)])) };
  }

  /** Ends the processes. Calls that run reject with `RMTC_STATE_INVALID`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
    this.#onClosed(this);
  }

  #wantedOutputs(names: readonly string[] | undefined): readonly string[] {
    const known = this.outputs.map(({ name }) => name);
    if (names === undefined) return known;
    const unknown = names.find((name) => !known.includes(name));
    if (unknown === undefined) return [...new Set(names)];
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `The network has no output "${unknown}"; it has ${known.join(", ")}.`,
      { pointer: "/outputs", subject: unknown },
    );
  }

  /** Finds where outputs have their rows; those that are taken as they come are left out. */
  #rowAxesOf(
    names: readonly string[],
    { rowSpans, columnSpans, size, padded }: TileGrid,
  ): Readonly<Record<string, number>> {
    const { geometry } = this.#description;
    const isTiled = rowSpans.length * columnSpans.length > 1;
    const isPadded = size.rows !== padded.rows || size.columns !== padded.columns;
    return Object.fromEntries(
      names.flatMap((name) => {
        if (geometry !== undefined && Object.hasOwn(geometry.rowAxes, name)) {
          return [[name, geometry.rowAxes[name] as number]];
        }
        if (isTiled) {
          throw new RmtcError("RMTC_UNSUPPORTED", `Output "${name}" cannot be put together from tiles.`, {
            subject: name,
          });
        }
        const layout = this.outputs.find((output) => output.name === name)?.layout;
        const rowAxis = isPadded && layout !== undefined ? rowAxisOf(layout) : undefined;
        return rowAxis === undefined ? [] : [[name, rowAxis]];
      }),
    );
  }
}

function bandOf(
  grid: TileGrid | undefined,
  rows: TileSpan | undefined,
  inputs: readonly CheckedInput[],
  outputRowAxes: Readonly<Record<string, number>>,
): Band | undefined {
  if (grid === undefined || rows === undefined) return undefined;
  const { tile, size, columnSpans } = grid;
  return {
    tile,
    filledRows: Math.min(size.rows - rows.origin, tile.rows),
    imageColumns: size.columns,
    columns: columnSpans,
    keep: { from: rows.keepFrom - rows.origin, to: rows.keepTo - rows.origin },
    inputRowAxes: Object.fromEntries(
      inputs.flatMap(({ name, rowAxis }) => (rowAxis === undefined ? [] : [[name, rowAxis]])),
    ),
    outputRowAxes,
  };
}

function bandTask(
  call: InferCall,
  inputs: readonly CheckedInput[],
  outputs: readonly string[],
  results: Map<string, OutputImage | TensorValue>,
  band: Band | undefined,
  rows: TileSpan | undefined,
): BandTask {
  return {
    call,
    outputs,
    band,
    inputs: inputs.map(({ name, value: { dtype, shape }, rowAxis }) => ({
      name,
      dtype,
      shape: rowAxis === undefined || band === undefined ? shape : shape.with(rowAxis, band.tile.rows),
    })),
    fill: async (slot) => {
      for (const input of inputs) await fillInput(input, band, rows, slot);
    },
    take: async (tensors, slot) => {
      for (const tensor of tensors) {
        const result = results.get(tensor.name);
        if (result instanceof OutputImage && rows !== undefined) await result.take(tensor, rows, slot);
        else results.set(tensor.name, await readWhole(tensor, slot));
      }
    },
  };
}

/** Writes the rows of a band, which lie together in each plane of the image and of the slot. */
async function fillInput(
  { name, value, rowAxis }: CheckedInput,
  band: Band | undefined,
  rows: TileSpan | undefined,
  slot: HostSlot,
): Promise<void> {
  const { dtype, shape, data } = value;
  if (rowAxis === undefined || band === undefined || rows === undefined) {
    await slot.write(name, data, 0);
    return;
  }
  const image = planesOf(shape, rowAxis, bitsPerElement(dtype) / 8);
  const rowBytes = image.columns * image.bytesPerPixel;
  for (let plane = 0; plane < image.outer; plane += 1) {
    const start = (plane * image.rows + rows.origin) * rowBytes;
    const pixels = data.subarray(start, start + band.filledRows * rowBytes);
    await slot.write(name, pixels, plane * band.tile.rows * rowBytes);
  }
}

async function readWhole({ name, dtype, shape }: SlotTensor, slot: HostSlot): Promise<TensorValue> {
  const tensor = zeroTensor(dtype, shape);
  await slot.read(name, tensorBytes(tensor), 0);
  return { dtype, shape, data: tensorBytes(tensor) };
}

function finished(name: string, results: ReadonlyMap<string, OutputImage | TensorValue>): TensorValue {
  const result = results.get(name);
  const value = result instanceof OutputImage ? result.value : result;
  if (value === undefined) throw new RmtcError("RMTC_PROCESS_FAILED", `Output "${name}" did not come.`);
  return value;
}
