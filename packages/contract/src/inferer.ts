// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype, NamedLayout } from "@rmtc/spec";
import type { CallOptions } from "./call-options.ts";
import type { PlatformTarget } from "./platform-target.ts";

/** What an inferer can do beyond the contract. */
export interface InfererCapabilities {
  /** Media types of weights it opens. */
  readonly mediaTypes: readonly string[];
  /** The year of the AI platform that it targets, if it targets one. */
  readonly platform?: PlatformTarget | undefined;
}

/** What opened weights can do. */
export interface InferableCapabilities {
  /** Whether images larger than memory allows are run in tiles. */
  readonly tiles: boolean;
  /** How many calls run at once; more wait. */
  readonly concurrency: number;
}

/** A tensor in memory: `data` holds the elements in row-major order, little-endian. */
export interface TensorValue {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Tiles a network is run in, over the axes `h` and `w`. */
export interface TileOptions {
  /** Rows and columns of a tile, overlap included; a multiple of the network's stride. */
  readonly size: number;
  /** Rows and columns that neighbours share, at least the network's receptive field for exact results. */
  readonly overlap: number;
}

export interface InferRequest {
  /** Inputs by name. */
  readonly inputs: Readonly<Record<string, TensorValue>>;
  /** Only these outputs; all unless given. */
  readonly outputs?: readonly string[] | undefined;
  /** The whole image at once unless given. */
  readonly tiles?: TileOptions | undefined;
}

export interface InferResult {
  readonly outputs: Readonly<Record<string, TensorValue>>;
}

/** Opened weights: named tensors in, named tensors out. A DCC plug-in is one too, over the link protocol. */
export interface Inferable extends AsyncDisposable {
  readonly capabilities: InferableCapabilities;
  readonly inputs: readonly NamedLayout[];
  readonly outputs: readonly NamedLayout[];

  /**
   * Runs the network once. Sizes that are no multiple of the network's stride are padded and cropped again.
   *
   * @throws RMTC_LAYOUT_MISMATCH when an input is missing, or has another dtype or shape than `inputs` says.
   * @throws RMTC_PROCESS_FAILED when the process that runs it died; the next call starts another.
   */
  run(request: InferRequest, options?: CallOptions): Promise<InferResult>;
}

export interface OpenWeightsRequest {
  /** Absolute path of the weights. */
  readonly path: string;
  readonly mediaType: string;
}

/**
 * Opens weights.
 *
 * @see spec/draft/inferer.md
 */
export interface Inferer extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: InfererCapabilities;

  /**
   * @throws RMTC_FORMAT_INVALID when the file is damaged; RMTC_FORMAT_UNSUPPORTED for another media type.
   */
  open(request: OpenWeightsRequest, options?: CallOptions): Promise<Inferable>;
}
