// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { hash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import type { Digest } from "@rmtc/spec";

/** The blobs of `fixtures/many-writes.ts`, by names that their bytes derive from. */
export const blobsOfManyWrites = {
  files: ["small-1", "small-2", "large"],
  registered: ["registered"],
  streamed: "streamed",
  resumed: "resumed",
  evicted: "evicted",
  erased: "erased",
} as const;

/** Makes the bytes of a blob: 1.5 MB for `large`, 30 kB for the others. */
export function bytesOf(name: string): Buffer {
  return Buffer.alloc(name === "large" ? 1_500_000 : 30_000, `${name} `);
}

export function digestOf(name: string): Digest {
  return `sha256:${hash("sha256", bytesOf(name))}`;
}

/** Yields a blob's bytes from an offset on, in chunks of 10,000. */
export async function* chunksOf(name: string, offset: number): AsyncGenerator<Uint8Array> {
  const bytes = bytesOf(name);
  for (let start = offset; start < bytes.byteLength; start += 10_000) {
    yield bytes.subarray(start, start + 10_000);
  }
}

/** Runs `fixtures/many-writes.ts`, killed at a call unless that is empty; returns what it acknowledged. */
export async function runManyWrites(
  folder: string,
  killAt: string,
  end: "erase" | "stay" = "erase",
): Promise<{ readonly killed: boolean; readonly acknowledged: ReadonlyMap<Digest, string> }> {
  const source = join(folder, "source");
  await mkdir(source, { recursive: true });
  for (const name of [...blobsOfManyWrites.files, ...blobsOfManyWrites.registered]) {
    await writeFile(join(source, name), bytesOf(name));
  }
  const preload = killAt === "" ? [] : ["--import", fixture("kill-at-call.ts").href];
  const child = spawn(
    process.execPath,
    [
      "--conditions=@rmtc/source",
      ...preload,
      fileURLToPath(fixture("many-writes.ts")),
      join(folder, "store"),
      source,
      end,
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, KILL_AT: killAt } },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("exit", resolve);
    child.once("error", reject);
  });
  const lines = (await text(child.stdout)).split("\n").filter((line) => line !== "");
  const code = await ended;
  if (code !== 0 && child.signalCode !== "SIGKILL") throw new Error(`many-writes ended with code ${code}.`);
  const acknowledged = lines.map((line) => line.split(" ") as [string, Digest]);
  return {
    killed: code !== 0,
    acknowledged: new Map(acknowledged.map(([state, digest]) => [digest, state])),
  };
}

function fixture(name: string): URL {
  return new URL(`../fixtures/${name}`, import.meta.url);
}
