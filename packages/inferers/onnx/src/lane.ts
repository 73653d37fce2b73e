// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GuestHost } from "@rmtc/wire";
import { HostSlot } from "./host-slot.ts";
import {
  type AttachCall,
  type Band,
  type CollectCall,
  type RunAnswer,
  type RunCall,
  type SlotTensor,
  sameTensors,
} from "./session-calls.ts";

/** A call that a caller made, which may be many bands. */
export interface InferCall {
  /** Whether nobody waits for it any more. */
  cancelled: boolean;
}

/** One row of tiles of a call, or all of it. */
export interface BandTask {
  /** The call that the band is part of. */
  readonly call: InferCall;
  readonly inputs: readonly SlotTensor[];
  /** Names of the outputs that are wanted. */
  readonly outputs: readonly string[];
  readonly band: Band | undefined;
  /** Puts the inputs into their slot. */
  fill(slot: HostSlot): Promise<void>;
  /** Takes the outputs out of their slot. */
  take(outputs: readonly SlotTensor[], slot: HostSlot): Promise<void>;
}

/** The host's end of a lane: the slot files that one run at a time goes through, kept while shapes stay. */
export class Lane {
  readonly #guest: GuestHost;
  readonly #number: number;
  #input: HostSlot | undefined;
  #inputTensors: readonly SlotTensor[] = [];
  #output: HostSlot | undefined;

  constructor(guest: GuestHost, number: number) {
    this.#guest = guest;
    this.#number = number;
  }

  /** Runs a task; `compute` has the guest compute what the lane holds by then. */
  async run(task: BandTask, compute: (call: RunCall) => Promise<RunAnswer>): Promise<void> {
    if (this.#input === undefined || !sameTensors(this.#inputTensors, task.inputs)) {
      const old = this.#input;
      this.#input = undefined;
      await old?.close();
      this.#input = await this.#handOver("attach", task.inputs);
      this.#inputTensors = task.inputs;
    }
    await task.fill(this.#input);
    if (task.call.cancelled) return;
    const { outputs, written } = await compute({
      lane: this.#number,
      outputs: task.outputs,
      band: task.band,
    });
    if (this.#output === undefined || !written) {
      const old = this.#output;
      this.#output = undefined;
      await old?.close();
      this.#output = await this.#handOver("collect", outputs);
    }
    await task.take(outputs, this.#output);
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
