// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { opendir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import { parseJson } from "@rmtc/attest";
import { isRmtcError, RmtcError } from "@rmtc/contract";
import { validateDocument } from "@rmtc/spec";
import { fileError } from "../../file-error.ts";
import { entitiesOf, holdsEntities, type PythonEntity } from "./python-entity.ts";

/** Something of a folder that did not become a record, or not wholly. */
export interface NotCarried {
  /** A path below the folder, or an entity's class and name. */
  readonly source: string;
  readonly why: string;
  /** Whether it could not be read, rather than having no place in a record. */
  readonly damaged: boolean;
}

/** A product on disk: a version's folder, or a file with its version in its name. */
export interface PythonProduct {
  /** Below the folder, with forward slashes; unique. */
  readonly path: string;
  readonly name: string;
  readonly version: string | undefined;
  /** The paths of its files below the folder. */
  readonly files: readonly string[];
}

/** What a folder of the Python RMTC holds. */
export interface PythonFolder {
  /** The folder itself, with every link in its own path followed. */
  readonly root: string;
  readonly entities: readonly PythonEntity[];
  readonly products: readonly PythonProduct[];
  readonly notCarried: readonly NotCarried[];
}

const maxFiles = 100_000;
const maxDepth = 32;
const maxJsonBytes = 4 * 1024 * 1024;
const versionPattern = /^\d{1,9}\.\d{1,9}\.\d{1,9}$/;

/**
 * Reads what lies in a folder of the Python RMTC: products, and JSON files with entities. No link is followed,
 * no file outside is opened, and no pickle is loaded.
 *
 * @throws RMTC_NOT_FOUND when there is no such folder.
 * @throws RMTC_LIMIT_EXCEEDED when it holds more than 100,000 files or nests more than 32 deep.
 */
export async function readPythonFolder(folder: string, signal?: AbortSignal): Promise<PythonFolder> {
  const notCarried: NotCarried[] = [];
  const root = await rootOf(folder);
  const files: string[] = [];
  for await (const entry of walk(root, root, 0)) {
    signal?.throwIfAborted();
    const path = relative(root, entry.path).split(sep).join("/");
    const unfit = entry.isFile ? whyUnfit(path) : "is a link or no plain file, and links are never followed";
    if (unfit === undefined) files.push(path);
    else notCarried.push({ source: JSON.stringify(path), why: unfit, damaged: true });
    if (files.length + notCarried.length > maxFiles) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `${folder} holds more than ${maxFiles} files. Import its parts one by one.`,
        { subject: folder },
      );
    }
  }
  const entities = new Map<string, PythonEntity>();
  const products: string[] = [];
  for (const path of files.sort()) {
    const read = extname(path).toLowerCase() === ".json" ? await readEntities(root, path) : undefined;
    if (read === undefined) {
      products.push(path);
      continue;
    }
    notCarried.push(...read.notCarried);
    for (const entity of read.entities) {
      if (entities.has(entity.id)) {
        notCarried.push({
          source: `${path}: ${entity.className} ${entity.id}`,
          why: "comes twice; the first is taken",
          damaged: true,
        });
      } else entities.set(entity.id, entity);
    }
    if (entities.size > maxFiles) {
      throw new RmtcError("RMTC_LIMIT_EXCEEDED", `${folder} holds more than ${maxFiles} entities.`, {
        subject: folder,
      });
    }
  }
  return { root, entities: [...entities.values()], products: productsOf(products), notCarried };
}

async function rootOf(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    throw fileError(error, folder);
  }
  throw new RmtcError("RMTC_PATH_INVALID", `${folder} is a file. Give the folder that holds the products.`, {
    subject: folder,
  });
}

async function* walk(
  root: string,
  folder: string,
  depth: number,
): AsyncGenerator<{ readonly path: string; readonly isFile: boolean }> {
  if (depth > maxDepth) {
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `${relative(root, folder)} nests more than ${maxDepth} folders deep.`,
      {
        subject: folder,
      },
    );
  }
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* walk(root, path, depth + 1);
      else yield { path, isFile: entry.isFile() };
    }
  } catch (error) {
    throw fileError(error, folder);
  }
}

function whyUnfit(path: string): string | undefined {
  const file = {
    path,
    mediaType: "application/octet-stream",
    sizeBytes: 0,
    digest: `sha256:${"0".repeat(64)}`,
  };
  const record = {
    specVersion: "0.1",
    id: "urn:uuid:01936e5a-0000-7000-8000-000000000000",
    kind: "asset",
    createdAt: "2026-01-01T00:00:00.000Z",
    links: [],
    files: [file],
    salts: { files: "AAAAAAAAAAAAAAAAAAAAAA" },
  };
  if (path.includes("\ufffd")) return "has a name that is not UTF-8";
  return validateDocument("record", record) === undefined ? undefined : "has a name that no record may hold";
}

/** The entities of a JSON file; `undefined` where it is data and so part of a product. */
async function readEntities(
  root: string,
  path: string,
): Promise<
  { readonly entities: readonly PythonEntity[]; readonly notCarried: readonly NotCarried[] } | undefined
> {
  const absolute = join(root, path);
  if ((await stat(absolute)).size > maxJsonBytes) return undefined;
  const parse = (text: string | Uint8Array): unknown => parseJson(text, { maxBytes: maxJsonBytes });
  const bytes = await readFile(absolute);
  let document: unknown;
  try {
    document = parse(bytes);
  } catch (error) {
    if (!isRmtcError(error)) throw error;
    if (!bytes.includes('"_type_name')) return undefined;
    return {
      entities: [],
      notCarried: [{ source: path, why: `cannot be read: ${error.message}`, damaged: true }],
    };
  }
  if (!holdsEntities(document)) return undefined;
  const { entities, refused } = entitiesOf(document, parse);
  const why = `holds ${refused} values that are no entities: without "_id" or a readable "_type_name"`;
  return { entities, notCarried: refused === 0 ? [] : [{ source: path, why, damaged: true }] };
}

/** Groups files into products: a folder named as a version, else each file by itself. */
function productsOf(files: readonly string[]): PythonProduct[] {
  const folders = new Map<string, string[]>();
  const products: PythonProduct[] = [];
  for (const path of files) {
    const steps = path.split("/");
    const depth = steps.findIndex(
      (step, index) => index < steps.length - 1 && index > 0 && versionPattern.test(step),
    );
    if (depth === -1) {
      const stem = basename(path, extname(path));
      const [, name = stem, version] = /^(.+)-(\d{1,9}\.\d{1,9}\.\d{1,9})$/.exec(stem) ?? [];
      products.push({ path, name, version, files: [path] });
    } else {
      const folder = steps.slice(0, depth + 1).join("/");
      folders.set(folder, [...(folders.get(folder) ?? []), path]);
    }
  }
  for (const [path, inside] of folders) {
    products.push({ path, name: basename(dirname(path)), version: basename(path), files: inside });
  }
  return products.sort((a, b) => (a.path < b.path ? -1 : 1));
}
