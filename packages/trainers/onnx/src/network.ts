// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Architecture } from "@rmtc/contract";
import type { OnnxModel } from "@rmtc/onnx";
import type { NamedLayout } from "@rmtc/spec";

/** A trainable tensor of a network. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Label of each axis, as the tensor-layout standard has it. */
  readonly axes: readonly string[];
  /** Starting values are uniform between minus this and this; 0 for a bias. */
  readonly initialBound: number;
}

/** A network that an architecture's options stand for. */
export interface Network {
  /** The architecture with every option filled in. */
  readonly architecture: Architecture;
  /** The forward pass, batch size and image size open, parameters zero. */
  readonly model: OnnxModel;
  /** Parameters in the order of the parameter vector. */
  readonly parameters: readonly ParameterSpec[];
  /** Inputs and outputs; a size of 0 stands for any. */
  readonly inputs: readonly NamedLayout[];
  readonly outputs: readonly NamedLayout[];
  /** Image sizes must be a multiple of this. */
  readonly stride: number;
}
