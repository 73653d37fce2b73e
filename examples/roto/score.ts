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
  /** Mean over unseen frames of intersection over union at α > 0.5. */
  readonly meanIou: number;
  /** The same for a classifier that sees only each pixel's colour. */
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
  const rows: string[] = ["frame    network  colour alone"];
  const scores: { readonly network: number; readonly baseline: number }[] = [];
  for (const name of names) {
    const frame = frameOf(name);
    if (seen.has(frame)) continue;
    const truth = await readFrame(join(plates, name), job.mattes);
    const made = await readFrame(join(renders, name.replace("sh010.", "sh010_roto.")), job.outputChannels);
    const network = intersectionOverUnion(truth.mattes, made.mattes);
    const byColor = intersectionOverUnion(truth.mattes, baseline.classify(truth.color));
    scores.push({ network, baseline: byColor });
    rows.push(`${frame}     ${network.toFixed(4)}   ${byColor.toFixed(4)}`);
  }
  return {
    meanIou: mean(scores.map((score) => score.network)),
    baselineIou: mean(scores.map((score) => score.baseline)),
    frames: scores.length,
    table: rows.join("\n"),
  };
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

/** Intersection over union at α > 0.5, over the pixels of all mattes of a frame. */
function intersectionOverUnion(truth: readonly Samples[], made: readonly Samples[]): number {
  let both = 0;
  let either = 0;
  for (const [matte, samples] of truth.entries()) {
    const other = made[matte] as Samples;
    for (let index = 0; index < samples.length; index += 1) {
      const a = (samples[index] as number) > 0.5;
      const b = (other[index] as number) > 0.5;
      if (a && b) both += 1;
      if (a || b) either += 1;
    }
  }
  return both / either;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function frameOf(name: string): number {
  return Number(name.split(".")[1]);
}
