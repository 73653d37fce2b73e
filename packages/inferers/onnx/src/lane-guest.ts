// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { bitsPerElement, type TensorData, tensorBytes, zeroTensor } from "@rmtc/tensor";
import { Tensor } from "onnxruntime-node";
import { cutWindow, pasteWindow, planesOf } from "./copy-window.ts";
import { OpenSlot } from "./open-slot.ts";
import { outputPlace, outputSize } from "./output-length.ts";
import type { TileSpan } from "./plan-tiles.ts";
import { dtypeFromRuntime, dtypeToRuntime, isRuntimeDtype, type RuntimeDtype } from "./runtime-dtype.ts";
import { type Band, type RunCall, type SlotTensor, sameShape, sameTensors } from "./session-calls.ts";

/** Runs the network once. */
export type RunNetwork = (
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
) => Promise<Readonly<Record<string, Tensor>>>;

/** An input as ONNX Runtime takes it, on memory that is filled anew for each run. */
interface Feed {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  readonly tensor: Tensor;
}

/** A result that waits for the output slot. */
interface Result extends SlotTensor {
  readonly dtype: RuntimeDtype;
  readonly bytes: Uint8Array;
}

/** The computing process's end of a lane: it cuts bands into tiles and puts what comes out together again. */
export class LaneGuest {
  readonly #feeds = new Map<string, Feed>();
  readonly #scratch = new Map<string, Uint8Array>();
  #input: OpenSlot | undefined;
  #output: OpenSlot | undefined;
  #results: readonly Result[] = [];
  #band: Band | undefined;

  /** Makes the file at `path` the input slot. */
  async attach(path: string): Promise<void> {
    const input = await OpenSlot.open(path);
    this.#input?.close();
    this.#input = input;
  }

  /** Makes the file at `path` the output slot, and writes the results that wait. */
  async collect(path: string): Promise<void> {
    const output = await OpenSlot.open(path);
    this.#output?.close();
    this.#output = output;
    this.#write(output);
  }

  /** Runs the network on every tile of the band, and writes the results if the output slot suits them. */
  async run({ outputs, band }: RunCall, network: RunNetwork): Promise<readonly SlotTensor[]> {
    const input = this.#input;
    if (input === undefined) throw new Error("The lane has no input slot.");
    const cuts = input.tensors.flatMap((tensor) => this.#fill(tensor, input, band));
    const feeds = Object.fromEntries(input.tensors.map(({ name }) => [name, this.#feedOf(name)]));
    const results = new Map<string, Result>();
    for (const span of band?.columns ?? [undefined]) {
      if (span !== undefined) for (const cut of cuts) cut(span);
      const values = await network(feeds, outputs);
      for (const name of outputs) this.#keep(resultOf(name, values[name]), band, span, results);
    }
    this.#results = outputs.flatMap((name) => results.get(name) ?? []);
    this.#band = band;
    return this.#results.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  }

  /** Writes the results to the output slot, if there is one for tensors of their kind. */
  writeResults(): boolean {
    if (this.#output === undefined || !sameTensors(this.#output.tensors, this.#results)) return false;
    this.#write(this.#output);
    return true;
  }

  /** Fills a feed that no tile changes; for others returns what fills it for a tile. */
  #fill(
    { name, dtype, shape }: SlotTensor,
    slot: OpenSlot,
    band: Band | undefined,
  ): ((span: TileSpan) => void)[] {
    if (!isRuntimeDtype(dtype)) throw new Error(`Input ${name} cannot be of type ${dtype}.`);
    const rowAxis = band?.inputRowAxes[name];
    const tileShape =
      rowAxis === undefined || band === undefined
        ? shape
        : shape.with(rowAxis, band.tile.rows).with(rowAxis + 1, band.tile.columns);
    const feed = this.#makeFeed(name, dtype, tileShape);
    if (rowAxis === undefined || band === undefined) {
      slot.read(name, feed.bytes);
      return [];
    }
    if (sameShape(shape, tileShape) && band.filledRows === band.tile.rows) {
      slot.read(name, feed.bytes);
      return [];
    }
    const planes = planesOf(shape, rowAxis, bitsPerElement(dtype) / 8);
    const pixels = this.#scratchOf(
      `in.${name}`,
      planes.outer * planes.rows * planes.columns * planes.bytesPerPixel,
    );
    slot.read(name, pixels);
    return [
      ({ origin }) =>
        cutWindow(pixels, planes, { row: 0, column: origin, ...band.tile }, feed.bytes, band.filledRows),
    ];
  }

  /** Adds a tile's output to the band's. */
  #keep(
    tile: Result,
    band: Band | undefined,
    span: TileSpan | undefined,
    results: Map<string, Result>,
  ): void {
    const { name, dtype, shape } = tile;
    const rowAxis = band?.outputRowAxes[name];
    if (band === undefined || span === undefined || rowAxis === undefined) {
      results.set(name, tile);
      return;
    }
    const scale = { output: name, outputLength: shape[rowAxis + 1] ?? 0, tileLength: band.tile.columns };
    const bandShape = shape.with(rowAxis + 1, outputSize(scale, band.imageColumns));
    if (band.columns.length === 1 && sameShape(bandShape, shape)) {
      results.set(name, tile);
      return;
    }
    const tilePlanes = planesOf(shape, rowAxis, bitsPerElement(dtype) / 8);
    const bandPlanes = planesOf(bandShape, rowAxis, bitsPerElement(dtype) / 8);
    const byteLength = bandPlanes.outer * bandPlanes.rows * bandPlanes.columns * bandPlanes.bytesPerPixel;
    const bytes = this.#scratchOf(`out.${name}`, byteLength);
    const column = outputPlace(scale, span.keepFrom);
    const end = Math.min(outputPlace(scale, span.keepTo), bandPlanes.columns);
    const { row, rows } = keptRows(tile, rowAxis, band);
    const from = {
      row,
      rows,
      column: column - outputPlace(scale, span.origin),
      columns: Math.max(end - column, 0),
    };
    pasteWindow(tile.bytes, tilePlanes, from, bytes, bandPlanes, { row, column });
    results.set(name, { name, dtype, shape: bandShape, bytes });
  }

  #write(slot: OpenSlot): void {
    for (const result of this.#results) {
      const { name, dtype, shape, bytes } = result;
      const rowAxis = this.#band?.outputRowAxes[name];
      if (this.#band === undefined || rowAxis === undefined) {
        slot.write(name, bytes, 0);
        continue;
      }
      const { outer, rows, columns, bytesPerPixel } = planesOf(shape, rowAxis, bitsPerElement(dtype) / 8);
      const rowBytes = columns * bytesPerPixel;
      const kept = keptRows(result, rowAxis, this.#band);
      for (let plane = 0; plane < outer; plane += 1) {
        const start = (plane * rows + kept.row) * rowBytes;
        slot.write(name, bytes.subarray(start, start + kept.rows * rowBytes), start);
      }
    }
    this.#results = [];
  }

  #feedOf(name: string): Tensor {
    const feed = this.#feeds.get(name);
    if (feed === undefined) throw new Error(`Input ${name} was not filled.`);
    return feed.tensor;
  }

  #makeFeed(name: string, dtype: RuntimeDtype, shape: readonly number[]): Feed {
    const known = this.#feeds.get(name);
    if (known !== undefined && sameShape(known.shape, shape)) return known;
    const values = zeroTensor(dtype, shape);
    const feed = { shape, bytes: tensorBytes(values), tensor: runtimeTensor(dtype, values.data, shape) };
    this.#feeds.set(name, feed);
    return feed;
  }

  #scratchOf(name: string, byteLength: number): Uint8Array {
    let scratch = this.#scratch.get(name);
    if (scratch?.byteLength !== byteLength) {
      scratch = tensorBytes(zeroTensor("U8", [byteLength]));
      this.#scratch.set(name, scratch);
    }
    return scratch;
  }
}

/** The rows of a band's output that are kept. */
function keptRows(
  { name, shape }: SlotTensor,
  rowAxis: number,
  { tile, keep }: Band,
): { readonly row: number; readonly rows: number } {
  const scale = { output: name, outputLength: shape[rowAxis] ?? 0, tileLength: tile.rows };
  const row = outputPlace(scale, keep.from);
  return { row, rows: outputPlace(scale, keep.to) - row };
}

function resultOf(name: string, value: Tensor | undefined): Result {
  const dtype = value === undefined ? undefined : dtypeFromRuntime(value.type);
  if (value === undefined || dtype === undefined) throw new Error(`Output ${name} cannot be handed over.`);
  const { buffer, byteOffset, byteLength } = value.data as TensorData;
  return { name, dtype, shape: value.dims, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

function runtimeTensor(dtype: RuntimeDtype, data: TensorData, shape: readonly number[]): Tensor {
  const tensor = new Tensor(dtypeToRuntime(dtype), data as Tensor.DataType, shape);
  // ONNX Runtime 1.30 wraps half floats in a Float16Array, which its own native part cannot read.
  if (data instanceof Float16Array) {
    const halves = new Uint16Array(data.buffer, data.byteOffset, data.length);
    Object.defineProperty(tensor, "data", { value: halves });
  }
  return tensor;
}
