// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { LossTerm } from "@rmtc/spec";
import { z } from "zod";

/** Exposure is chosen in steps of one 256th of a stop, which binary numbers hold exactly. */
export const exposureStepsPerStop = 256;

/** Options of {@link PairedStrategy}. */
export interface PairedOptions {
  /** Size of every crop in pixels. */
  readonly crop: { readonly width: number; readonly height: number };
  /** Samples in each step. */
  readonly batchSize: number;
  /** Whether half of the samples are mirrored left to right. */
  readonly flipX: boolean;
  /** Whether half of the samples are mirrored top to bottom. */
  readonly flipY: boolean;
  /** Range of the exposure change, in stops; uniform over the multiples of 1/256 stop in it. */
  readonly exposureStops: { readonly min: number; readonly max: number };
  /** What is minimised. */
  readonly losses: readonly LossTerm[];
}

/** What people write: `crop` may be one number for a square, and all but `losses` has a default. */
export interface PairedOptionsInput {
  readonly crop?: number | { readonly width: number; readonly height: number } | undefined;
  readonly batchSize?: number | undefined;
  readonly flipX?: boolean | undefined;
  readonly flipY?: boolean | undefined;
  readonly exposureStops?: { readonly min: number; readonly max: number } | undefined;
  readonly losses: readonly (Omit<LossTerm, "weight"> & { readonly weight?: number | undefined })[];
}

const pixels = z.int().min(1).max(65_536);
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,127}$/, "must be a name");

const loss = z.strictObject({
  name,
  loss: z.enum(["l1", "l2", "bce"]),
  output: name,
  target: name,
  weight: z.number().min(0).default(1),
});

/** The schema of {@link PairedOptions}: checks what people write and fills in defaults. */
export const pairedOptions: z.ZodType<PairedOptions, PairedOptionsInput> = z.strictObject({
  crop: z
    .union([
      pixels.transform((size) => ({ width: size, height: size })),
      z.strictObject({ width: pixels, height: pixels }),
    ])
    .default({ width: 128, height: 128 }),
  batchSize: z.int().min(1).max(4096).default(8),
  flipX: z.boolean().default(true),
  flipY: z.boolean().default(false),
  exposureStops: z
    .strictObject({ min: z.number().min(-16).max(16), max: z.number().min(-16).max(16) })
    .refine(
      ({ min, max }) => Math.ceil(min * exposureStepsPerStop) <= Math.floor(max * exposureStepsPerStop),
      "must hold a multiple of 1/256 stop, from `min` up to `max`",
    )
    .default({ min: 0, max: 0 }),
  losses: z
    .array(loss)
    .min(1)
    .refine(
      (losses) => new Set(losses.map((term) => term.name)).size === losses.length,
      "must differ in name",
    ),
});
