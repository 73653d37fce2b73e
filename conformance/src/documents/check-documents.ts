// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, stat } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import { type CallOptions, RmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import { c4IdOf } from "./c4-id.ts";
import type { PlacedRecord } from "./check-one-record.ts";
import { checkRelated } from "./check-related.ts";
import { checkSegmentsOf } from "./check-segment.ts";
import { type DocumentCheckName, documentChecks } from "./document-checks.ts";
import { DocumentReader, type ReadFile } from "./document-reader.ts";
import { type DocumentResult, FileFindings } from "./file-findings.ts";

/** How documents are checked. */
export interface CheckDocumentsOptions extends CallOptions {
  /** P-256 public keys in PEM, one of which each signature must be of; signatures are not checked without. */
  readonly publicKeys?: readonly string[] | undefined;
}

/** What a run over documents found. */
export interface CheckedDocuments {
  readonly files: readonly DocumentResult[];
  /** The checks that had something to look at, by id. */
  readonly applied: ReadonlySet<string>;
}

const maxFiles = 1_000_000;

/**
 * Checks the documents that an implementation wrote into a folder: records, one in a file, listed in a JSON array
 * or a line each; segments, tensor layouts, safetensors files, and the files that records name.
 *
 * What is missing is a gap and no failure. Nothing in the folder is changed, run or followed out of it.
 *
 * @throws RMTC_NOT_FOUND when there is no such folder.
 * @throws RMTC_OPTION_INVALID when a key is not a P-256 public key in PEM.
 * @throws RMTC_LIMIT_EXCEEDED when the folder has more than a million entries.
 * @see spec/draft/conformance.md#documents
 */
export async function checkDocuments(
  folder: string,
  options: CheckDocumentsOptions = {},
): Promise<CheckedDocuments> {
  const { signal, publicKeys = [] } = options;
  const { paths, passedOver } = await listFiles(folder);
  const applied = new Set<DocumentCheckName>();
  const reader = new DocumentReader(folder, { signal });
  const files: ReadFile[] = [];
  for (const path of paths) {
    signal?.throwIfAborted();
    const { size } = await stat(join(folder, path));
    files.push(await reader.read(new FileFindings(path, applied), size));
  }
  const byId = indexRecords(reader.records);
  const byDigest = new Map(files.map((file) => [file.digest as Digest, file]));
  const segments = new Map(
    files.flatMap(({ digest, segment }) =>
      digest === undefined || segment === undefined ? [] : [[digest, segment] as const],
    ),
  );
  const byPath = new Map(files.map((file) => [file.findings.file, file]));
  for (const [index, placed] of reader.records.entries()) {
    if (index % 256 === 0) {
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    }
    checkRelated(placed, byId, publicKeys);
    checkSegmentsOf(placed, segments, byId);
    checkNamedFiles(placed, byDigest, byPath);
    await checkC4Ids(placed, byDigest, folder, signal);
  }
  return {
    files: [...files.map(({ findings }) => findings.result()), ...passedOver.map(notFollowed)],
    applied: new Set(documentChecks.map(({ id }) => id).filter((id) => applied.has(nameOf(id)))),
  };
}

function notFollowed(file: string): DocumentResult {
  const message = "It is a link or no file, and was not followed.";
  return { file, type: "other", status: "ignored", problems: [], gaps: [], more: 0, message };
}

function nameOf(id: string): DocumentCheckName {
  return id.slice("documents.".length) as DocumentCheckName;
}

/** Lists the regular files below a folder in order; links, devices and sockets are passed over. */
async function listFiles(
  folder: string,
): Promise<{ readonly paths: readonly string[]; readonly passedOver: readonly string[] }> {
  const paths: string[] = [];
  const passedOver: string[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of await entriesOf(at)) {
      const path = join(at, entry.name);
      const name = relative(folder, path).replaceAll(sep, "/");
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) paths.push(name);
      else passedOver.push(name);
    }
    if (paths.length + passedOver.length + open.length > maxFiles) {
      throw new RmtcError("RMTC_LIMIT_EXCEEDED", `${folder} has more than ${maxFiles} entries.`, {
        subject: folder,
      });
    }
  }
  return { paths: paths.sort(), passedOver: passedOver.sort() };
}

async function entriesOf(folder: string): ReturnType<typeof readFolder> {
  try {
    return await readFolder(folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === "EACCES" ? "RMTC_ACCESS_DENIED" : "RMTC_NOT_FOUND";
    throw new RmtcError(code, `The folder ${folder} cannot be read.`, { subject: folder, cause });
  }
}

const readFolder = (folder: string) => readdir(folder, { withFileTypes: true });

/** Indexes records by id; a second content under one id is a problem of the record that comes later. */
function indexRecords(records: readonly PlacedRecord[]): ReadonlyMap<string, PlacedRecord> {
  const byId = new Map<string, PlacedRecord>();
  for (const placed of records) {
    const { record, digest, findings, pointer } = placed;
    findings.applies("record.one-digest");
    const first = byId.get(record.id);
    if (first === undefined) byId.set(record.id, placed);
    else if (first.digest !== digest) {
      const message = `The record "${first.pointer}" of ${first.findings.file} has the same id and another digest.`;
      findings.fail("record.one-digest", "RMTC_RECORD_CONFLICT", `${pointer}/id`, message);
    }
  }
  return byId;
}

/** Checks the files that a record names, found by their digest, else by their path beside the record. */
function checkNamedFiles(
  { record, findings, pointer }: PlacedRecord,
  byDigest: ReadonlyMap<Digest, ReadFile>,
  byPath: ReadonlyMap<string, ReadFile>,
): void {
  const base = posix.dirname(findings.file);
  for (const [index, { path, digest, sizeBytes }] of (record.files ?? []).entries()) {
    const place = `${pointer}/files/${index}`;
    const found = byDigest.get(digest) ?? byPath.get(posix.join(base, path));
    if (found === undefined) {
      findings.gap(place, `The file ${path} is not there.`);
      continue;
    }
    findings.applies("file.digest");
    found.findings.judged = true;
    if (found.digest !== undefined && found.digest !== digest) {
      const message = `${found.findings.file} has the digest ${found.digest}.`;
      findings.fail("file.digest", "RMTC_DIGEST_MISMATCH", `${place}/digest`, message);
    } else if (found.sizeBytes !== sizeBytes) {
      const message = `${found.findings.file} has ${found.sizeBytes} bytes.`;
      findings.fail("file.digest", "RMTC_DIGEST_MISMATCH", `${place}/sizeBytes`, message);
    }
  }
}

/** Checks the C4 IDs of files whose bytes are there under the digest that the record says. */
async function checkC4Ids(
  { record, findings, pointer }: PlacedRecord,
  byDigest: ReadonlyMap<Digest, ReadFile>,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [index, { digest, c4 }] of (record.files ?? []).entries()) {
    const found = byDigest.get(digest);
    if (c4 === undefined || found === undefined) continue;
    findings.applies("file.c4");
    const id = await c4IdOf(join(folder, found.findings.file), { signal });
    if (id === c4) continue;
    const message = `${found.findings.file} has the C4 ID ${id}.`;
    findings.fail("file.c4", "RMTC_DIGEST_MISMATCH", `${pointer}/files/${index}/c4`, message);
  }
}
