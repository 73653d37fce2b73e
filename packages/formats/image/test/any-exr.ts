// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PixelWindow } from "@rmtc/spec";
import fc from "fast-check";
import {
  type ExrAttribute,
  type ExrChannel,
  type ExrImage,
  type ExrLosslessCompression,
  type ExrPart,
  type ExrPixelType,
  encodeAttribute,
} from "../src/index.ts";

/** The compressions that are read and written. */
export const compressions: readonly ExrLosslessCompression[] = ["none", "rle", "zips", "zip"];

/** A part with one value pattern, for tests that want no surprise. */
export function plainPart(
  width: number,
  height: number,
  channels: Readonly<Record<string, ExrPixelType>>,
  change: Partial<ExrPart> = {},
): ExrPart {
  const window = { minX: 0, minY: 0, maxX: width - 1, maxY: height - 1 };
  const entries = Object.entries(channels).map(([name, type], index): [string, ExrChannel] => [
    name,
    { type, data: samples(type, width * height, (at) => ((at * 7 + index) % 64) / 16), linear: false },
  ]);
  return {
    storage: "scanline",
    compression: "zip",
    dataWindow: window,
    displayWindow: window,
    lineOrder: "increasing",
    pixelAspectRatio: 1,
    screenWindowCenter: { x: 0, y: 0 },
    screenWindowWidth: 1,
    attributes: new Map(),
    channels: new Map(entries),
    ...change,
  };
}

/** Samples of a type from a function of their index; whole numbers for `uint`. */
export function samples(
  type: ExrPixelType,
  count: number,
  value: (at: number) => number,
): ExrChannel["data"] {
  if (type === "half") return Float16Array.from({ length: count }, (_, at) => value(at));
  if (type === "float") return Float32Array.from({ length: count }, (_, at) => value(at));
  return Uint32Array.from({ length: count }, (_, at) => Math.round(value(at) * 1000));
}

/** The bits of samples, which tell NaNs and zeros apart. */
export function bitsOf(data: ExrChannel["data"]): Uint16Array | Uint32Array {
  return data.BYTES_PER_ELEMENT === 2
    ? new Uint16Array(data.buffer, data.byteOffset, data.length)
    : new Uint32Array(data.buffer, data.byteOffset, data.length);
}

const coordinate = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 80));

function anyWindow(maxSize: number): fc.Arbitrary<PixelWindow> {
  const size = fc.integer({ min: 1, max: maxSize });
  return fc.tuple(coordinate, coordinate, size, size).map(([minX, minY, width, height]) => ({
    minX,
    minY,
    maxX: minX + width - 1,
    maxY: minY + height - 1,
  }));
}

/** Noise, flat areas, runs and every bit pattern there is. */
function anySamples(type: ExrPixelType, count: number): fc.Arbitrary<ExrChannel["data"]> {
  const wordBytes = type === "half" ? 2 : 4;
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: count * wordBytes, maxLength: count * wordBytes }),
    fc
      .tuple(fc.nat(255), fc.integer({ min: 1, max: 300 }))
      .map(([value, run]) =>
        new Uint8Array(count * wordBytes).map((_, at) => (Math.floor(at / run) * value) & 0xff),
      ),
  );
  return bytes.map(({ buffer }) => {
    if (type === "half") return new Float16Array(buffer);
    return type === "float" ? new Float32Array(buffer) : new Uint32Array(buffer);
  });
}

const channelName = fc.oneof(
  fc.constantFrom("R", "G", "B", "A", "Z", "diffuse.R", "id", "N.x"),
  fc.string({ minLength: 1, maxLength: 40 }).filter((name) => !name.includes("\0")),
);

const anyAttribute: fc.Arbitrary<ExrAttribute> = fc.oneof(
  fc.string().map((text) => encodeAttribute("string", text)),
  fc.array(fc.string()).map((texts) => encodeAttribute("stringvector", texts)),
  fc.array(fc.float(), { minLength: 16, maxLength: 16 }).map((numbers) => encodeAttribute("m44f", numbers)),
  fc.record({ type: fc.constantFrom("facility_type", "preview", "string"), bytes: fc.uint8Array() }),
);

/** One part with anything a scanline part may have. */
export function anyPart(maxSize: number): fc.Arbitrary<ExrPart> {
  const channels = fc.uniqueArray(
    fc.tuple(channelName, fc.constantFrom<ExrPixelType>("uint", "half", "float")),
    {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    },
  );
  return fc.tuple(anyWindow(maxSize), channels).chain(([dataWindow, list]) => {
    const count = (dataWindow.maxX - dataWindow.minX + 1) * (dataWindow.maxY - dataWindow.minY + 1);
    const entries = list.map(([name, type]) =>
      fc
        .tuple(anySamples(type, count), fc.boolean())
        .map(([data, linear]): [string, ExrChannel] => [name, { type, data, linear }]),
    );
    return fc.record({
      storage: fc.constant("scanline" as const),
      compression: fc.constantFrom(...compressions),
      dataWindow: fc.constant(dataWindow),
      displayWindow: anyWindow(50),
      lineOrder: fc.constantFrom("increasing" as const, "decreasing" as const),
      pixelAspectRatio: fc.float({ min: Math.fround(0.1), max: 4, noNaN: true }),
      screenWindowCenter: fc.record({ x: fc.float({ noNaN: true }), y: fc.float({ noNaN: true }) }),
      screenWindowWidth: fc.float({ noNaN: true }),
      attributes: fc
        .array(fc.tuple(fc.stringMatching(/^my[a-zA-Z]{1,40}$/), anyAttribute), { maxLength: 4 })
        .map((list) => new Map(list)),
      channels: fc.tuple(...entries).map((all) => new Map(all)),
    });
  });
}

/** One to three parts that agree in what all parts of a file share. */
export function anyImage(maxSize: number): fc.Arbitrary<ExrImage> {
  return fc.array(anyPart(maxSize), { minLength: 1, maxLength: 3 }).map((parts) => {
    const [{ displayWindow, pixelAspectRatio }] = parts as [ExrPart];
    if (parts.length === 1) return { parts };
    return {
      parts: parts.map((part, index) => ({
        ...part,
        name: `part ${index}`,
        displayWindow,
        pixelAspectRatio,
      })),
    };
  });
}
