// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

type Samples = Float16Array | Float32Array | Uint32Array;

/** Bins per channel. */
const bins = 48;

/** Shares from which on a colour counts as the matte's. */
const thresholds = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6];

/**
 * Tells mattes from each pixel's colour alone: a histogram over log-encoded red, green and blue of how often a
 * colour lies in the matte, and for each matte the threshold that serves its key frames best. It is the baseline
 * for a network that sees shape.
 */
export class ColorClassifier {
  readonly #inside: Float64Array[];
  readonly #count: Float64Array = new Float64Array(bins ** 3);
  #thresholds: readonly number[];

  constructor(mattes: number) {
    this.#inside = Array.from({ length: mattes }, () => new Float64Array(bins ** 3));
    this.#thresholds = this.#inside.map(() => 0.5);
  }

  /** Learns from one frame. */
  add(color: readonly Samples[], mattes: readonly Samples[]): void {
    const pixels = color[0]?.length ?? 0;
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const bin = binOf(color, pixel);
      this.#count[bin] = (this.#count[bin] ?? 0) + 1;
      for (const [index, matte] of mattes.entries()) {
        const inside = this.#inside[index] as Float64Array;
        if ((matte[pixel] as number) > 0.5) inside[bin] = (inside[bin] ?? 0) + 1;
      }
    }
  }

  /** Takes the thresholds with the best intersection over union on the frames that were learned from. */
  tune(): void {
    this.#thresholds = this.#inside.map((inside) => {
      const scoreOf = (threshold: number): number => {
        let [both, either] = [0, 0];
        for (const [bin, count] of this.#count.entries()) {
          const own = inside[bin] as number;
          const chosen = count > 0 && own > threshold * count;
          both += chosen ? own : 0;
          either += chosen ? count : own;
        }
        return both / either;
      };
      return thresholds.reduce((best, one) => (scoreOf(one) > scoreOf(best) ? one : best));
    });
  }

  /** For each matte, 1 where a pixel's colour lay in it often enough, else 0. */
  classify(color: readonly Samples[]): Float32Array[] {
    const pixels = color[0]?.length ?? 0;
    return this.#inside.map((inside, index) => {
      const threshold = this.#thresholds[index] as number;
      const matte = new Float32Array(pixels);
      for (let pixel = 0; pixel < pixels; pixel += 1) {
        const bin = binOf(color, pixel);
        matte[pixel] = (inside[bin] as number) > threshold * (this.#count[bin] as number) ? 1 : 0;
      }
      return matte;
    });
  }
}

function binOf(color: readonly Samples[], pixel: number): number {
  let bin = 0;
  for (const channel of color) bin = bin * bins + binOfValue(channel[pixel] as number);
  return bin;
}

/** From 2^-8 to 2^3 in even steps of the logarithm. */
function binOfValue(value: number): number {
  const place = (Math.log2(Math.max(value, 2 ** -8)) + 8) / 11;
  return Math.min(bins - 1, Math.max(0, Math.floor(place * bins)));
}
