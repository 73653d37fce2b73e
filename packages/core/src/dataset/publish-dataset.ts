// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { itemsRoot, makeRecord, recordDigest, SegmentBuilder } from "@rmtc/attest";
import { RmtcError, type StoredRecord } from "@rmtc/contract";
import type {
  AssetBody,
  DatasetBody,
  DatasetItem,
  Depiction,
  ItemFile,
  ItemSlot,
  LikenessKind,
  Link,
  RecordId,
  SubjectCoverage,
} from "@rmtc/spec";
import { activityLinks, resolveContext } from "../activity/activity-links.ts";
import { makeSeal } from "../activity/seal-activity.ts";
import { bodyOf } from "../body-of.ts";
import { likenessKinds } from "../lineage/likeness.ts";
import { putRecords } from "../put-records.ts";
import { linksTo, linkTo, type RecordReference, referenceOf, targetsOf } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";

/** The assets behind one item, by slot name. One asset can serve several slots. */
export interface DatasetItemRequest {
  readonly key: string;
  readonly split: string;
  readonly slots: Readonly<Record<string, StoredRecord>>;
}

/** A dataset to publish. */
export interface PublishDatasetRequest {
  readonly name: string;
  readonly version?: string | undefined;
  readonly slots: readonly ItemSlot[];
  readonly items: readonly DatasetItemRequest[];
  readonly solution?: RecordReference | undefined;
}

/** The most items in one segment. */
const segmentItems = 65_536;

/**
 * Publishes an immutable dataset: its items go into sealed segments, its record links the union of their
 * assets, subjects and licences.
 *
 * @throws RMTC_LAYOUT_MISMATCH when an item's slots differ in size or lack a channel.
 * @throws RMTC_OPTION_INVALID when there are no items, or two have one key.
 */
export async function publishDataset(
  workspace: Workspace,
  request: PublishDatasetRequest,
): Promise<RecordReference> {
  const items = request.items.map((item) => toItem(item, request.slots));
  if (items.length === 0)
    throw new RmtcError("RMTC_OPTION_INVALID", "A dataset needs at least one item.", { pointer: "/items" });
  const keys = new Set(items.map((item) => item.key));
  if (keys.size < items.length) {
    throw new RmtcError("RMTC_OPTION_INVALID", "Two items of a dataset have the same key.", {
      pointer: "/items",
    });
  }
  const segments: DatasetBody["segments"] = [];
  for (let start = 0; start < items.length; start += segmentItems) {
    const builder = new SegmentBuilder();
    const lines = items.slice(start, start + segmentItems).map((item) => builder.addItem(item));
    const segment = builder.finish();
    await workspace.blobs.write(toStream(lines), { expect: segment.digest });
    segments.push(segment);
  }
  const assets = [
    ...new Map(
      request.items.flatMap((item) => Object.values(item.slots)).map((asset) => [asset.record.id, asset]),
    ).values(),
  ];
  const context = await resolveContext(workspace, request.solution);
  const process = makeRecord({
    kind: "process",
    name: "curate",
    links: activityLinks(context),
    body: { operation: "curate", inputsClosed: true },
  });
  const activity = { id: process.id, digest: recordDigest(process) };
  const links: Link[] = [
    linkTo("generatedBy", activity),
    ...linksTo("hasMember", assets.map(referenceOf)),
    ...linksTo(
      "depicts",
      assets.flatMap((asset) => targetsOf(asset.record, "depicts")),
    ),
    ...linksTo(
      "licensedUnder",
      assets.flatMap((asset) => targetsOf(asset.record, "licensedUnder")),
    ),
    ...linksTo(
      "consentedBy",
      assets.flatMap((asset) => targetsOf(asset.record, "consentedBy")),
    ),
    linkTo("attributedTo", context.person),
    ...(request.solution === undefined ? [] : [linkTo("createdFor", request.solution)]),
  ];
  const splits: Record<string, number> = {};
  for (const item of items) splits[item.split] = (splits[item.split] ?? 0) + 1;
  const body: DatasetBody = {
    segments,
    itemsRoot: itemsRoot(segments.map((segment) => segment.root)),
    itemCount: items.length,
    slots: request.slots.map((slot) => ({ ...slot })),
    splits,
    subjectCoverage: commonCoverage(assets.map((asset) => bodyOf(asset.record, "asset"))),
    depicts: mergeDepictions(assets, links),
  };
  const { name, version } = request;
  const dataset = makeRecord({ kind: "dataset", name, version, links, body: { ...body } });
  const reference = { id: dataset.id, digest: recordDigest(dataset) };
  await putRecords(workspace, [
    ...context.made,
    process,
    dataset,
    makeSeal(activity, [reference], { state: "succeeded" }),
  ]);
  return reference;
}

function toItem(request: DatasetItemRequest, slots: readonly ItemSlot[]): DatasetItem {
  const files: Record<string, ItemFile> = {};
  let size: string | undefined;
  for (const slot of slots) {
    const asset = request.slots[slot.name];
    const file = asset?.record.files?.[0];
    if (asset === undefined || file === undefined) {
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `Item ${request.key} has no image for the slot ${slot.name}.`,
        { subject: request.key },
      );
    }
    const layouts = bodyOf(asset.record, "asset")?.layouts ?? [];
    const channels = new Set(layouts.flatMap((entry) => entry.layout.channels ?? []));
    const lacking = slot.channels.filter((channel) => !channels.has(channel));
    if (lacking.length > 0) {
      throw new RmtcError(
        "RMTC_LAYOUT_MISMATCH",
        `${file.path} has no channel ${lacking.join(", ")} for the slot ${slot.name}; it has ${[...channels].join(", ")}.`,
        { subject: asset.record.id },
      );
    }
    const [height, width] = layouts[0]?.layout.shape ?? [];
    const own = `${width}x${height}`;
    size ??= own;
    if (own !== size) {
      throw new RmtcError(
        "RMTC_LAYOUT_MISMATCH",
        `Item ${request.key}: ${file.path} for the slot ${slot.name} is ${own} pixels, the slot before it ${size}. Bring plate and matte to one size.`,
        { subject: asset.record.id },
      );
    }
    files[slot.name] = {
      record: asset.record.id,
      digest: file.digest,
      path: file.path,
      mediaType: file.mediaType,
    };
  }
  const assets = [...new Set(slots.map((slot) => request.slots[slot.name]))].filter(
    (asset) => asset !== undefined,
  );
  const subjects = assets.flatMap((asset) => {
    const details = bodyOf(asset.record, "asset")?.depicts ?? [];
    return asset.record.links.flatMap((link, index) => {
      if (link.rel !== "depicts") return [];
      const detail = details.find((entry) => entry.link === index);
      return [
        {
          ...(detail?.role === undefined ? {} : { role: detail.role }),
          ...(detail?.kinds === undefined ? {} : { kinds: detail.kinds }),
          subject: link.to,
        },
      ];
    });
  });
  return {
    key: request.key,
    split: request.split,
    slots: files,
    subjects: [...new Map(subjects.map((subject) => [subject.subject, subject])).values()],
    licenses: [
      ...new Set(
        assets.flatMap((asset) => targetsOf(asset.record, "licensedUnder").map((license) => license.id)),
      ),
    ],
  };
}

/** Per kind of likeness, `complete` only if it is complete for every asset. */
function commonCoverage(bodies: readonly (AssetBody | undefined)[]): SubjectCoverage {
  const coverage: SubjectCoverage = {};
  for (const kind of likenessKinds) {
    const states = bodies.map((body) => body?.subjectCoverage?.[kind]?.state ?? "unknown");
    const state = states.every((one) => one === "complete")
      ? "complete"
      : states.some((one) => one === "unknown")
        ? "unknown"
        : "partial";
    coverage[kind] = { state, method: "from the items' assets" };
  }
  return coverage;
}

/** The kinds of likeness per subject, over all assets; a link without detail means all kinds. */
function mergeDepictions(assets: readonly StoredRecord[], links: readonly Link[]): Depiction[] {
  const kinds = new Map<RecordId, Set<LikenessKind>>();
  for (const { record } of assets) {
    const details = bodyOf(record, "asset")?.depicts ?? [];
    for (const [index, link] of record.links.entries()) {
      if (link.rel !== "depicts") continue;
      const own = details.find((detail) => detail.link === index)?.kinds ?? likenessKinds;
      kinds.set(link.to, new Set([...(kinds.get(link.to) ?? []), ...own]));
    }
  }
  return links.flatMap((link, index) =>
    link.rel === "depicts" ? [{ link: index, kinds: [...(kinds.get(link.to) ?? likenessKinds)] }] : [],
  );
}

async function* toStream(lines: readonly string[]): AsyncGenerator<Uint8Array, void> {
  for (const line of lines) yield Buffer.from(line);
}
