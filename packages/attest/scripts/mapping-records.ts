// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { writeFile } from "node:fs/promises";
import type { Link, PartName, RelationName, RmtcRecord } from "@rmtc/spec";
import { recordDigest, sha256 } from "../src/index.ts";
import type { RecordContent } from "../src/make-record.ts";
import { partNames } from "../src/part-hash.ts";
import { fixedId, fixedSalt } from "./vectors/vector-file.ts";

const target = new URL("../../../spec/mappings/records.json", import.meta.url);
const made = new Map<string, RmtcRecord>();

/** Makes the record of one handle; salts, id and time are fixed, as only an example's may be. */
function put(handle: string, content: RecordContent): void {
  const number = 4096 + made.size;
  const record: RmtcRecord = {
    specVersion: "0.1",
    id: fixedId(number),
    kind: content.kind,
    createdAt: `2026-08-17T09:${String(made.size).padStart(2, "0")}:00.000Z`,
    links: content.links ?? [],
  };
  const salts: Partial<Record<PartName, string>> = {};
  for (const [index, name] of partNames.entries()) {
    if (content[name] === undefined) continue;
    Object.assign(record, { [name]: content[name] });
    salts[name] = fixedSalt((made.size * 7 + index) % 256);
  }
  made.set(handle, { ...record, salts });
}

function link(rel: RelationName, handle: string): Link {
  const record = made.get(handle);
  if (record === undefined) throw new Error(`${handle} is not made yet.`);
  return { rel, to: record.id, digest: recordDigest(record) };
}

function file(path: string, mediaType: string): NonNullable<RmtcRecord["files"]>[number] {
  const bytes = Buffer.from(`example bytes of ${path}\n`);
  return { path, mediaType, sizeBytes: bytes.length, digest: sha256(bytes) };
}

/** Makes the production that every mapping's example shows: a plate, a training, a matte and its delivery. */
export function mappingRecords(): string {
  made.clear();
  put("facility", { kind: "party", name: "Acme VFX", body: { partyType: "facility" } });
  put("artist", { kind: "party", name: "Ada Byron", body: { partyType: "person" } });
  put("client", { kind: "party", name: "Vendor B", body: { partyType: "facility" } });
  put("license", {
    kind: "license",
    name: "show-terms",
    body: {
      spdx: "LicenseRef-acme-show-terms",
      grants: ["train", "infer", "deliver"],
      uri: "https://acme.example/terms",
      finish: "2027-08-17T00:00:00.000Z",
    },
  });
  put("performer", { kind: "subject", name: "hero-b", body: {} });
  put("consent", {
    kind: "consent",
    name: "hero-b-consent",
    links: [link("about", "performer")],
    body: { authority: "performer", permittedUses: ["train", "infer"], projects: ["show"] },
  });
  put("solution", {
    kind: "solution",
    name: "roto",
    body: { problem: "a matte of the hero in every plate" },
  });
  put("model", {
    kind: "model",
    name: "unet-small",
    links: [link("licensedUnder", "license")],
    body: { architecture: { name: "unet", options: { width: 16 } }, origin: "handmade" },
  });
  put("environment", {
    kind: "environment",
    name: "farm",
    body: {
      os: { name: "linux", version: "6.1", architecture: "x64" },
      software: [{ name: "onnxruntime-node", version: "1.30.0", purl: "pkg:npm/onnxruntime-node@1.30.0" }],
    },
  });
  put("plate", {
    kind: "asset",
    name: "sh010.1001.exr",
    version: "1.0.0",
    tags: ["plate"],
    links: [link("licensedUnder", "license"), link("consentedBy", "consent"), link("depicts", "performer")],
    files: [file("sh010.1001.exr", "image/x-exr")],
    body: {
      origin: "captured",
      sequenceName: "sh010",
      frameNumber: 1001,
      framesPerSecond: 24,
      depicts: [{ link: 2, kinds: ["face"] }],
      subjectCoverage: { face: { state: "complete", method: "call sheet" } },
    },
  });
  put("dataset", {
    kind: "dataset",
    name: "hero-mattes",
    version: "2.0.0",
    links: [
      link("hasMember", "plate"),
      link("licensedUnder", "license"),
      link("consentedBy", "consent"),
      link("depicts", "performer"),
    ],
    files: [file("items-0.jsonl", "application/vnd.rmtc.segment+jsonl")],
    body: {
      segments: [{ digest: sha256("segment"), count: 1, root: sha256("root") }],
      itemsRoot: sha256("items"),
      itemCount: 1,
      origin: "handmade",
      subjectCoverage: { face: { state: "complete", method: "call sheet" } },
    },
  });
  put("run", {
    kind: "run",
    name: "roto-training",
    links: [
      link("trainedOn", "dataset"),
      link("used", "model"),
      link("environment", "environment"),
      link("attributedTo", "artist"),
      link("createdFor", "solution"),
    ],
    body: {
      trainer: { name: "trainer-onnx", version: "0.1.0" },
      seed: 20260817,
      hyperparameters: { learningRate: 0.001, steps: 400 },
      code: { uri: "https://git.acme.example/roto", revision: "4f2a9c1" },
      inputsClosed: true,
    },
  });
  put("weights", {
    kind: "weights",
    name: "hero-roto",
    version: "3.0.0",
    tags: ["roto"],
    links: [
      link("generatedBy", "run"),
      link("instanceOf", "model"),
      link("attributedTo", "artist"),
      link("licensedUnder", "license"),
      link("createdFor", "solution"),
    ],
    files: [file("weights.safetensors", "application/vnd.safetensors")],
    body: { format: "safetensors", step: 400, parameterCount: 122880 },
  });
  put("runSeal", {
    kind: "seal",
    links: [link("about", "run"), link("lists", "weights")],
    body: { state: "succeeded", endedAt: "2026-08-17T10:00:00.000Z", metrics: { loss: 0.0125 }, steps: 400 },
  });
  put("inference", {
    kind: "inference",
    name: "sh010-roto",
    links: [
      link("used", "weights"),
      link("used", "plate"),
      link("attributedTo", "artist"),
      link("environment", "environment"),
    ],
    body: {
      inferer: { name: "inferer-onnx", version: "0.1.0" },
      inputsClosed: true,
      seed: 7,
      slots: [{ link: 1, slot: "plate" }],
      prompts: [{ role: "positive", text: "the hero, hair included", writer: 2 }],
      humanInput: [{ actor: 2, activity: "approve", at: "2026-08-17T10:20:00.000Z" }],
    },
  });
  put("matte", {
    kind: "asset",
    name: "sh010_roto.1001.exr",
    version: "1.0.0",
    tags: ["matte"],
    links: [
      link("generatedBy", "inference"),
      link("attributedTo", "artist"),
      link("licensedUnder", "license"),
      link("depicts", "performer"),
    ],
    files: [file("sh010_roto.1001.exr", "image/x-exr")],
    body: {
      sequenceName: "sh010_roto",
      frameNumber: 1001,
      framesPerSecond: 24,
      depicts: [{ link: 3, kinds: ["body"] }],
    },
  });
  put("inferenceSeal", {
    kind: "seal",
    links: [link("about", "inference"), link("lists", "matte")],
    body: { state: "succeeded", endedAt: "2026-08-17T10:21:00.000Z" },
  });
  put("delivery", {
    kind: "delivery",
    name: "to-vendor-b",
    links: [link("used", "matte"), link("deliveredTo", "client"), link("attributedTo", "facility")],
    body: { mode: "handover", inputsClosed: true, purpose: "comp" },
  });
  const description =
    "The production that every mapping's example shows, by handles: a plate, a training, a matte and its delivery.";
  return `${JSON.stringify({ description, records: Object.fromEntries(made) }, null, 2)}\n`;
}

if (import.meta.main) await writeFile(target, mappingRecords());
