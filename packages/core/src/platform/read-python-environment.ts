// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { RmtcError } from "@rmtc/contract";
import { type FoundSoftware, normalName } from "./component-names.ts";

/** So much of a metadata file is read; name and version stand at its start. */
const HEAD_BYTES = 16 * 1024;
const WAIT_MS = 20_000;
const script = "import json,platform,sys;print(json.dumps([platform.python_version(),sys.path]))";

/**
 * Lists a Python interpreter and the packages that it would find, by their metadata (core metadata, in
 * `*.dist-info/METADATA`, `*.egg-info/PKG-INFO` or `*.egg-info`); the interpreter runs, but imports no package. Of
 * several versions the one counts that comes first on its path. `env` is beside the variables of this process.
 *
 * @throws RMTC_PROCESS_FAILED when the interpreter does not run.
 */
export async function readPythonEnvironment(
  interpreter: string,
  options: { readonly env?: Readonly<Record<string, string>> | undefined } = {},
): Promise<readonly FoundSoftware[]> {
  const [version, path] = await askInterpreter(interpreter, options.env);
  const found = new Map<string, FoundSoftware>([["python", { name: "python", version }]]);
  for (const folder of path) {
    for (const name of await namesIn(folder)) {
      const file = name.endsWith(".dist-info")
        ? ["METADATA"]
        : name.endsWith(".egg-info")
          ? ["PKG-INFO", ""]
          : [];
      const head = await readFirst(file.map((one) => join(folder, name, one)));
      const software = head === undefined ? undefined : parseMetadata(head);
      if (software === undefined || found.has(normalName(software.name))) continue;
      found.set(normalName(software.name), software);
    }
  }
  return [...found.values()];
}

async function askInterpreter(
  interpreter: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly [string, readonly string[]]> {
  try {
    const { stdout } = await promisify(execFile)(interpreter, ["-c", script], {
      timeout: WAIT_MS,
      env: { ...process.env, ...env },
    });
    const [version, path] = JSON.parse(stdout) as readonly [unknown, unknown];
    // The empty entry is the working folder, which is no part of the environment.
    if (typeof version === "string" && Array.isArray(path)) return [version, path.filter(isFolderName)];
    throw new SyntaxError("It did not say its version and path.");
  } catch (cause) {
    throw new RmtcError("RMTC_PROCESS_FAILED", `${interpreter} does not run as a Python interpreter.`, {
      subject: interpreter,
      cause,
    });
  }
}

function isFolderName(entry: unknown): entry is string {
  return typeof entry === "string" && entry !== "";
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    // A path may name archives, and folders that are not there.
    return [];
  }
}

/** Returns the start of the first file that can be read. */
async function readFirst(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await using file = await open(path, "r");
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } catch {
      // Damaged or half removed: there is no such package then.
    }
  }
  return undefined;
}

function parseMetadata(head: string): FoundSoftware | undefined {
  const [headers = ""] = head.split(/\r?\n\r?\n/);
  const name = /^Name: *(\S+)/im.exec(headers)?.[1];
  const version = /^Version: *(\S+)/im.exec(headers)?.[1];
  return name === undefined || version === undefined ? undefined : { name, version };
}
