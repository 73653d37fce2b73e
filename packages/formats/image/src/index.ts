// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { findNonFinite, type NonFinite } from "@rmtc/tensor";
export { addChannels, exrPartFromTensor } from "./add-channels.ts";
export {
  decodeAttribute,
  type ExrAttribute,
  type ExrAttributeValue,
  encodeAttribute,
} from "./exr/attribute.ts";
export type { ChunkWorkOptions } from "./exr/decode-chunks.ts";
export {
  type ExrChannel,
  type ExrChannelInfo,
  type ExrCompression,
  type ExrHeader,
  type ExrImage,
  type ExrLosslessCompression,
  type ExrPart,
  type ExrPartInfo,
  type ExrPixelType,
  type ExrTiles,
  windowSize,
} from "./exr/exr-image.ts";
export { type ReadExrOptions, readExr, readExrHeaders } from "./exr/read-exr.ts";
export { exrToBytes, type WriteExrOptions, writeExr } from "./exr/write-exr.ts";
export { exrToTensor } from "./exr-to-tensor.ts";
export { colorInteropIdOf, commonDtype, exrLayout, inViewOrder } from "./image-layout.ts";
export { type ReadPngOptions, readPng, writePng } from "./png/png.ts";
export { type ImageInfo, probeImage, type ReadImageOptions, readImage } from "./read-image.ts";
