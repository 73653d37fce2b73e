// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { floatValue, GraphBuilder, type GraphValue, tensorFromNumbers } from "@rmtc/onnx";
import type { NamedLayout } from "@rmtc/spec";
import { z } from "zod";
import { applyInputTransform, type InputTransform, inputTransforms } from "./input-transform.ts";
import type { Network, ParameterSpec } from "./network.ts";

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,127}$/, "must be a name");
const channels = z.array(z.string().min(1).max(255)).min(1).max(64);
const activations = { relu: "Relu", leakyRelu: "LeakyRelu" } as const;

/** Largest network that is built: 64 MiB of parameters, and some hundreds while it learns. */
const MAX_PARAMETERS = 2 ** 24;

/** Options of {@link buildUnet}. */
export interface UnetOptions {
  /** Names of the input's channels, in order. Default R, G, B. */
  readonly inputChannels: readonly string[];
  /** What becomes of linear light before the first convolution. Default `none`. */
  readonly inputTransform: InputTransform;
  /** Channels of each level, the finest first; each further level halves the image. Default 16, 32, 64. */
  readonly widths: readonly number[];
  /** 3x3 convolutions on the way down, per level; the first of a coarser level has stride 2. Default 2. */
  readonly encoderConvolutions: number;
  /** 3x3 convolutions on the way up, per level, after the coarser image and the level's own are joined. Default 1. */
  readonly decoderConvolutions: number;
  /** What follows each 3x3 convolution. Default `relu`. */
  readonly activation: "relu" | "leakyRelu";
  /** Slope of `leakyRelu` below zero. Default 0.01. */
  readonly leakySlope: number;
  /** Name of the output. Default `matte`. */
  readonly output: string;
  /** Names of the output's channels, in order. Default A. */
  readonly outputChannels: readonly string[];
  /** `sigmoid` for values from 0 to 1, `none` for any. Default `sigmoid`. */
  readonly outputActivation: "sigmoid" | "none";
}

/** The schema of {@link UnetOptions}: checks what people write and fills in defaults. */
export const unetOptions: z.ZodType<UnetOptions> = z.strictObject({
  inputChannels: channels.default(["R", "G", "B"]),
  inputTransform: z.enum(inputTransforms).default("none"),
  widths: z.array(z.int().min(1).max(2048)).min(1).max(8).default([16, 32, 64]),
  encoderConvolutions: z.int().min(1).max(8).default(2),
  decoderConvolutions: z.int().min(1).max(8).default(1),
  activation: z.enum(["relu", "leakyRelu"]).default("relu"),
  leakySlope: z.number().min(0).max(1).default(0.01),
  output: name.default("matte"),
  outputChannels: channels.default(["A"]),
  outputActivation: z.enum(["sigmoid", "none"]).default("sigmoid"),
});

/**
 * Builds a convolutional image-to-image network: a way down of strided convolutions, a way up of nearest
 * upsampling, and skips that join the two at each level.
 *
 * Input `input` is `[n, c, h, w]` with h and w multiples of 2^(levels - 1).
 *
 * @see Ronneberger et al., U-Net, https://arxiv.org/abs/1505.04597, with strided convolutions for pooling.
 */
export function buildUnet(options: UnetOptions): Network {
  const { widths } = options;
  const build = new UnetBuilder(options);
  const input = build.graph.input("input", "F32", ["n", options.inputChannels.length, "h", "w"]);
  let value = applyInputTransform(build.graph, options.inputTransform, input);
  const skips: GraphValue[] = [];
  for (const [level, width] of widths.entries()) {
    for (let index = 0; index < options.encoderConvolutions; index++) {
      value = build.convolve(`encoder.${level}.${index}`, value, width, level > 0 && index === 0 ? 2 : 1);
    }
    skips.push(value);
  }
  for (let level = widths.length - 2; level >= 0; level--) {
    value = build.join(value, skips[level] as GraphValue);
    for (let index = 0; index < options.decoderConvolutions; index++) {
      value = build.convolve(`decoder.${level}.${index}`, value, widths[level] ?? 1, 1);
    }
  }
  const stride = 2 ** (widths.length - 1);
  return build.finish(build.head(value), stride);
}

/** Adds the layers of a `unet` and keeps its parameters. */
class UnetBuilder {
  readonly graph: GraphBuilder = new GraphBuilder();
  readonly #options: UnetOptions;
  readonly #parameters: ParameterSpec[] = [];
  #parameterCount = 0;

  constructor(options: UnetOptions) {
    this.#options = options;
  }

  /** A 3x3 convolution with bias and activation. He initialisation: variance 2 / fan-in. */
  convolve(name: string, value: GraphValue, width: number, stride: 1 | 2): GraphValue {
    const { activation, leakySlope } = this.#options;
    const logits = this.#convolution(name, value, width, 3, stride, 2);
    const attributes = activation === "leakyRelu" ? { alpha: floatValue(leakySlope) } : {};
    return this.graph.add(activations[activation], [logits], attributes, { name: `${name}.${activation}` });
  }

  /** Doubles an image by repeating pixels, and joins a finer one to it. */
  join(coarse: GraphValue, fine: GraphValue): GraphValue {
    const scales = this.graph.constant("F32", [1, 1, 2, 2], [4]);
    const doubled = this.graph.add("Resize", [coarse, undefined, scales], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
    return this.graph.add("Concat", [doubled, fine], { axis: 1 });
  }

  /** The last 1x1 convolution. Variance 1 / fan-in, as no activation halves it. */
  head(value: GraphValue): GraphValue {
    const { outputActivation, outputChannels } = this.#options;
    const logits = this.#convolution("head", value, outputChannels.length, 1, 1, 1);
    return outputActivation === "sigmoid"
      ? this.graph.add("Sigmoid", [logits], {}, { name: "head.sigmoid" })
      : logits;
  }

  finish(output: GraphValue, stride: number): Network {
    const { inputChannels, outputChannels, outputActivation } = this.#options;
    this.graph.output(output, this.#options.output);
    const range = outputActivation === "sigmoid" ? { valueRange: { min: 0, max: 1 } } : {};
    return {
      architecture: { name: "unet", options: { ...this.#options } },
      model: this.graph.finish(),
      parameters: this.#parameters,
      inputs: [imageLayout("input", inputChannels)],
      outputs: [imageLayout(this.#options.output, outputChannels, range)],
      stride,
    };
  }

  #convolution(
    name: string,
    value: GraphValue,
    width: number,
    kernel: 1 | 3,
    stride: 1 | 2,
    gain: number,
  ): GraphValue {
    const [, depth] = value.shape as readonly [unknown, number];
    const fanIn = depth * kernel * kernel;
    // A uniform distribution of variance v reaches to sqrt(3 v); no logarithm or cosine, so the same bits anywhere.
    const bound = Math.sqrt((3 * gain) / fanIn);
    const weight = this.#parameter(
      `${name}.weight`,
      [width, depth, kernel, kernel],
      ["o", "i", "h", "w"],
      bound,
    );
    const bias = this.#parameter(`${name}.bias`, [width], ["o"], 0);
    const pad = (kernel - 1) / 2;
    return this.graph.add(
      "Conv",
      [value, weight, bias],
      { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] },
      { name },
    );
  }

  #parameter(
    name: string,
    shape: readonly number[],
    axes: readonly string[],
    initialBound: number,
  ): GraphValue {
    this.#parameters.push({ name, shape, axes, initialBound });
    const count = shape.reduce((product, size) => product * size, 1);
    this.#parameterCount += count;
    if (this.#parameterCount > MAX_PARAMETERS) {
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `The network would have more than ${MAX_PARAMETERS} parameters; choose smaller widths or fewer convolutions.`,
        { pointer: "/architecture/options/widths" },
      );
    }
    return this.graph.initializer(tensorFromNumbers(name, "F32", new Float32Array(count), shape));
  }
}

function imageLayout(name: string, channelNames: readonly string[], more: object = {}): NamedLayout {
  return {
    name,
    layout: {
      dtype: "F32",
      shape: [0, channelNames.length, 0, 0],
      axes: ["n", "c", "h", "w"],
      channels: [...channelNames],
      origin: "topLeft",
      ...more,
    },
  };
}
