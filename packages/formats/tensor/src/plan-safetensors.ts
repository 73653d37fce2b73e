// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype, TensorLayout } from "@rmtc/spec";
import { bitsPerElement, tensorByteLength } from "./dtype.ts";
import { layoutMetadataKey, layoutsToText } from "./layout-metadata.ts";
import type { SafetensorsEntry } from "./safetensors-header.ts";
import { maxHeaderBytes } from "./safetensors-header.ts";
import { validateLayout } from "./validate-layout.ts";

/** Data starts at a multiple of this many bytes, so that a file maps into memory by pages. */
const pageBytes = 4096;

/** A tensor before its bytes are there. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly layout?: TensorLayout | undefined;
}

/** Where everything goes in a file about to be written. */
export interface SafetensorsPlan {
  /** The length, the header and its padding: all bytes before the data. */
  readonly head: Uint8Array;
  readonly entries: readonly SafetensorsEntry[];
  readonly byteLength: number;
}

/** Sorts by falling element size, then name in UTF-8 order, so that each tensor is aligned to its element. */
export function inFileOrder<Spec extends TensorSpec>(specs: Iterable<Spec>): Spec[] {
  return [...specs].sort(
    (a, b) =>
      bitsPerElement(b.dtype) - bitsPerElement(a.dtype) ||
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
}

/**
 * Lays tensors out in the order given, without holes, behind a header that ends at a multiple of 4096.
 *
 * @throws RMTC_OPTION_INVALID when a name is taken twice or reserved, or a string is not well formed.
 * @throws RMTC_LAYOUT_MISMATCH when a layout does not fit its tensor.
 * @throws RMTC_LIMIT_EXCEEDED when the header would be longer than the format allows.
 */
export function planSafetensors(
  specs: readonly TensorSpec[],
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsPlan {
  const layouts = new Map<string, TensorLayout>();
  const fields: string[] = [];
  const placed: { readonly spec: TensorSpec; readonly begin: number; readonly byteLength: number }[] = [];
  const names = new Set<string>(["__metadata__"]);
  let end = 0;
  for (const spec of specs) {
    const { name, dtype, shape, layout } = spec;
    if (names.has(name) || !name.isWellFormed()) {
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `The tensor name "${name}" is taken, reserved or not well formed.`,
      );
    }
    names.add(name);
    if (layout !== undefined) {
      const issue = validateLayout(layout, spec);
      if (issue !== undefined) throw new RmtcError("RMTC_LAYOUT_MISMATCH", `Tensor "${name}": ${issue}`);
      layouts.set(name, layout);
    }
    const byteLength = tensorByteLength(dtype, shape);
    placed.push({ spec, begin: end, byteLength });
    const offsets = `[${end},${end + byteLength}]`;
    fields.push(`${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape}],"data_offsets":${offsets}}`);
    end += byteLength;
  }
  const strings = metadataField(metadata, layoutsToText(layouts));
  const text = Buffer.from(`{${[...strings, ...fields].join(",")}}`);
  const dataStart = Math.ceil((8 + text.byteLength) / pageBytes) * pageBytes;
  if (dataStart - 8 > maxHeaderBytes) {
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `The header would take ${dataStart} bytes; the format allows 100 MB.`,
    );
  }
  const head = new Uint8Array(dataStart).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  head.set(text, 8);
  const entries = placed.map(({ spec: { name, dtype, shape, layout }, begin, byteLength }) => {
    const byteOffset = dataStart + begin;
    return { name, dtype, shape, byteOffset, byteLength, ...(layout === undefined ? {} : { layout }) };
  });
  return { head, entries, byteLength: dataStart + end };
}

function metadataField(metadata: Readonly<Record<string, string>>, layouts: string | undefined): string[] {
  if (Object.hasOwn(metadata, layoutMetadataKey)) {
    const message = `Metadata "${layoutMetadataKey}" is written from the layouts of the tensors; give them there.`;
    throw new RmtcError("RMTC_OPTION_INVALID", message);
  }
  const members = Object.entries(metadata);
  if (layouts !== undefined) members.push([layoutMetadataKey, layouts]);
  if (members.length === 0) return [];
  for (const [key, value] of members) {
    if (typeof value !== "string" || !key.isWellFormed() || !value.isWellFormed()) {
      throw new RmtcError("RMTC_OPTION_INVALID", `Metadata "${key}" is not a well-formed string.`);
    }
  }
  members.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const texts = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return [`"__metadata__":{${texts.join(",")}}`];
}
