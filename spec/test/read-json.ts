// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile } from "node:fs/promises";

const root = new URL("../", import.meta.url);

/** Reads a JSON file by its path under `spec/`. */
export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(new URL(path, root), "utf8")) as T;
}

/** Reads a text file by its path under `spec/`. */
export async function readText(path: string): Promise<string> {
  return readFile(new URL(path, root), "utf8");
}

/** Lists the JSON files of a folder under `spec/`, by name. */
export async function jsonFiles(folder: string): Promise<string[]> {
  return (await readdir(new URL(folder, root))).filter((name) => name.endsWith(".json")).sort();
}
