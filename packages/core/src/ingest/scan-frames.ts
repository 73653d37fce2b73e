// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { RmtcError } from "@rmtc/contract";

/** One image file of a sequence. */
export interface ScannedFrame {
  /** Absolute path. */
  readonly path: string;
  /** What stands before the frame number, for example `sh010`. */
  readonly sequenceName: string;
  /** The last number in the file's name, if there is one. */
  readonly frameNumber?: number | undefined;
}

const suffixes: ReadonlySet<string> = new Set([".exr", ".png"]);
const frameToken = /#+|@+|%0?\d*d/;

/**
 * Finds the frames that a path means: a folder, one file, or a sequence with a frame token such as
 * `sh010.####.exr`, `sh010.@.exr` or `sh010.%04d.exr`. Frames come in order of sequence and number.
 *
 * @throws RMTC_NOT_FOUND when the path does not exist or holds no EXR or PNG image.
 */
export async function scanFrames(input: string): Promise<ScannedFrame[]> {
  const path = resolve(input);
  const token = frameToken.exec(basename(path));
  const paths = token === null ? await listPath(path) : await listSequence(path, token);
  const frames = paths.filter((file) => suffixes.has(extname(file).toLowerCase())).map(describe);
  if (frames.length === 0) {
    throw new RmtcError("RMTC_NOT_FOUND", `No EXR or PNG image at ${path}.`, { subject: path });
  }
  return frames.sort(
    (a, b) =>
      compareText(a.sequenceName, b.sequenceName) ||
      (a.frameNumber ?? -1) - (b.frameNumber ?? -1) ||
      compareText(a.path, b.path),
  );
}

async function listPath(path: string): Promise<string[]> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw notFound(path, error);
  });
  if (!status.isDirectory()) return [path];
  return (await readdir(path)).map((name) => join(path, name));
}

async function listSequence(path: string, token: RegExpExecArray): Promise<string[]> {
  const folder = dirname(path);
  const name = basename(path);
  const before = name.slice(0, token.index);
  const after = name.slice(token.index + token[0].length);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw notFound(folder, error);
  });
  return names
    .filter((candidate) => candidate.startsWith(before) && candidate.endsWith(after))
    .filter((candidate) => /^-?\d+$/.test(candidate.slice(before.length, candidate.length - after.length)))
    .map((candidate) => join(folder, candidate));
}

function describe(path: string): ScannedFrame {
  const stem = basename(path, extname(path));
  const match = /^(.*?)[._-]?(\d+)$/.exec(stem);
  if (match === null) return { path, sequenceName: stem };
  const [, sequenceName = "", digits = ""] = match;
  const frameNumber = Number(digits);
  if (!Number.isSafeInteger(frameNumber) || sequenceName === "") return { path, sequenceName: stem };
  return { path, sequenceName, frameNumber };
}

function notFound(path: string, cause: NodeJS.ErrnoException): RmtcError {
  return cause.code === "EACCES"
    ? new RmtcError("RMTC_ACCESS_DENIED", `${path} cannot be read by this user.`, { subject: path, cause })
    : new RmtcError(
        "RMTC_NOT_FOUND",
        `${path} does not exist. Give a folder, a file, or a sequence such as sh010.####.exr.`,
        {
          subject: path,
          cause,
        },
      );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
