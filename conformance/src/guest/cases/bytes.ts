// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sampleBytes } from "../../cases/support/bytes.ts";
import type { GuestCase, GuestDescription } from "../guest-case.ts";
import type { GuestTalk } from "../guest-talk.ts";

const pageBytes = 8 * 1024 * 1024;
const mostBytes = 16 * 1024 * 1024;

/** A place of bytes, and the name that the suite gave for it. */
interface Page {
  readonly place: { readonly file: string; readonly offset: number; readonly length: number };
  readonly file: string;
}

const keepsBlobs = ({ extensions }: GuestDescription): boolean =>
  extensions.some(({ role }) => role === "blobStore");

/** How a guest hands out bytes. */
export const bytesCases: readonly GuestCase[] = [
  {
    id: "guest.bytes.pages",
    level: "must",
    spec: "wire.md#rmtc-wir-077",
    title: "hands out bytes in values of 1 byte to 16 MiB, and none of an empty blob",
    when: keepsBlobs,
    async run({ begin, open }) {
      const talk = await begin();
      const { instance } = await open(talk, "blobStore");
      const large = sampleBytes(mostBytes + 1);
      const pages = await readPages(talk, instance, await writeBlob(talk, instance, large));
      const lengths = pages.map(({ place }) => place.length);
      assert.ok(
        lengths.every((length) => length >= 1 && length <= mostBytes),
        `values of ${lengths} bytes`,
      );
      assert.equal(
        lengths.reduce((sum, length) => sum + length, 0),
        large.length,
      );
      const empty = await writeBlob(talk, instance, new Uint8Array(0));
      assert.deepEqual(await readPages(talk, instance, empty), [], "an empty blob has a value");
    },
  },
  {
    id: "guest.bytes.named-file",
    level: "must",
    spec: "wire.md#rmtc-wir-075",
    title: "writes bytes into the file that the host named, and into no other",
    when: keepsBlobs,
    async run({ begin, open }) {
      const talk = await begin();
      const { instance } = await open(talk, "blobStore");
      const digest = await writeBlob(talk, instance, sampleBytes(1_000));
      const before = await readdir(talk.exchange);
      const pages = await readPages(talk, instance, digest);
      for (const { place, file } of pages) assert.equal(place.file, file);
      const more = (await readdir(talk.exchange)).filter((name) => !before.includes(name));
      assert.deepEqual(more.sort(), pages.map(({ file }) => file).sort());
    },
  },
  {
    id: "guest.bytes.aligned",
    level: "must",
    spec: "wire.md#rmtc-wir-073",
    title: "puts bytes at an offset that is a multiple of 64",
    when: keepsBlobs,
    async run({ begin, open }) {
      const talk = await begin();
      const { instance } = await open(talk, "blobStore");
      const bytes = sampleBytes(1_000);
      const [page] = await readPages(talk, instance, await writeBlob(talk, instance, bytes));
      assert.ok(page, "there are no bytes");
      const { file: name, offset, length } = page.place;
      assert.equal(offset % 64, 0, `they begin at ${offset}`);
      const file = await readFile(join(talk.exchange, name));
      assert.deepEqual([...file.subarray(offset, offset + length)], [...bytes.subarray(0, length)]);
    },
  },
  {
    id: "guest.bytes.within-file",
    level: "must",
    spec: "wire.md#rmtc-wir-072",
    title: "names places that lie within their file",
    when: keepsBlobs,
    async run({ begin, open }) {
      const talk = await begin();
      const { instance } = await open(talk, "blobStore");
      const digest = await writeBlob(talk, instance, sampleBytes(1_000));
      for (const { place } of await readPages(talk, instance, digest)) {
        const { size } = await stat(join(talk.exchange, place.file));
        assert.ok(place.offset + place.length <= size, `${place.length} bytes of ${size}`);
      }
    },
  },
  {
    id: "guest.messages.own-ids",
    level: "must",
    spec: "wire.md#rmtc-wir-010",
    title: "uses no id twice for requests of its own",
    when: keepsBlobs,
    async run({ begin, open }) {
      const talk = await begin();
      const { instance } = await open(talk, "blobStore");
      await writeBlob(talk, instance, sampleBytes(1_000));
      const ids = talk.heard.flatMap(({ id, method }) => (method === undefined ? [] : [id]));
      assert.deepEqual(ids, [...new Set(ids)]);
    },
  },
];

/** Writes a blob by a stream that the guest reads, and returns its digest. */
export async function writeBlob(talk: GuestTalk, instance: number, bytes: Uint8Array): Promise<string> {
  let sent = 0;
  talk.answers.set("next", async () => {
    const page = bytes.subarray(sent, sent + pageBytes);
    sent += page.length;
    if (page.length === 0) return { done: true };
    await writeFile(join(talk.exchange, "lent"), page);
    return { done: false, value: { file: "lent", offset: 0, length: page.length } };
  });
  talk.answers.set("end", () => null);
  const written = await talk.ask("blobStore/write", { instance, bytes: { stream: 1 } });
  return (written as { readonly digest: string }).digest;
}

async function readPages(talk: GuestTalk, instance: number, digest: string): Promise<readonly Page[]> {
  const { stream } = (await talk.ask("blobStore/read", { instance, digest })) as { readonly stream: number };
  const pages: Page[] = [];
  for (;;) {
    const file = `page${pages.length}`;
    const item = (await talk.ask("next", { stream, file })) as {
      readonly done: boolean;
      readonly value: Page["place"];
    };
    if (item.done) return pages;
    pages.push({ place: item.value, file });
  }
}
