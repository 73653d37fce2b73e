// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype } from "@rmtc/spec";
import { type Tensor, type TensorData, zeroTensor } from "@rmtc/tensor";
import type { GuestHost } from "@rmtc/wire";
import { HostSlot } from "./host-slot.ts";
import {
  type AttachCall,
  type CollectCall,
  type RunAnswer,
  type RunCall,
  type SlotTensor,
  sameTensors,
} from "./session-calls.ts";

/** A call that a caller made, which may be many tiles. */
export interface InferCall {
  /** Whether nobody waits for it any more. */
  cancelled: boolean;
}

/** One run of a network on one tile. */
export interface TileTask {
  /** The call that the tile is part of. */
  readonly call: InferCall;
  readonly inputs: readonly SlotTensor[];
  /** Names of the outputs that are wanted. */
  readonly outputs: readonly string[];
  /** Puts the inputs into the lane. */
  fill(lane: Lane): Promise<void>;
  /** Takes the outputs out of the lane. */
  take(outputs: readonly SlotTensor[], lane: Lane): Promise<void>;
}

/** The host's end of a lane: the slot files that one run at a time goes through, kept while shapes stay. */
export class Lane {
  readonly #guest: GuestHost;
  readonly #number: number;
  readonly #scratch = new Map<string, Tensor>();
  #input: HostSlot | undefined;
  #inputTensors: readonly SlotTensor[] = [];
  #output: HostSlot | undefined;

  constructor(guest: GuestHost, number: number) {
    this.#guest = guest;
    this.#number = number;
  }

  /** Runs a task; `compute` has the guest compute what the lane holds by then. */
  async run(task: TileTask, compute: (call: RunCall) => Promise<RunAnswer>): Promise<void> {
    const lane = this.#number;
    if (!sameTensors(this.#inputTensors, task.inputs)) {
      this.#inputTensors = [];
      const old = this.#input;
      this.#input = undefined;
      await old?.close();
      this.#input = await this.#handOver("attach", task.inputs);
      this.#inputTensors = task.inputs;
    }
    await task.fill(this);
    if (task.call.cancelled) return;
    const { outputs, written } = await compute({ lane, outputs: task.outputs });
    if (!written) {
      const old = this.#output;
      this.#output = undefined;
      await old?.close();
      this.#output = await this.#handOver("collect", outputs);
    }
    await task.take(outputs, this);
  }

  /** Writes an input. */
  async write(name: string, data: Uint8Array): Promise<void> {
    await this.#input?.write(name, data);
  }

  /** Reads an output into `target`, an array of its element type. */
  async read(name: string, target: TensorData): Promise<void> {
    await this.#output?.read(name, target);
  }

  /** Returns a tensor of undefined content, on memory that the lane keeps from one run to the next. */
  scratch(name: string, dtype: Dtype, shape: readonly number[]): Tensor {
    let scratch = this.#scratch.get(name);
    if (scratch?.dtype !== dtype || String(scratch.shape) !== String(shape)) {
      scratch = zeroTensor(dtype, shape);
      this.#scratch.set(name, scratch);
    }
    return scratch;
  }

  /** Closes the slot files, which frees their bytes once the process has ended as well. */
  async close(): Promise<void> {
    const slots = [this.#input, this.#output];
    this.#input = undefined;
    this.#output = undefined;
    for (const slot of slots) await slot?.close();
  }

  /** Makes a slot file and lets the guest open it. */
  async #handOver(method: "attach" | "collect", tensors: readonly SlotTensor[]): Promise<HostSlot> {
    const slot = await HostSlot.create(tensors);
    try {
      const call: AttachCall | CollectCall = { lane: this.#number, path: slot.path };
      await this.#guest.call(method, call);
      await slot.hide();
      return slot;
    } catch (error) {
      await slot.hide();
      await slot.close();
      throw error;
    }
  }
}
