// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { newRecordId, readSegment, SegmentBuilder } from "@rmtc/attest";
import { type DatasetItem, validateDocument } from "@rmtc/spec";
import { type Measurement, median } from "./measurement.ts";

const itemCount = 10_000;
const repetitions = 15;
const chunkBytes = 64 * 1024;

/**
 * Validation of a dataset segment of 10,000 items with two files each, against `JSON.parse` of its lines: by the
 * schema alone, and as a reader does it, which also checks that each line is canonical and hashes it into the root.
 */
export async function measure(): Promise<readonly Measurement[]> {
  const segment = new SegmentBuilder();
  const lines = Array.from({ length: itemCount }, (_, index) => segment.addItem(itemOf(index)));
  const reference = segment.finish();
  const bytes = Buffer.from(lines.join(""));
  const schema: number[] = [];
  const whole: number[] = [];
  const parses: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    let start = performance.now();
    const parsed = lines.map((line) => JSON.parse(line) as unknown);
    parses.push(performance.now() - start);
    start = performance.now();
    const valid = parsed.filter((line) => validateDocument("segmentLine", line) === undefined);
    schema.push(performance.now() - start);
    start = performance.now();
    let count = 0;
    for await (const batch of readSegment(chunksOf(bytes), reference)) count += batch.length;
    whole.push(performance.now() - start);
    if (valid.length !== itemCount || count !== itemCount) throw new Error("The segment is not valid.");
  }
  return [
    againstParsing("check 10,000 items of a segment by the schema", schema, parses),
    againstParsing("read 10,000 items of a segment, digests and root too", whole, parses),
  ];
}

function againstParsing(name: string, ours: readonly number[], parses: readonly number[]): Measurement {
  return {
    bench: "segment",
    case: name,
    unit: "ms",
    ours: median(ours),
    peer: median(parses),
    peerName: "JSON.parse of its lines",
    ratio: median(ours.map((value, index) => value / (parses[index] ?? Number.NaN))),
    better: "lower",
  };
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes);
  }
}

function itemOf(index: number): DatasetItem {
  const frame = String(1001 + index);
  const file = (slot: string): DatasetItem["slots"][string] => ({
    record: newRecordId(),
    digest: `sha256:${createHash("sha256").update(`${slot}.${frame}`).digest("hex")}`,
    path: `${slot}/sh010.${frame}.exr`,
    mediaType: "image/x-exr",
  });
  return {
    key: `sh010.${frame}`,
    split: index % 10 === 0 ? "validation" : "train",
    slots: { plate: file("plate"), matte: file("matte") },
    subjects: [{ subject: newRecordId(), kinds: ["face"] }],
    licenses: [newRecordId()],
    consents: [newRecordId()],
  };
}
