// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { BlobDamage, CallOptions } from "@rmtc/contract";
import { digestHex } from "./blob-path.ts";
import type { BlobThreads } from "./blob-threads.ts";

const PAGE_BLOBS = 1000;

/** Hashes blobs again, one in each thread at a time, and yields what is wrong in the order of the blobs. */
export async function* verifyBlobs(
  threads: BlobThreads,
  hexes: readonly string[] | undefined,
  options: CallOptions & { readonly onProgress?: ((checked: number) => void) | undefined },
): AsyncGenerator<BlobDamage, void> {
  const { signal } = options;
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const source = hexes === undefined ? listAll(threads, both) : hexes;
  const running: Promise<readonly BlobDamage[]>[] = [];
  let begun = 0;
  let checked = 0;
  const finishOne = async (): Promise<readonly BlobDamage[]> => {
    const damages = (await running.shift()) ?? [];
    checked += 1;
    options.onProgress?.(checked);
    return damages;
  };
  try {
    for await (const hex of source) {
      const work = threads.call("verify", hex, { signal: both, thread: begun % threads.count });
      begun += 1;
      work.catch(() => undefined);
      running.push(work);
      if (running.length >= threads.count) yield* await finishOne();
    }
    while (running.length > 0) yield* await finishOne();
  } finally {
    stop.abort();
  }
}

async function* listAll(threads: BlobThreads, signal: AbortSignal): AsyncGenerator<string, void> {
  let after: string | undefined;
  for (;;) {
    const page = await threads.call("list", { limit: PAGE_BLOBS, after }, { signal });
    for (const { digest, state } of page) {
      if (state === "stored" || state === "referenced") yield digestHex(digest);
    }
    const last = page.at(-1);
    if (page.length < PAGE_BLOBS || last === undefined) return;
    after = digestHex(last.digest);
  }
}
