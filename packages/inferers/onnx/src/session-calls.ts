// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype } from "@rmtc/spec";
import type { ModelDescription } from "./describe-model.ts";

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

/** Runs the network on what the lane's input slot holds. */
export interface RunCall {
  readonly lane: number;
  readonly outputs: readonly string[];
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
      return name === other?.name && dtype === other.dtype && String(shape) === String(other.shape);
    })
  );
}
