// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** How rows or columns of the input count in an output, as one tile shows it. */
export interface LengthScale {
  readonly output: string;
  /** Rows or columns of the output's tile. */
  readonly outputLength: number;
  /** Rows or columns of the input's tile. */
  readonly tileLength: number;
}

/**
 * Returns the place in the output that belongs to a place in the input.
 *
 * @throws RMTC_GRAPH_UNSUPPORTED when it lies between two rows or columns, so that tiles cannot be joined there.
 */
export function outputPlace({ output, outputLength, tileLength }: LengthScale, inputPlace: number): number {
  const place = (inputPlace * outputLength) / tileLength;
  if (Number.isInteger(place)) return place;
  throw new RmtcError(
    "RMTC_GRAPH_UNSUPPORTED",
    `The size of output "${output}" does not follow the size of the image; run the network without tiles.`,
    { subject: output },
  );
}

/** Returns the length of the output that belongs to a length of the input, rounded up. */
export function outputSize({ outputLength, tileLength }: LengthScale, inputLength: number): number {
  return Math.ceil((inputLength * outputLength) / tileLength);
}
