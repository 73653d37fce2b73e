// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";

/** Reads an iterable to its end. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
}

/** Reads keyset pages to the last one. Fails when a cursor comes twice, because that would go on for ever. */
export async function collectPages<P extends { readonly next?: string | undefined }>(
  read: (cursor: string | undefined) => Promise<P>,
): Promise<P[]> {
  const pages: P[] = [];
  const seen = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const page = await read(cursor);
    pages.push(page);
    cursor = page.next;
    if (cursor === undefined) return pages;
    assert.ok(!seen.has(cursor), "the same page cursor came twice");
    seen.add(cursor);
  }
}
