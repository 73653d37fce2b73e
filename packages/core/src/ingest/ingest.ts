// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson, makeRecord, recordDigest } from "@rmtc/attest";
import { type PutFileMode, RmtcError, type StoredRecord } from "@rmtc/contract";
import type {
  AssetBody,
  CoverageState,
  Depiction,
  File,
  FileLayout,
  LikenessKind,
  Link,
  Origin,
  RmtcRecord,
  SubjectCoverage,
  SubjectRole,
} from "@rmtc/spec";
import { activityLinks, outputLinks, resolveContext } from "../activity/activity-links.ts";
import { makeSeal } from "../activity/seal-activity.ts";
import { findAll } from "../get-records.ts";
import { probePlate, readPlate, requireFinite } from "../image/read-plate.ts";
import { likenessKinds } from "../lineage/likeness.ts";
import { mediaTypeOf, putFiles } from "../publish/put-files.ts";
import { putRecords } from "../put-records.ts";
import { linkTo, type RecordReference } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import { type ScannedFrame, scanFrames } from "./scan-frames.ts";

/** A subject that the frames depict. */
export interface IngestSubject {
  readonly subject: RecordReference;
  /** All kinds unless given. */
  readonly kinds?: readonly LikenessKind[] | undefined;
  readonly role?: SubjectRole | undefined;
  /** Only these frame numbers; every frame unless given. */
  readonly frames?: ReadonlySet<number> | undefined;
}

/** Frames to ingest. */
export interface IngestRequest {
  /** A folder, a file, or a sequence such as `sh010.####.exr`. */
  readonly input: string;
  /** What the sequence is called; what stands before the frame number unless given. */
  readonly sequenceName?: string | undefined;
  readonly licenses: readonly RecordReference[];
  readonly subjects?: readonly IngestSubject[] | undefined;
  /** How completely the subjects are known; `unknown` unless given. */
  readonly coverage?: { readonly state: CoverageState; readonly method?: string | undefined } | undefined;
  /** Why the frames have no activity before this one; their inputs are open unless given. */
  readonly origin?: Origin | undefined;
  /** `copy` unless given; `reference` leaves the files where they are. */
  readonly mode?: PutFileMode | undefined;
  /** Whether every pixel is decoded and checked; `true` unless given. */
  readonly checkPixels?: boolean | undefined;
  readonly solution?: RecordReference | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?:
    | ((progress: {
        readonly step: "check" | "store";
        readonly done: number;
        readonly total: number;
      }) => void)
    | undefined;
}

/** One ingested frame. */
export interface IngestedAsset {
  readonly reference: RecordReference;
  readonly path: string;
  readonly frameNumber?: number | undefined;
  /** `known` for a frame that an equal asset stands for already. */
  readonly status: "created" | "known";
}

/**
 * Ingests image frames as assets: every file is checked before any is stored, and all records are put together,
 * so that an error or a kill leaves the workspace as it was.
 *
 * A frame with the same bytes, sequence, licences and subjects as an asset that is held is not put again.
 *
 * @throws RMTC_NOT_FOUND when there is no such folder or image.
 * @throws RMTC_FORMAT_INVALID when an image is cut off or damaged.
 * @throws RMTC_LAYOUT_MISMATCH when frames of one sequence differ in size.
 * @throws RMTC_VALUE_INVALID when a pixel is no number.
 */
export async function ingest(workspace: Workspace, request: IngestRequest): Promise<IngestedAsset[]> {
  const { signal } = request;
  const frames = await scanFrames(request.input);
  const layouts = await checkFrames(frames, request);
  const files = await putFiles(
    workspace,
    frames.map((frame) => frame.path),
    {
      mode: request.mode,
      signal,
      onProgress: (progress) =>
        request.onProgress?.({ step: "store", done: progress.files, total: frames.length }),
    },
  );
  const context = await resolveContext(workspace, request.solution);
  const process = makeRecord({
    kind: "process",
    name: "ingest",
    links: activityLinks(context),
    body: {
      operation: "ingest",
      inputsClosed: request.origin !== undefined,
      parameters: { mode: request.mode ?? "copy" },
    },
  });
  const activity = { id: process.id, digest: recordDigest(process) };
  const assets = frames.map((frame, index) =>
    describeAsset(frame, files[index], layouts[index] ?? [], request),
  );
  const held = await findHeld(workspace, assets);
  const records: RmtcRecord[] = [...context.made, process];
  const outputs: RecordReference[] = [];
  const results = assets.map(({ frame, file, body, depicts }): IngestedAsset => {
    const { path, frameNumber } = frame;
    const known = held.get(
      assetKey(file, body, [
        ...depicts,
        ...request.licenses.map((license) => linkTo("licensedUnder", license)),
      ]),
    );
    if (known !== undefined) return { reference: known, path, frameNumber, status: "known" };
    const links = [...depicts, ...outputLinks(activity, request.licenses, context)];
    const record = makeRecord({ kind: "asset", name: file.path, links, files: [file], body: { ...body } });
    const reference = { id: record.id, digest: recordDigest(record) };
    records.push(record);
    outputs.push(reference);
    return { reference, path, frameNumber, status: "created" };
  });
  if (outputs.length > 0) {
    records.push(makeSeal(activity, outputs, { state: "succeeded", endedAt: new Date().toISOString() }));
    await putRecords(workspace, records);
  }
  return results;
}

/** Reads every frame before anything is stored. */
async function checkFrames(
  frames: readonly ScannedFrame[],
  request: IngestRequest,
): Promise<readonly (readonly Omit<FileLayout, "path">[])[]> {
  const { signal, checkPixels = true, onProgress } = request;
  const sizes = new Map<string, { readonly size: string; readonly path: string }>();
  const checked: (readonly Omit<FileLayout, "path">[])[] = [];
  for (const [index, { path, sequenceName }] of frames.entries()) {
    signal?.throwIfAborted();
    const mediaType = mediaTypeOf(path);
    let layouts: readonly Omit<FileLayout, "path">[];
    if (checkPixels) {
      const plate = await readPlate(path, mediaType, { signal });
      await requireFinite(path, plate.image, { signal });
      layouts = plate.layouts;
    } else layouts = await probePlate(path, mediaType, { signal });
    const [height, width] = layouts[0]?.layout.shape ?? [];
    const size = `${width}x${height}`;
    const first = sizes.get(sequenceName);
    if (first === undefined) sizes.set(sequenceName, { size, path });
    else if (first.size !== size) {
      throw new RmtcError(
        "RMTC_LAYOUT_MISMATCH",
        `${path} is ${size} pixels, ${first.path} of the same sequence ${first.size}. Bring the sequence to one size, or ingest it in two.`,
        { subject: path },
      );
    }
    checked.push(layouts);
    onProgress?.({ step: "check", done: index + 1, total: frames.length });
  }
  return checked;
}

interface DescribedAsset {
  readonly frame: ScannedFrame;
  readonly file: File;
  readonly body: AssetBody;
  readonly depicts: readonly Link[];
}

function describeAsset(
  frame: ScannedFrame,
  file: File | undefined,
  layouts: readonly Omit<FileLayout, "path">[],
  request: IngestRequest,
): DescribedAsset {
  if (file === undefined) throw new RangeError(`The blob store gave no result for ${frame.path}.`);
  const { frameNumber } = frame;
  const seen = (request.subjects ?? []).filter(
    ({ frames }) => frames === undefined || (frameNumber !== undefined && frames.has(frameNumber)),
  );
  const depictions: Depiction[] = seen.flatMap(({ kinds, role }, link) =>
    kinds === undefined && role === undefined
      ? []
      : [
          {
            link,
            ...(kinds === undefined ? {} : { kinds: [...kinds] }),
            ...(role === undefined ? {} : { role }),
          },
        ],
  );
  const body: AssetBody = {
    sequenceName: request.sequenceName ?? frame.sequenceName,
    ...(frameNumber === undefined ? {} : { frameNumber }),
    ...(request.origin === undefined ? {} : { origin: request.origin }),
    subjectCoverage: coverageOf(request),
    ...(depictions.length === 0 ? {} : { depicts: depictions }),
    layouts: layouts.map((layout) => ({ ...layout, path: file.path })),
  };
  return { frame, file, body, depicts: seen.map(({ subject }) => linkTo("depicts", subject)) };
}

function coverageOf({ coverage }: IngestRequest): SubjectCoverage {
  const { state, method } = coverage ?? { state: "unknown" };
  return Object.fromEntries(
    likenessKinds.map((kind) => [kind, { state, ...(method === undefined ? {} : { method }) }]),
  );
}

/** Assets that are held with the same bytes, by everything that tells assets apart. */
async function findHeld(
  workspace: Workspace,
  assets: readonly DescribedAsset[],
): Promise<Map<string, RecordReference>> {
  const held = new Map<string, RecordReference>();
  const digests = [...new Set(assets.map(({ file }) => file.digest))];
  for (let start = 0; start < digests.length; start += 500) {
    const found = findAll(workspace.records, {
      where: [
        { field: "kind", op: "eq", value: "asset" },
        { field: "file.digest", op: "in", value: digests.slice(start, start + 500) },
      ],
    });
    for await (const stored of found) {
      const key = keyOfStored(stored);
      if (key !== undefined) held.set(key, { id: stored.record.id, digest: stored.digest });
    }
  }
  return held;
}

function keyOfStored({ record }: StoredRecord): string | undefined {
  const file = record.files?.[0];
  return file === undefined || record.body === undefined
    ? undefined
    : assetKey(file, record.body as AssetBody, record.links);
}

function assetKey(file: File, body: AssetBody, links: readonly Link[]): string {
  const named = links
    .filter(({ rel }) => rel === "depicts" || rel === "licensedUnder")
    .map(({ rel, to }) => `${rel} ${to}`);
  const { sequenceName, frameNumber, origin, subjectCoverage, depicts } = body;
  const told = [file.digest, file.path, sequenceName, frameNumber, origin, subjectCoverage, depicts];
  return canonicalJson([...told.map((value) => value ?? null), named.sort()]);
}
