// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { PixelWindow } from "@rmtc/spec";
import { type ExrAttribute, encodeAttribute } from "./attribute.ts";
import type { ExrChannelInfo, ExrLosslessCompression, ExrPart } from "./exr-image.ts";
import {
  compressionCodes,
  lineOrderCodes,
  pixelTypeCodes,
  storageNames,
  versionFlags,
} from "./parse-headers.ts";

/** A part as it will be written: always scanlines, with channels in the order of the file. */
export interface PartPlan {
  readonly part: ExrPart;
  readonly channels: readonly ExrChannelInfo[];
  readonly compression: ExrLosslessCompression;
  readonly chunkCount: number;
}

/**
 * Writes magic, version and the headers of all parts, each with its attributes sorted by name.
 *
 * @throws RMTC_OPTION_INVALID when a name is empty, too long or holds a zero, or parts that must agree do not.
 */
export function encodeHeaders(plans: readonly PartPlan[]): Uint8Array {
  const multiPart = plans.length > 1;
  if (multiPart) checkParts(plans);
  const headers = plans.map((plan) => attributesOf(plan, multiPart));
  const names = headers.flatMap((attributes) => [...attributes.keys()]);
  const typeNames = headers.flatMap((attributes) => [...attributes.values()].map(({ type }) => type));
  const channelNames = plans.flatMap(({ channels }) => channels.map(({ name }) => name));
  const longNames = [...names, ...typeNames, ...channelNames].some((name) => Buffer.byteLength(name) > 31);
  const version = 2 | (multiPart ? versionFlags.multiPart : 0) | (longNames ? versionFlags.longNames : 0);
  const bytes: Uint8Array[] = [Buffer.from([0x76, 0x2f, 0x31, 0x01]), int32(version)];
  for (const attributes of headers) {
    const sorted = [...attributes].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const [name, attribute] of sorted) {
      bytes.push(
        zeroEnded(name),
        zeroEnded(attribute.type),
        int32(attribute.bytes.byteLength),
        attribute.bytes,
      );
    }
    bytes.push(Buffer.from([0]));
  }
  if (multiPart) bytes.push(Buffer.from([0]));
  return Buffer.concat(bytes);
}

function attributesOf(plan: PartPlan, multiPart: boolean): Map<string, ExrAttribute> {
  const { part } = plan;
  const attributes = new Map(part.attributes);
  attributes.set("channels", { type: "chlist", bytes: channelList(plan.channels) });
  attributes.set("compression", oneByte("compression", compressionCodes.indexOf(plan.compression)));
  attributes.set("dataWindow", encodeAttribute("box2i", corners(part.dataWindow)));
  attributes.set("displayWindow", encodeAttribute("box2i", corners(part.displayWindow)));
  attributes.set("lineOrder", oneByte("lineOrder", lineOrderCodes.indexOf(writtenOrder(part))));
  attributes.set("pixelAspectRatio", encodeAttribute("float", part.pixelAspectRatio));
  const { x, y } = part.screenWindowCenter;
  attributes.set("screenWindowCenter", encodeAttribute("v2f", [x, y]));
  attributes.set("screenWindowWidth", encodeAttribute("float", part.screenWindowWidth));
  if (part.name !== undefined) attributes.set("name", encodeAttribute("string", part.name));
  if (multiPart) {
    attributes.set("type", encodeAttribute("string", storageNames.scanline));
    attributes.set("chunkCount", encodeAttribute("int", plan.chunkCount));
  }
  return attributes;
}

/** Scanlines are written upwards or downwards; the random order of tiles becomes downwards. */
export function writtenOrder(part: ExrPart): "increasing" | "decreasing" {
  return part.lineOrder === "decreasing" && part.storage === "scanline" ? "decreasing" : "increasing";
}

function checkParts(plans: readonly PartPlan[]): void {
  const names = plans.map(({ part }) => part.name ?? "");
  if (names.includes("") || new Set(names).size !== names.length) {
    throw new RmtcError("RMTC_OPTION_INVALID", "Each part of a multi-part EXR needs a name of its own.");
  }
  const [first, ...rest] = plans;
  for (const { part } of rest) {
    const same =
      `${corners(part.displayWindow)}` === `${corners((first as PartPlan).part.displayWindow)}` &&
      part.pixelAspectRatio === (first as PartPlan).part.pixelAspectRatio;
    if (!same) {
      const message = `Part "${part.name}" has another display window or pixel aspect ratio than the first part.`;
      throw new RmtcError("RMTC_OPTION_INVALID", message);
    }
  }
}

function channelList(channels: readonly ExrChannelInfo[]): Uint8Array {
  const entries = channels.flatMap(({ name, type, linear, xSampling, ySampling }) => [
    zeroEnded(name),
    int32(pixelTypeCodes.indexOf(type)),
    Buffer.from([linear ? 1 : 0, 0, 0, 0]),
    int32(xSampling),
    int32(ySampling),
  ]);
  return Buffer.concat([...entries, Buffer.from([0])]);
}

function oneByte(type: string, value: number): ExrAttribute {
  return { type, bytes: Buffer.from([value]) };
}

function corners(window: PixelWindow): readonly number[] {
  return [window.minX, window.minY, window.maxX, window.maxY];
}

function zeroEnded(name: string): Uint8Array {
  const bytes = Buffer.from(`${name}\0`, "utf8");
  if (bytes.byteLength < 2 || bytes.byteLength > 256 || bytes.indexOf(0) !== bytes.byteLength - 1) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `"${name}" is no EXR name: 1 to 255 bytes, none of them zero.`,
    );
  }
  return bytes;
}

function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
