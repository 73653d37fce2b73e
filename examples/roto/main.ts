// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { job } from "./job.ts";
import { rmtcJson, runRmtc } from "./run-rmtc.ts";
import { scoreShot } from "./score.ts";

/**
 * The main job, as an artist would do it with CopyCat: mark a few frames of a shot, let a network do the rest,
 * and know afterwards what every frame was made from. Every step but the score is an `rmtc` command.
 */
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const started = performance.now();
const folder = join(import.meta.dirname, "work");
const plates = join(import.meta.dirname, "shot", "plates", "sh010.####.exr");
const renders = join(folder, "renders");

const heading = (text: string): void => {
  if (!values.json) console.log(`\n${styleText("bold", text)}`);
};
const rmtc = (...args: string[]): void => runRmtc(args, { folder, silent: values.json });

await rm(folder, { recursive: true, force: true });

heading("1. A workspace, and the terms the shot is under");
runRmtc(["init", folder, "--person", "Robin Roto"], { silent: values.json });
rmtc("publish", "license", "shot-terms", "--grants", "train,infer", "--requires", "attribution");
rmtc("publish", "subject", "hero-a");
rmtc("publish", "subject", "hero-b");
rmtc("publish", "solution", "hero-roto", "--problem", "Mattes of both heroes for the whole shot");

heading("2. Ingest the plates");
rmtc(
  ...["ingest", plates, "--license", "shot-terms", "--origin", "handmade", "--solution", "hero-roto"],
  ...["--subject", "hero-a", "--subject", `hero-b:${job.heroBFrames}`],
  ...["--coverage", "complete", "--coverage-method", "scene file"],
);

heading("3. Five key frames with mattes become a dataset, one of them for validation");
rmtc(
  ...["publish", "dataset", "hero-mattes", "--sequence", "sh010", "--solution", "hero-roto"],
  ...["--frames", job.trainFrames.join(","), "--validation", job.validationFrames.join(",")],
  ...["--input", "plate:R,G,B", "--target", `matte:${job.mattes.join(",")}`],
);

heading("4. Train a small network");
rmtc(
  ...["publish", "model", "roto-net", "--architecture", job.architecture.name, "--license", "shot-terms"],
  ...["--origin", "handmade", "--solution", "hero-roto"],
  ...assignments("--set", job.architecture.options),
);
rmtc(
  ...["train", "hero-roto", "--model", "roto-net", "--dataset", "hero-mattes"],
  ...["--steps", String(job.steps), "--seed", String(job.seed), "--weights-version", "1"],
  ...assignments("--set", job.hyperparameters),
  ...assignments("--strategy", job.strategy),
);

heading("5. Infer every frame, in tiles");
rmtc(
  ...["infer", "hero-roto:1", "--plates", "sh010", "--sequence", "sh010_roto", "--to", renders],
  ...["--output-channels", job.outputChannels.join(",")],
  ...["--tile", String(job.tile.size), "--overlap", String(job.tile.overlap)],
);

heading("6. How good are the mattes?");
const score = await scoreShot(renders);
if (!values.json) console.log(score.table);

heading("7. Where does one frame come from, and is hero B in it?");
const frame = `sh010_roto.${job.shownFrame}.exr`;
rmtc("trace", frame);
rmtc("trace", frame, "--has", "hero-b");

heading("8. Verify it");
rmtc("verify", frame);
const report = rmtcJson(["verify", frame], folder) as {
  recordsVerified: number;
  filesVerified: number;
  problems: unknown[];
  complete: boolean;
};

const seconds = (performance.now() - started) / 1000;
const summary = {
  meanIou: score.meanIou,
  matteIou: score.matteIou,
  pixelsOfAbsent: score.pixelsOfAbsent,
  baselineIou: score.baselineIou,
  frames: score.frames,
  recordsVerified: report.recordsVerified,
  filesVerified: report.filesVerified,
  complete: report.complete && report.problems.length === 0,
  seconds: Math.round(seconds * 10) / 10,
};
if (values.json) console.log(JSON.stringify(summary));
else {
  heading(`Done in ${summary.seconds} s`);
  console.log(
    `mean IoU ${score.meanIou.toFixed(4)} on ${score.frames} unseen frames; by colour alone ${score.baselineIou.toFixed(4)}`,
  );
  console.log(
    `each matte where its hero is: ${score.matteIou.map((iou) => iou.toFixed(4)).join(" and ")}; ${score.pixelsOfAbsent} pixels of a hero who is not there`,
  );
  console.log(`The mattes are in ${renders}. Look around: npm run rmtc -- find --workspace ${folder}`);
}
if (score.meanIou < 0.95 || score.baselineIou >= 0.7 || !summary.complete) process.exitCode = 1;

function assignments(option: string, values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [option, `${name}=${JSON.stringify(value)}`]);
}
