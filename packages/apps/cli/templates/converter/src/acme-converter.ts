// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type CallOptions,
  type Converter,
  type ConverterCapabilities,
  type ConvertRequest,
  type ConvertResult,
  RmtcError,
} from "@rmtc/contract";
import { parseSafetensors, type Tensor, tensorOf, writeSafetensors } from "@rmtc/tensor";

const safetensors = "application/vnd.safetensors";

/** Values that are rounded before the event loop gets a turn. */
const valuesPerTurn = 65_536;

/** Halves weights: F32 tensors of a safetensors file become F16, others stay as they are. */
export class AcmeConverter implements Converter {
  readonly name: string = "acme";
  readonly capabilities: ConverterCapabilities = { conversions: [{ from: safetensors, to: safetensors }] };
  #closed = false;

  async convert(request: ConvertRequest, { signal }: CallOptions = {}): Promise<ConvertResult> {
    const check = (): void => {
      signal?.throwIfAborted();
      if (this.#closed) throw new RmtcError("RMTC_STATE_INVALID", "The converter was closed; open another.");
    };
    check();
    const { path, from, to, outputFolder } = request;
    if (!this.capabilities.conversions.some((pair) => pair.from === from && pair.to === to)) {
      throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `${from} is not converted to ${to} here.`, {
        subject: path,
      });
    }
    const { tensors, metadata } = parseSafetensors(await readFile(path));
    const changes: string[] = [];
    const halved: (readonly [string, Tensor])[] = [];
    for (const [name, tensor] of tensors) {
      halved.push([name, await halve(name, tensor, changes, check)]);
    }
    const result = join(outputFolder, "weights.safetensors");
    await writeSafetensors(result, halved, {
      metadata: Object.fromEntries([...metadata].filter(([key]) => key !== "rmtc.layout")),
    });
    return { files: [{ path: result, mediaType: to }], report: { changes } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }
}

/** Rounds to the nearest F16, ties to even, as `Float16Array` does, and says so. */
async function halve(name: string, tensor: Tensor, changes: string[], check: () => void): Promise<Tensor> {
  if (tensor.dtype !== "F32") return tensor;
  const floats = tensor.data as Float32Array;
  const values = new Float16Array(floats.length);
  let lost = 0;
  for (let start = 0; start < floats.length; start += valuesPerTurn) {
    const end = Math.min(start + valuesPerTurn, floats.length);
    for (let at = start; at < end; at++) {
      const value = floats[at] ?? 0;
      values[at] = value;
      if (Math.abs(value) >= 65_520 && Number.isFinite(value)) lost += 1;
    }
    await setImmediate();
    check();
  }
  changes.push(`${name} went from F32 to F16.`);
  if (lost > 0) changes.push(`${lost} values of ${name} became infinite, because F16 ends at 65504.`);
  const layout = tensor.layout === undefined ? undefined : { ...tensor.layout, dtype: "F16" as const };
  return tensorOf("F16", tensor.shape, values, layout);
}
