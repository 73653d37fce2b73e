// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { canonicalJson, digestFile, makeRecord, recordDigest, sha256 } from "@rmtc/attest";
import { type PutFileMode, RmtcError } from "@rmtc/contract";
import type { File, RecordId, RecordKind, RmtcRecord } from "@rmtc/spec";
import { resolvePerson } from "../../activity/person.ts";
import { fileError } from "../../file-error.ts";
import { mediaTypeOf } from "../../publish/put-files.ts";
import { putRecords } from "../../put-records.ts";
import { linkTo, type RecordReference, referenceOf } from "../../record-link.ts";
import type { Workspace } from "../../workspace.ts";
import { type PlannedRecord, planRecords } from "./plan-records.ts";
import { type NotCarried, type PythonProduct, readPythonFolder } from "./read-python-folder.ts";

/** A folder of the Python RMTC to take in. */
export interface ImportPythonRequest {
  readonly folder: string;
  /** Only says what would be done; nothing is stored. */
  readonly dryRun?: boolean | undefined;
  /** `reference` leaves the files where they are; `copy` unless given. */
  readonly mode?: PutFileMode | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One record of an import. */
export interface ImportedRecord {
  /** A path below the folder, or an entity's class and name. */
  readonly source: string;
  readonly kind: RecordKind;
  readonly name: string | undefined;
  /** `known` when an earlier import put the same. */
  readonly status: "created" | "known";
  /** Missing for a record that a dry run would create. */
  readonly id?: RecordId;
}

/** What an import of a folder did, or would do. */
export interface ImportPythonReport {
  readonly dryRun: boolean;
  readonly records: readonly ImportedRecord[];
  readonly notCarried: readonly NotCarried[];
}

/**
 * Takes in a folder of the Python RMTC: its products with digests, and the entities in its JSON files.
 *
 * What was not recorded there stays unknown: no artifact has an origin or closed inputs. The same folder again
 * makes nothing twice; an entity that changed makes a record of its own.
 *
 * @throws RMTC_NOT_FOUND when there is no such folder.
 * @throws RMTC_DIGEST_MISMATCH when a file changes while it is read.
 */
export async function importRmtcPython(
  workspace: Workspace,
  request: ImportPythonRequest,
): Promise<ImportPythonReport> {
  const { signal, dryRun = false, mode = "copy" } = request;
  const folder = await readPythonFolder(request.folder, signal);
  const plan = planRecords(folder);
  const person = await resolvePerson(workspace);
  const keys = new Map<string, string>();
  const made = new Map<string, RecordReference>();
  const batch: RmtcRecord[] = dryRun ? [] : [...person.made];
  const records: ImportedRecord[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await putRecords(workspace, batch);
    batch.length = 0;
  };
  const batchSize = Math.min(500, workspace.records.capabilities.maxPutRecords - 1);
  for (const planned of plan.records) {
    signal?.throwIfAborted();
    const files = await describeFiles(folder.root, planned.product, signal);
    const key = keyOf(planned, files, keys);
    keys.set(planned.key, key);
    const { source, kind, name } = planned;
    const known = await findByTag(workspace, tagOf(key));
    if (known !== undefined) {
      made.set(planned.key, known);
      records.push({ source, kind, name, status: "known", id: known.id });
      continue;
    }
    if (dryRun) {
      records.push({ source, kind, name, status: "created" });
      continue;
    }
    await storeFiles(workspace, folder.root, planned.product, files, mode, signal);
    const links = planned.links.map(({ rel, to }) => linkTo(rel, made.get(to) as RecordReference));
    const record = makeRecord({
      kind,
      name,
      version: planned.version,
      tags: [...new Set([...planned.tags, tagOf(key)])],
      links: [...links, linkTo("attributedTo", person.reference)],
      ...(files.length === 0 ? {} : { files }),
      body: { ...planned.body },
      annotations: { ...planned.annotations },
    });
    const reference = { id: record.id, digest: recordDigest(record) };
    made.set(planned.key, reference);
    records.push({ source, kind, name, status: "created", id: record.id });
    batch.push(record);
    if (batch.length >= batchSize) await flush();
  }
  await flush();
  return { dryRun, records, notCarried: [...folder.notCarried, ...plan.notCarried] };
}

/** What makes two imports of one thing the same: all its content, its files, and the keys of its targets. */
function keyOf(planned: PlannedRecord, files: readonly File[], keys: ReadonlyMap<string, string>): string {
  const { kind, name = null, version = null, tags, body, annotations } = planned;
  const links = planned.links.map(({ rel, to }) => [rel, keys.get(to) ?? null]);
  const described = files.map(({ path, digest }) => [path, digest]);
  return sha256(canonicalJson([kind, name, version, tags, body, annotations, described, links]));
}

function tagOf(key: string): string {
  return `rmtc-python:${key.slice("sha256:".length)}`;
}

async function findByTag(workspace: Workspace, tag: string): Promise<RecordReference | undefined> {
  const page = await workspace.records.find({ where: [{ field: "tag", op: "eq", value: tag }], limit: 1 });
  return page.records[0] === undefined ? undefined : referenceOf(page.records[0]);
}

async function describeFiles(
  root: string,
  product: PythonProduct | undefined,
  signal: AbortSignal | undefined,
): Promise<File[]> {
  const files: File[] = [];
  for (const path of product?.files ?? []) {
    try {
      const { digest, sizeBytes } = await digestFile(join(root, path), { signal });
      files.push({
        path: pathIn(product as PythonProduct, path),
        mediaType: mediaTypeOf(path),
        sizeBytes,
        digest,
      });
    } catch (error) {
      throw fileError(error, join(root, path));
    }
  }
  return files;
}

/** A file's path inside its product: below the version's folder, or its own name. */
function pathIn(product: PythonProduct, path: string): string {
  return path === product.path ? path.slice(path.lastIndexOf("/") + 1) : path.slice(product.path.length + 1);
}

async function storeFiles(
  workspace: Workspace,
  root: string,
  product: PythonProduct | undefined,
  files: readonly File[],
  mode: PutFileMode,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (product === undefined || files.length === 0) return;
  const given = product.files.map((path) => ({ path: join(root, path) }));
  const results = await workspace.blobs.putFiles({ files: given, mode }, { signal });
  const changed = results.find(({ digest }, index) => digest !== files[index]?.digest);
  if (changed === undefined) return;
  throw new RmtcError(
    "RMTC_DIGEST_MISMATCH",
    `${changed.path} changed while it was imported. Import again.`,
    {
      subject: changed.path,
    },
  );
}
