// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { type InputType, inflate, type ZlibOptions } from "node:zlib";
import { RmtcError } from "@rmtc/contract";
import type { TensorLayout } from "@rmtc/spec";
import { openRegularFile, readFully, replaceFile, type Tensor, tensorOf } from "@rmtc/tensor";
import { imageShape } from "../image-layout.ts";
import { TimeSlice } from "../time-slice.ts";
import {
  damagedPng,
  inflatedBytes,
  type PngChunk,
  type PngHeader,
  parsePngHeader,
  pngChunks,
  pngSignature,
} from "./png-chunks.ts";
import { type PngPixels, type PngResult, type PngTask, runPngTask } from "./png-task.ts";

const inflateInPool: (input: InputType, options: ZlibOptions) => Promise<Buffer> = promisify(inflate);

/** How PNG files are read. */
export interface ReadPngOptions {
  /** Most pixels a file may have. Default 2²⁸. */
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const defaultMaxPixels = 2 ** 28;

/** Largest file that is read, since a whole one lies in memory. */
const maxFileBytes = 2 ** 32;

/** Below this many bytes of pixels the library is quick enough to be called right here. */
const inlineBytes = 2 ** 18;

/** Chunks that matter for the pixels, beside the palette; the others never reach the library. */
const neededChunks: ReadonlySet<string> = new Set(["IHDR", "tRNS", "IDAT", "IEND"]);

const channelNames: Readonly<Record<number, readonly string[]>> = {
  1: ["Y"],
  2: ["Y", "A"],
  3: ["R", "G", "B"],
  4: ["R", "G", "B", "A"],
};

/** Gives the layout of the tensor that {@link readPng} makes of such a file. */
export function pngLayout(
  width: number,
  height: number,
  channels: readonly string[],
  bytesPerSample: number,
): TensorLayout {
  const window = { minX: 0, minY: 0, maxX: width - 1, maxY: height - 1 };
  return {
    dtype: bytesPerSample === 2 ? "U16" : "U8",
    shape: [height, width, channels.length],
    axes: ["h", "w", "c"],
    channels: [...channels],
    origin: "topLeft",
    alpha: channels.includes("A") ? "unassociated" : "none",
    displayWindow: window,
    dataWindow: { ...window },
    valueRange: { min: 0, max: bytesPerSample === 2 ? 65535 : 255 },
  };
}

/** Names the channels of a file by its header alone; a palette may turn out to have alpha. */
export function pngChannels(header: PngHeader): readonly string[] {
  const names = { 0: "Y", 2: "RGB", 3: "RGB", 4: "YA", 6: "RGBA" }[header.colorType] ?? "";
  return [...names];
}

/**
 * Reads a PNG file, or one in memory, to an HWC tensor of U8 or U16.
 *
 * Grey samples below 8 bits are spread to 0 … 255 and palettes become RGB. The library works in a thread of its
 * own, after checksums and inflated size were found to be right.
 *
 * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when the file cannot be opened.
 * @throws RMTC_FORMAT_INVALID when it is no PNG file, cut off or damaged.
 * @throws RMTC_FORMAT_UNSUPPORTED when it marks one colour as transparent, or interlaces samples below 8 bits.
 * @throws RMTC_LIMIT_EXCEEDED when it has more pixels than `maxPixels`.
 */
export async function readPng(source: string | Uint8Array, options: ReadPngOptions = {}): Promise<Tensor> {
  const bytes = typeof source === "string" ? await readWhole(source, options.signal) : source;
  try {
    return await decodePng(bytes, options);
  } catch (error) {
    if (!(error instanceof RmtcError) || typeof source !== "string") throw error;
    throw new RmtcError(error.code, `${source}: ${error.message}`, { subject: source, cause: error });
  }
}

/**
 * Writes an HWC tensor of U8 or U16 with one to four channels as a PNG file, put in place whole or not at all.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor is no such image.
 * @throws RMTC_NOT_FOUND, RMTC_ACCESS_DENIED or RMTC_STORE_FULL when the file cannot be written.
 */
export async function writePng(
  path: string,
  tensor: Tensor,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { width, height, channels } = imageShape(tensor.shape, tensor.layout);
  const { data } = tensor;
  const is8 = tensor.dtype === "U8" && data instanceof Uint8Array;
  const is16 = tensor.dtype === "U16" && data instanceof Uint16Array;
  if (!(is8 || is16) || channelNames[channels] === undefined || width * height === 0) {
    const message = `PNG holds 1 to 4 channels of U8 or U16, not ${tensor.dtype} of shape [${tensor.shape}].`;
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", message);
  }
  if (tensor.layout?.alpha === "associated") {
    const message = "PNG holds colour that is not multiplied by alpha; this tensor's alpha is associated.";
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", message);
  }
  const result = await perform(
    { pixels: { width, height, channels, data } },
    data.byteLength,
    options.signal,
  );
  if ("png" in result) await replaceFile(path, [result.png], options);
}

async function decodePng(bytes: Uint8Array, options: ReadPngOptions): Promise<Tensor> {
  const header = parsePngHeader(bytes);
  const { width, height } = header;
  if (width * height > (options.maxPixels ?? defaultMaxPixels)) {
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `The PNG file has ${width}x${height} pixels, more than are allowed.`,
    );
  }
  const chunks: PngChunk[] = [];
  const slice = new TimeSlice(options.signal);
  for (const chunk of pngChunks(bytes)) {
    // Beside true colour a palette is only a suggestion, which the library would take for the pixels' own.
    const needed = chunk.type === "PLTE" ? header.colorType === 3 : neededChunks.has(chunk.type);
    if (needed) chunks.push(chunk);
    if (slice.isOver()) await slice.rest();
  }
  if (chunks.some(({ type }) => type === "tRNS") && header.colorType !== 3) {
    throw unsupported("marks one colour as transparent", "oiiotool in.png --ch R,G,B -o out.png");
  }
  if (header.interlaced && header.depth < 8) {
    throw unsupported("interlaces samples of less than 8 bits", "oiiotool in.png -d uint8 -o out.png");
  }
  if (chunks.filter(({ type }) => type === "IHDR").length !== 1) throw damagedPng("it has two headers");
  if (header.colorType === 3 && !chunks.some(({ type }) => type === "PLTE"))
    throw damagedPng("it has no palette");
  const size = inflatedBytes(header);
  await checkInflatedSize(
    chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data),
    size,
  );
  options.signal?.throwIfAborted();
  const png = Buffer.concat([pngSignature, ...chunks.map(({ whole }) => whole)]);
  const result = await perform({ png: new Uint8Array(png) }, size, options.signal);
  if (!("pixels" in result)) throw damagedPng("it has no pixels");
  return toTensor(result.pixels);
}

/** The library inflates whatever it is given: this keeps a small file from becoming a large one. */
async function checkInflatedSize(data: readonly Uint8Array[], size: number): Promise<void> {
  let inflated: Uint8Array;
  try {
    inflated = await inflateInPool(Buffer.concat(data), { maxOutputLength: size + 1 });
  } catch (cause) {
    throw damagedPng("its pixels do not inflate", cause);
  }
  if (inflated.byteLength !== size)
    throw damagedPng(`it has ${inflated.byteLength} bytes of pixels, not ${size}`);
}

async function perform(task: PngTask, size: number, signal: AbortSignal | undefined): Promise<PngResult> {
  if (size > inlineBytes) return await performInWorker(task, signal);
  try {
    return runPngTask(task);
  } catch (cause) {
    throw damagedPng("its pixels cannot be decoded", cause);
  }
}

function performInWorker(task: PngTask, signal: AbortSignal | undefined): Promise<PngResult> {
  const file = import.meta.url.endsWith(".ts") ? "./png-worker.ts" : "./png-worker.js";
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = new Worker(new URL(file, import.meta.url), { workerData: task });
    const abort = (): void => {
      reject(signal?.reason);
      void worker.terminate();
    };
    signal?.addEventListener("abort", abort, { once: true });
    worker.once("message", resolve);
    worker.once("error", (cause) => reject(damagedPng("its pixels cannot be decoded", cause)));
    worker.once("exit", () => {
      signal?.removeEventListener("abort", abort);
      reject(
        new RmtcError("RMTC_PROCESS_FAILED", "The thread that works on PNG files ended early. Try again."),
      );
    });
  });
}

function toTensor({ width, height, channels, data }: PngPixels): Tensor {
  const layout = pngLayout(width, height, channelNames[channels] ?? [], data.BYTES_PER_ELEMENT);
  return tensorOf(layout.dtype, layout.shape, data, layout);
}

async function readWhole(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { handle, fileBytes } = await openRegularFile(path);
  try {
    if (fileBytes > maxFileBytes) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `${path} has ${fileBytes} bytes; PNG files are read up to 4 GiB.`,
      );
    }
    const bytes = new Uint8Array(fileBytes);
    await readFully(handle, bytes, 0, signal);
    return bytes;
  } finally {
    await handle.close();
  }
}

function unsupported(what: string, advice: string): RmtcError {
  return new RmtcError(
    "RMTC_FORMAT_UNSUPPORTED",
    `The PNG file ${what}, which is not read here. Convert it: ${advice}`,
  );
}
