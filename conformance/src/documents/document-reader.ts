// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@rmtc/attest";
import { type CallOptions, isRmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import { checkOneRecord, type PlacedRecord } from "./check-one-record.ts";
import { checkSegment, type ReadSegment } from "./check-segment.ts";
import { checkLayout, checkTensorFile } from "./check-tensors.ts";
import type { FileFindings } from "./file-findings.ts";
import { readLines, tooLong } from "./read-lines.ts";

const maxJsonBytes = 64 * 1024 * 1024;
const maxRecordBytes = 16 * 1024 * 1024;
/** The most bytes of JSON whose records are held, to compare them with one another. */
const maxHeldBytes = 512 * 1024 * 1024;
/** A part nests 64 levels; around it are a record, and perhaps a list and an object. */
const maxDepth = 67;

/** What a file turned out to be. */
export interface ReadFile {
  readonly findings: FileFindings;
  readonly sizeBytes: number;
  readonly digest?: Digest;
  readonly segment?: ReadSegment;
}

/** Reads the files of a folder one after another, each by what it holds, and keeps the records. */
export class DocumentReader {
  readonly records: PlacedRecord[] = [];
  readonly #folder: string;
  readonly #options: CallOptions;
  #heldBytes = 0;

  /** Reads below `folder`. */
  constructor(folder: string, options: CallOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Reads one file; what is wrong with it, or why it cannot be read, stands in its findings. */
  async read(findings: FileFindings, sizeBytes: number): Promise<ReadFile> {
    try {
      const segment = await this.#judge(findings, sizeBytes);
      const digest = await this.#digest(findings.file);
      return { findings, sizeBytes, digest, ...(segment === undefined ? {} : { segment }) };
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      findings.stop(isRmtcError(error) ? `${error.code}: ${error.message}` : String(error));
      return { findings, sizeBytes };
    }
  }

  async #judge(findings: FileFindings, sizeBytes: number): Promise<ReadSegment | undefined> {
    const name = findings.file.toLowerCase();
    if (name.endsWith(".safetensors")) {
      findings.type = "tensors";
      await checkTensorFile(this.#folder, findings, this.#options);
    } else if (/\.(?:jsonl|ndjson)$/.test(name)) return await this.#readLines(findings);
    else if (name.endsWith(".json")) await this.#readJson(findings, sizeBytes);
    return undefined;
  }

  async #readJson(findings: FileFindings, sizeBytes: number): Promise<void> {
    if (!this.#hold(findings, sizeBytes, maxJsonBytes)) return;
    const bytes = await readFile(join(this.#folder, findings.file), { signal: this.#options.signal });
    let value: unknown;
    try {
      value = parseJson(bytes, { maxBytes: maxJsonBytes, maxDepth });
    } catch (error) {
      if (isMeant(bytes)) findings.failBy("json.i-json", error, "");
      return;
    }
    const listed = isObject(value) && Array.isArray(value.records) ? value.records : value;
    if (isLayout(value)) {
      findings.type = "layout";
      checkLayout(value, findings, "");
    } else if (Array.isArray(listed) && listed.some(isRecord)) {
      const pointer = listed === value ? "" : "/records";
      for (const [index, one] of listed.entries()) this.#keep(one, findings, `${pointer}/${index}`);
    } else if (isRecord(value)) this.#keep(value, findings, "");
    else if (isObject(value) && Object.values(value).some(isLayout)) {
      findings.type = "layouts";
      for (const [name, layout] of Object.entries(value)) {
        checkLayout(layout, findings, `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
      }
    }
  }

  async #readLines(findings: FileFindings): Promise<ReadSegment | undefined> {
    const path = join(this.#folder, findings.file);
    let index = 0;
    for await (const line of readLines(path, maxRecordBytes, this.#options)) {
      if (line === tooLong) {
        findings.stop(`Line ${index} is longer than ${maxRecordBytes} bytes.`);
        return undefined;
      }
      if (index === 0 && /^\s*\{"(?:item|leaf|salt)"/.test(line.toString("latin1", 0, 64))) {
        findings.type = "segment";
        return await checkSegment(path, findings, this.#options);
      }
      if (line.length > 0 && !this.#readLine(line, findings, `/${index}`)) return undefined;
      index += 1;
    }
    return undefined;
  }

  #readLine(line: Buffer, findings: FileFindings, pointer: string): boolean {
    if (!this.#hold(findings, line.length, maxRecordBytes)) return false;
    try {
      const value = parseJson(line, { maxBytes: maxRecordBytes, maxDepth });
      if (findings.type === "records" || isRecord(value)) this.#keep(value, findings, pointer);
    } catch (error) {
      if (isMeant(line)) findings.failBy("json.i-json", error, pointer);
    }
    return true;
  }

  #keep(value: unknown, findings: FileFindings, pointer: string): void {
    findings.type = "records";
    findings.applies("json.i-json");
    const placed = checkOneRecord(value, findings, pointer);
    if (placed !== undefined) this.records.push(placed);
  }

  #hold(findings: FileFindings, bytes: number, most: number): boolean {
    this.#heldBytes += bytes;
    if (bytes > most) findings.stop(`It has ${bytes} bytes in one text; at most ${most} are read.`);
    else if (this.#heldBytes > maxHeldBytes) {
      findings.stop(`The folder has more than ${maxHeldBytes} bytes of records, which are compared at once.`);
    } else return true;
    return false;
  }

  async #digest(file: string): Promise<Digest> {
    const hash = createHash("sha256");
    const { signal } = this.#options;
    for await (const chunk of createReadStream(join(this.#folder, file), { signal })) hash.update(chunk);
    return `sha256:${hash.digest("hex")}`;
  }
}

/** Tells whether a text that cannot be read was to be a record or a layout, and not somebody's own file. */
function isMeant(bytes: Buffer): boolean {
  return bytes.includes('"specVersion"') || bytes.includes('"axes"');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells what is meant as a record, whether or not it is a good one. */
function isRecord(value: unknown): boolean {
  if (!isObject(value)) return false;
  const fields = ["specVersion", "id", "kind", "createdAt", "links", "salts"];
  return fields.filter((field) => Object.hasOwn(value, field)).length >= 3;
}

function isLayout(value: unknown): boolean {
  if (!isObject(value)) return false;
  return ["dtype", "shape", "axes"].filter((field) => Object.hasOwn(value, field)).length >= 2;
}
