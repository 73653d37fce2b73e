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
  /** Mean over unseen frames of the mean over their mattes of intersection over union at α > 0.5. */
  readonly meanIou: number;
  /** The same for a classifier that sees only each pixel's colour. */
  readonly baselineIou: number;
  /** Unseen frames. */
  readonly frames: number;
  readonly table: string;
}

type Samples = Float16Array | Float32Array | Uint32Array;

/**
 * Compares inferred frames with the rendered mattes. A matte that is empty in a frame counts only if something
 * was inferred there, as 0.
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
  const rows: string[] = ["frame    network            colour alone"];
  const means: { network: number; baseline: number }[] = [];
  for (const name of names) {
    const frame = frameOf(name);
    if (seen.has(frame)) continue;
    const truth = await readFrame(join(plates, name), job.mattes);
    const made = await readFrame(join(renders, name.replace("sh010.", "sh010_roto.")), job.outputChannels);
    const network = truth.mattes.map((matte, index) => iou(matte, made.mattes[index] as Samples));
    const guessed = baseline.classify(truth.color);
    const byColor = truth.mattes.map((matte, index) => iou(matte, guessed[index] as Samples));
    means.push({ network: mean(network), baseline: mean(byColor) });
    rows.push(`${frame}     ${network.map(format).join("  ")}   ${byColor.map(format).join("  ")}`);
  }
  return {
    meanIou: mean(means.map((score) => score.network)),
    baselineIou: mean(means.map((score) => score.baseline)),
    frames: means.length,
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

/** Intersection over union of two mattes at α > 0.5; `undefined` if both are empty. */
function iou(truth: Samples, made: Samples): number | undefined {
  let both = 0;
  let either = 0;
  for (let index = 0; index < truth.length; index += 1) {
    const a = (truth[index] as number) > 0.5;
    const b = (made[index] as number) > 0.5;
    if (a && b) both += 1;
    if (a || b) either += 1;
  }
  return either === 0 ? undefined : both / either;
}

function mean(values: readonly (number | undefined)[]): number {
  const known = values.filter((value) => value !== undefined);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

function frameOf(name: string): number {
  return Number(name.split(".")[1]);
}

function format(value: number | undefined): string {
  return value === undefined ? "  –   " : value.toFixed(4);
}
