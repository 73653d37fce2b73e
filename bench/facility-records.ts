// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord, type RecordContent, recordDigest, sha256 } from "@rmtc/attest";
import type { RmtcRecord } from "@rmtc/spec";

type Link = RmtcRecord["links"][number];

/** Records of one show: frames of shots, mattes made of them, and the trainings in between. */
const recordsPerShow = 25_000;
const framesPerShot = 120;
const heroes = ["Ada Lovelace", "Zoë Quill", "Grace Hopper", "Mary Shelley", "Alan Kay"];

/**
 * Makes the records of a facility, show after show: about 2.5 links each, links to what came shortly before and
 * to a few licences and performers that everything links to. Names, tags and times go with the shows, as they do.
 */
export function* facilityRecords(count: number): Generator<RmtcRecord> {
  let made = 0;
  let clock = Date.UTC(2024, 0, 1);
  const make = (content: RecordContent): RmtcRecord => {
    made += 1;
    clock += 40_000;
    return makeRecord({ ...content, createdAt: new Date(clock).toISOString() });
  };
  for (let show = 1; made < count; show++) {
    const code = `s${String(show).padStart(3, "0")}`;
    const license = make({ kind: "license", name: `${code} plates`, body: { spdx: "LicenseRef-Facility" } });
    const person = make({ kind: "party", name: `TD of ${code}`, body: { partyType: "person" } });
    const subjects = heroes.map((name) => make({ kind: "subject", name: `${name} in ${code}` }));
    yield* [license, person, ...subjects];
    const end = Math.min(count, made + recordsPerShow);
    for (let shot = 10; made < end; shot += 10)
      yield* shotRecords({ make, code, license, person, subjects }, shot);
  }
}

interface Show {
  readonly make: (content: RecordContent) => RmtcRecord;
  readonly code: string;
  readonly license: RmtcRecord;
  readonly person: RmtcRecord;
  readonly subjects: readonly RmtcRecord[];
}

function* shotRecords(show: Show, shot: number): Generator<RmtcRecord> {
  const { make, code, license, person, subjects } = show;
  const name = `${code}_${String(Math.floor(shot / 100)).padStart(2, "0")}_${String(shot).padStart(4, "0")}`;
  const [lead, other] = [subjects[shot % subjects.length], subjects[(shot / 10 + 1) % subjects.length]];
  const [grants, owner] = [linkTo(license, "licensedUnder"), linkTo(person, "attributedTo")];
  const plates: RmtcRecord[] = [];
  for (let frame = 1001; frame < 1001 + framesPerShot; frame++) {
    const depicts = [lead, ...(frame % 3 === 0 ? [other] : [])].flatMap((one) =>
      one ? linkTo(one, "depicts") : [],
    );
    const plate = make({
      kind: "asset",
      name: `${name} plate ${frame}`,
      tags: [code, "plate", ...(frame % 50 === 0 ? ["key"] : [])],
      files: [fileOf(`${name}.${frame}.exr`, "image/x-exr")],
      links: [...depicts, grants],
      body: { sequenceName: name, frameNumber: frame, origin: "captured" },
    });
    plates.push(plate);
    yield plate;
  }
  const dataset = make({
    kind: "dataset",
    name: `${name} keys`,
    version: "1",
    links: [...plates.slice(0, 5).map((plate) => linkTo(plate, "hasMember")), grants],
    body: { itemCount: 5 },
  });
  const run = make({ kind: "run", links: [linkTo(dataset, "trainedOn"), owner], body: { seed: shot } });
  yield* [dataset, run];
  let weights = run;
  for (let step = 1_000; step <= 5_000; step += 1_000) {
    weights = make({
      kind: step === 5_000 ? "weights" : "checkpoint",
      name: `${name} roto`,
      version: `1.${step / 1_000}`,
      files: [fileOf("weights.safetensors", "application/vnd.safetensors")],
      links: [linkTo(run, "generatedBy"), grants],
      body: { step, format: "safetensors" },
    });
    yield weights;
  }
  const inference = make({ kind: "inference", links: [linkTo(weights, "used"), owner], body: {} });
  yield* [inference, make({ kind: "seal", links: [linkTo(run, "about")], body: { state: "succeeded" } })];
  for (const [index, plate] of plates.entries()) {
    yield make({
      kind: "asset",
      name: `${name} matte ${1001 + index}`,
      tags: [code, "matte"],
      files: [fileOf(`${name}_matte.${1001 + index}.exr`, "image/x-exr")],
      links: [linkTo(inference, "generatedBy"), linkTo(plate, "derivedFrom"), grants],
      body: { sequenceName: name, frameNumber: 1001 + index },
    });
  }
}

const digests = new WeakMap<RmtcRecord, string>();

function linkTo(target: RmtcRecord, rel: string): Link {
  let digest = digests.get(target);
  if (digest === undefined) {
    digest = recordDigest(target);
    digests.set(target, digest);
  }
  return { rel, to: target.id, digest };
}

let files = 0;

function fileOf(path: string, mediaType: string): NonNullable<RmtcRecord["files"]>[number] {
  files += 1;
  return { path, mediaType, sizeBytes: 960_000 + files, digest: sha256(String(files)) };
}
