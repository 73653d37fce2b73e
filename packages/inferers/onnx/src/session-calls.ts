// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype } from "@rmtc/spec";
import type { ModelDescription } from "./describe-model.ts";
import type { TileSpan } from "./plan-tiles.ts";

/** Name, element type and shape of a tensor in a slot file. */
export interface SlotTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** Loads the network; must come first, once. */
export interface OpenCall {
  readonly path: string;
  readonly threads: number;
}

/** What was loaded. */
export interface OpenAnswer {
  readonly description: ModelDescription;
  /** Changes whenever the file does, so that a process started later runs the same network. */
  readonly fileIdentity: string;
}

/** Makes the file at `path` the lane's input slot. */
export interface AttachCall {
  readonly lane: number;
  readonly path: string;
}

/** A band of the images: one row of tiles, over all columns. Its tensors have as many rows as a tile. */
export interface Band {
  readonly tile: { readonly rows: number; readonly columns: number };
  /** Rows of the band that hold pixels; the network sees the last one repeated below them. */
  readonly filledRows: number;
  /** Columns of the image. */
  readonly imageColumns: number;
  /** Where the band's tiles lie. */
  readonly columns: readonly TileSpan[];
  /** The rows that are kept, counted from the band's first. */
  readonly keep: { readonly from: number; readonly to: number };
  /** Axis of the rows of each input that is an image; columns follow. */
  readonly inputRowAxes: Readonly<Record<string, number>>;
  /** Axis of the rows of each output that is put together from tiles; columns follow. */
  readonly outputRowAxes: Readonly<Record<string, number>>;
}

/** Runs the network on what the lane's input slot holds. */
export interface RunCall {
  readonly lane: number;
  readonly outputs: readonly string[];
  /** How the images are cut; `undefined` for a network without images. */
  readonly band: Band | undefined;
}

/** What the network gave. */
export interface RunAnswer {
  readonly outputs: readonly SlotTensor[];
  /** Whether the results lie in the lane's output slot; else they wait for one. */
  readonly written: boolean;
}

/** Makes the file at `path` the lane's output slot, and writes the results that wait there. */
export type CollectCall = AttachCall;

/** Tells whether two lists name the same tensors. */
export function sameTensors(a: readonly SlotTensor[], b: readonly SlotTensor[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, dtype, shape }, index) => {
      const other = b[index];
      return name === other?.name && dtype === other.dtype && sameShape(shape, other.shape);
    })
  );
}

/** Tells whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
