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
import { cutWindow, planesOf } from "./copy-window.ts";
import { type ModelDescription, rowAxisOf } from "./describe-model.ts";
import type { InferCall, Lane, TileTask } from "./lane.ts";
import { OutputImage } from "./output-image.ts";
import type { TileSpan } from "./plan-tiles.ts";
import type { SlotTensor } from "./session-calls.ts";
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
    const results = new Map<string, OutputImage | TensorValue>();
    if (grid !== undefined) {
      for (const name of outputs) {
        const rowAxis = this.#rowAxisOf(name, grid);
        if (rowAxis !== undefined) results.set(name, new OutputImage(grid, rowAxis));
      }
    }
    const tasks = [...spansOf(grid)].map(([rows, columns]) =>
      this.#task(call, checked.inputs, outputs, results, grid, rows, columns),
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

  /** Finds where an output has its rows; `undefined` for one that is taken as it comes. */
  #rowAxisOf(name: string, { rowSpans, columnSpans, size, padded }: TileGrid): number | undefined {
    const { geometry } = this.#description;
    if (geometry !== undefined && Object.hasOwn(geometry.rowAxes, name)) return geometry.rowAxes[name];
    if (rowSpans.length * columnSpans.length > 1) {
      throw new RmtcError("RMTC_UNSUPPORTED", `Output "${name}" cannot be put together from tiles.`, {
        subject: name,
      });
    }
    const layout = this.outputs.find((output) => output.name === name)?.layout;
    const isPadded = size.rows !== padded.rows || size.columns !== padded.columns;
    return isPadded && layout !== undefined ? rowAxisOf(layout) : undefined;
  }

  #task(
    call: InferCall,
    inputs: readonly CheckedInput[],
    outputs: readonly string[],
    results: Map<string, OutputImage | TensorValue>,
    grid: TileGrid | undefined,
    rows: TileSpan,
    columns: TileSpan,
  ): TileTask {
    return {
      call,
      outputs,
      inputs: inputs.map(({ name, value: { dtype, shape }, rowAxis }) => ({
        name,
        dtype,
        shape: tileShape(shape, rowAxis, grid),
      })),
      fill: async (lane) => {
        for (const input of inputs) await fillInput(input, grid, rows, columns, lane);
      },
      take: async (tensors, lane) => {
        for (const tensor of tensors) {
          const result = results.get(tensor.name);
          if (result instanceof OutputImage) await result.take(tensor, rows, columns, lane);
          else results.set(tensor.name, await readWhole(tensor, lane));
        }
      },
    };
  }
}

function* spansOf(grid: TileGrid | undefined): Generator<readonly [TileSpan, TileSpan]> {
  const whole = { origin: 0, keepFrom: 0, keepTo: 0 };
  for (const rows of grid?.rowSpans ?? [whole]) {
    for (const columns of grid?.columnSpans ?? [whole]) yield [rows, columns];
  }
}

async function fillInput(
  { name, value, rowAxis }: CheckedInput,
  grid: TileGrid | undefined,
  rows: TileSpan,
  columns: TileSpan,
  lane: Lane,
): Promise<void> {
  const isCut =
    grid !== undefined && (grid.tile.rows !== grid.size.rows || grid.tile.columns !== grid.size.columns);
  if (rowAxis === undefined || !isCut) {
    await lane.write(name, value.data);
    return;
  }
  const { tile } = grid;
  const { dtype, shape, data } = value;
  const scratch = lane.scratch(`in.${name}`, dtype, tileShape(shape, rowAxis, grid));
  const planes = planesOf(shape, rowAxis, bitsPerElement(dtype) / 8);
  const window = { row: rows.origin, column: columns.origin, ...tile };
  await cutWindow(data, planes, window, tensorBytes(scratch));
  await lane.write(name, tensorBytes(scratch));
}

function tileShape(
  shape: readonly number[],
  rowAxis: number | undefined,
  grid: TileGrid | undefined,
): readonly number[] {
  if (rowAxis === undefined || grid === undefined) return shape;
  return shape.with(rowAxis, grid.tile.rows).with(rowAxis + 1, grid.tile.columns);
}

async function readWhole({ name, dtype, shape }: SlotTensor, lane: Lane): Promise<TensorValue> {
  const tensor = zeroTensor(dtype, shape);
  await lane.read(name, tensor.data);
  return { dtype, shape, data: tensorBytes(tensor) };
}

function finished(name: string, results: ReadonlyMap<string, OutputImage | TensorValue>): TensorValue {
  const result = results.get(name);
  const value = result instanceof OutputImage ? result.value : result;
  if (value === undefined) throw new RmtcError("RMTC_PROCESS_FAILED", `Output "${name}" did not come.`);
  return value;
}
