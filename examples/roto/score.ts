// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readExr } from "@rmtc/image";
import { ColorClassifier } from "./color-classifier.ts";
import { job } from "./job.ts";

/** What the mattes are worth on the frames that training did not see. */
export interface ShotScore {
  /** Mean over unseen frames of intersection over union at α > 0.5, over the pixels of all mattes of a frame. */
  readonly meanIou: number;
  /** For each matte, the mean over the unseen frames that it is not empty in. */
  readonly matteIou: readonly number[];
  /** Pixels, over all unseen frames, that were inferred of a matte that is empty. */
  readonly pixelsOfAbsent: number;
  /** `meanIou` of a classifier that sees only each pixel's colour. */
  readonly baselineIou: number;
  /** Unseen frames. */
  readonly frames: number;
  readonly table: string;
}

type Samples = Float16Array | Float32Array | Uint32Array;

/**
 * Compares inferred frames with the rendered mattes, pixel by pixel over both mattes: what is inferred of a hero
 * who is not in the frame counts against the score.
 */
export async function scoreShot(renders: string): Promise<ShotScore> {
  const plates = fileURLToPath(new URL("shot/plates", import.meta.url));
  const baseline = new ColorClassifier(job.mattes.length);
  const seen = new Set([...job.trainFrames, ...job.validationFrames]);
  const names = (await readdir(plates)).filter((name) => name.endsWith(".exr")).sort();
  for (const name of names) {
    if (!job.trainFrames.includes(frameOf(name))) continue;
    const { color, mattes } = await readFrame(join(plates, name), job.mattes);
    baseline.add(color, mattes);
  }
  baseline.tune();
  const rows: string[] = [
    ["frame", "network", ...job.mattes, "colour alone"].map((cell) => cell.padEnd(10)).join(""),
  ];
  const scores: FrameScore[] = [];
  for (const name of names) {
    const frame = frameOf(name);
    if (seen.has(frame)) continue;
    const truth = await readFrame(join(plates, name), job.mattes);
    const made = await readFrame(join(renders, name.replace("sh010.", "sh010_roto.")), job.outputChannels);
    const network = overlapOf(truth.mattes, made.mattes);
    const score = {
      network: iouOf(network),
      mattes: network.map((overlap) => (overlap.truth === 0 ? undefined : iouOf([overlap]))),
      pixelsOfAbsent: network.reduce((sum, { truth: own, either }) => sum + (own === 0 ? either : 0), 0),
      baseline: iouOf(overlapOf(truth.mattes, baseline.classify(truth.color))),
    };
    scores.push(score);
    const cells = [score.network, ...score.mattes, score.baseline].map((iou) => iou?.toFixed(4) ?? "absent");
    rows.push([String(frame), ...cells].map((cell) => cell.padEnd(10)).join(""));
  }
  return {
    meanIou: mean(scores.map(({ network }) => network)),
    matteIou: job.mattes.map((_, matte) => mean(scores.flatMap(({ mattes }) => mattes[matte] ?? []))),
    pixelsOfAbsent: scores.reduce((sum, score) => sum + score.pixelsOfAbsent, 0),
    baselineIou: mean(scores.map((score) => score.baseline)),
    frames: scores.length,
    table: rows.map((row) => row.trimEnd()).join("\n"),
  };
}

interface FrameScore {
  readonly network: number;
  /** `undefined` for a matte that is empty. */
  readonly mattes: readonly (number | undefined)[];
  readonly pixelsOfAbsent: number;
  readonly baseline: number;
}

interface FrameSamples {
  readonly color: readonly Samples[];
  readonly mattes: readonly Samples[];
}

async function readFrame(path: string, mattes: readonly string[]): Promise<FrameSamples> {
  const { parts } = await readExr(path, { channels: ["R", "G", "B", ...mattes] });
  const channel = (name: string): Samples => {
    const found = parts.find((part) => part.channels.has(name))?.channels.get(name);
    if (found === undefined) throw new Error(`${path} has no channel ${name}.`);
    return found.data;
  };
  return { color: ["R", "G", "B"].map(channel), mattes: mattes.map(channel) };
}

/** Pixels of one matte at α > 0.5: in both, in either, and in the rendered one. */
interface Overlap {
  readonly both: number;
  readonly either: number;
  readonly truth: number;
}

function overlapOf(truth: readonly Samples[], made: readonly Samples[]): readonly Overlap[] {
  return truth.map((samples, matte) => {
    const other = made[matte] as Samples;
    let [both, either, own] = [0, 0, 0];
    for (let index = 0; index < samples.length; index += 1) {
      const a = (samples[index] as number) > 0.5;
      const b = (other[index] as number) > 0.5;
      if (a) own += 1;
      if (a && b) both += 1;
      if (a || b) either += 1;
    }
    return { both, either, truth: own };
  });
}

/** Intersection over union, over the pixels of several mattes. */
function iouOf(overlaps: readonly Overlap[]): number {
  const sum = (of: (overlap: Overlap) => number): number =>
    overlaps.reduce((total, one) => total + of(one), 0);
  return sum(({ both }) => both) / sum(({ either }) => either);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function frameOf(name: string): number {
  return Number(name.split(".")[1]);
}
