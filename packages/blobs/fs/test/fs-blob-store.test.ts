// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  watch,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import extension, { FsBlobStore } from "../src/index.ts";
import { collect } from "./support/collect.ts";
import { runManyWrites } from "./support/many-writes.ts";

const execute = promisify(execFile);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-blob-fs-"));
  path = join(folder, "store");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("keeps blobs as read-only files named by their digests", async () => {
  await using store = await FsBlobStore.open({ path });
  const { digest } = await store.write(bytes("plate"));
  const hex = hash("sha256", "plate");
  const file = join(path, "sha256", hex.slice(0, 2), hex.slice(2));
  expect(await store.localPath(digest)).toBe(file);
  expect((await stat(file)).mode & 0o777).toBe(0o444);
  const source = await sourceFile("matte", "matte");
  await store.putFiles({ mode: "copy", files: [{ path: source }] });
  expect((await stat(await store.localPath(digestOf("matte")))).mode & 0o777).toBe(0o444);
});

test.for(["copy", "reference"] as const)("refuses links and pipes for mode %s", async (mode) => {
  await using store = await FsBlobStore.open({ path });
  const source = await sourceFile("plate.exr", "plate");
  const link = join(folder, "link.exr");
  await symlink(source, link);
  const pipe = join(folder, "pipe.exr");
  await execute("mkfifo", [pipe]);
  for (const odd of [link, pipe, "/dev/null"]) {
    await expect(store.putFiles({ mode, files: [{ path: source }, { path: odd }] })).rejects.toMatchObject({
      code: "RMTC_PATH_INVALID",
      subject: odd,
    });
  }
  expect(await store.list({ limit: 10 })).toEqual({ blobs: [] });
});

test("says which file may not be read, with the system's error as the cause", async () => {
  const source = await sourceFile("secret.exr", "secret");
  await chmod(source, 0o000);
  await using store = await FsBlobStore.open({ path });
  await chmod(folder, 0o755);
  await chmod(path, 0o777);
  await asNobody(store, async () => {
    await expect(store.putFiles({ mode: "copy", files: [{ path: source }] })).rejects.toMatchObject({
      code: "RMTC_ACCESS_DENIED",
      subject: source,
      cause: { code: "EACCES", syscall: "open" },
    });
  });
});

test("reads for a user who may not write, and says so when that user writes", async () => {
  await using owned = await FsBlobStore.open({ path });
  const { digest } = await owned.write(bytes("plate"));
  const source = await sourceFile("plate.exr", "other");
  await chmod(folder, 0o755);
  await asNobody(owned, async () => {
    await using store = await FsBlobStore.open({ path });
    expect(await collect(store.read(digest))).toEqual([Buffer.from("plate")]);
    expect(await collect(store.verify({}))).toEqual([]);
    const refusals = [
      store.write(bytes("more")),
      store.putFiles({ mode: "copy", files: [{ path: source }] }),
      store.erase(digest),
    ];
    for (const refusal of refusals)
      await expect(refusal).rejects.toMatchObject({ code: "RMTC_ACCESS_DENIED" });
  });
});

test("takes the same blobs in from several processes at once", async () => {
  const runs = await Promise.all([1, 2, 3].map(() => runManyWrites(folder, "", "stay")));
  for (const { killed } of runs) expect(killed).toBe(false);
  await using store = await FsBlobStore.open({ path });
  expect(await collect(store.verify({}))).toEqual([]);
  expect(await readdir(join(path, "tmp"))).toEqual([]);
});

test("removes what a dead process left, and leaves alone what a living one writes", async () => {
  await using living = await FsBlobStore.open({ path });
  const half = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const writing = living.write(
    (async function* () {
      yield Buffer.from("first ");
      asked.resolve();
      await half.promise;
      yield Buffer.from("second");
    })(),
  );
  await asked.promise;
  const [own = ""] = await readdir(join(path, "tmp"));
  const [machine] = own.split("-");
  await mkdir(join(path, "tmp", `${machine}-${2 ** 22 + 1}-1-00000000`));
  await using other = await FsBlobStore.open({ path });
  expect(await readdir(join(path, "tmp"))).toEqual([own]);
  half.resolve();
  const { digest } = await writing;
  expect(await other.status([digest])).toMatchObject([{ state: "stored", sizeBytes: 12 }]);
});

test("removes erased bytes that a process killed in the middle left", async () => {
  await using store = await FsBlobStore.open({ path });
  const { digest } = await store.write(bytes("performer"));
  const file = await store.localPath(digest);
  await store.erase(digest);
  await writeFile(file, "performer");
  await mkdir(join(path, "tmp"), { recursive: true });
  const [own = ""] = await readdir(join(path, "tmp"));
  await mkdir(join(path, "tmp", `${own.split("-")[0]}-${2 ** 22 + 1}-1-00000000`));
  await using _again = await FsBlobStore.open({ path });
  await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
});

test("erases for good what is being written at the same moment", async () => {
  await using writer = await FsBlobStore.open({ path });
  await using eraser = await FsBlobStore.open({ path });
  const digest = digestOf("performer");
  const source = await sourceFile("performer.exr", "performer");
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 10 }, () => writer.write(bytes("performer"))),
    eraser.erase(digest),
    ...Array.from({ length: 10 }, () => writer.putFiles({ mode: "copy", files: [{ path: source }] })),
  ]);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "RMTC_BLOB_ERASED" });
  }
  const hex = digest.slice("sha256:".length);
  expect(await readdir(join(path, "sha256", hex.slice(0, 2)))).toEqual([]);
});

test("ends a batch that is aborted in the middle of a large file, and leaves nothing", async () => {
  const store = await FsBlobStore.open({ path });
  await mkdir(join(path, "tmp"));
  const source = await sourceFile("plate.mov", "");
  await truncate(source, 600_000_000);
  const controller = new AbortController();
  const reason = new Error("enough");
  const begun = watch(join(path, "tmp"))[Symbol.asyncIterator]().next();
  const outcome = store
    .putFiles({ mode: "copy", files: [{ path: source }] }, { signal: controller.signal })
    .then(
      () => "it returned",
      (error: unknown) => error,
    );
  await begun;
  const start = performance.now();
  controller.abort(reason);
  expect(await outcome).toBe(reason);
  expect(performance.now() - start).toBeLessThan(100);
  expect(await store.list({ limit: 1 })).toEqual({ blobs: [] });
  await store[Symbol.asyncDispose]();
  expect(await readdir(join(path, "tmp"))).toEqual([]);
});

test("serves a blob from another place where it is registered when one was changed", async () => {
  await using store = await FsBlobStore.open({ path });
  const first = await sourceFile("first.exr", "plate");
  const second = await sourceFile("second.exr", "plate");
  await store.putFiles({ mode: "reference", files: [{ path: first }, { path: second }] });
  await writeFile(second, "retouched");
  expect(await store.localPath(digestOf("plate"))).toBe(first);
  await rm(first);
  await expect(store.localPath(digestOf("plate"))).rejects.toMatchObject({ code: "RMTC_DIGEST_MISMATCH" });
});

test("makes its index of unchanged files anew when it is damaged", async () => {
  const source = await sourceFile("plate.exr", "plate");
  const put = async (): Promise<boolean | undefined> => {
    await using store = await FsBlobStore.open({ path });
    return (await store.putFiles({ mode: "copy", files: [{ path: source }] }))[0]?.hashed;
  };
  expect([await put(), await put()]).toEqual([true, false]);
  for (const name of await readdir(join(path, "index"))) {
    await writeFile(
      join(path, "index", name),
      "no database at all, but longer than a header of 100 bytes ".repeat(9),
    );
  }
  expect([await put(), await put()]).toEqual([true, false]);
});

test("syncs each file by itself where there is no sync program", async () => {
  const { PATH } = process.env;
  process.env.PATH = "";
  try {
    await using store = await FsBlobStore.open({ path });
    const names = Array.from({ length: 40 }, (_, index) => `plate.${index}.exr`);
    const files = await Promise.all(names.map(async (name) => ({ path: await sourceFile(name, name) })));
    await store.putFiles({ mode: "copy", files });
    const states = await store.status(names.map(digestOf));
    expect(states.filter(({ state }) => state === "stored")).toHaveLength(40);
  } finally {
    process.env.PATH = PATH;
  }
});

test("refuses a folder of a newer version, and one that is something else", async () => {
  await mkdir(path);
  await writeFile(join(path, "format.json"), '{"format":"rmtc-blob-fs","version":2}');
  await expect(FsBlobStore.open({ path })).rejects.toMatchObject({ code: "RMTC_STORE_VERSION_UNKNOWN" });
  await writeFile(join(path, "format.json"), "[]");
  await expect(FsBlobStore.open({ path })).rejects.toMatchObject({ code: "RMTC_STORE_DAMAGED" });
});

test("opens as an extension, from the folder that relative paths start from", async () => {
  const validate = extension.options["~standard"].validate;
  expect(await validate({ path: "blobs", threads: 0 })).toMatchObject({ issues: [{ path: ["threads"] }] });
  expect(await validate({ folder: "blobs" })).toMatchObject({
    issues: [{ path: ["path"] }, { path: ["folder"] }],
  });
  expect(await validate("blobs")).toMatchObject({ issues: [{}] });
  const options = await validate({ path: "blobs" });
  if (options.issues !== undefined) throw new Error("The options are refused.");
  await using _store = await extension.open(options.value, { baseFolder: folder });
  expect(await readdir(join(folder, "blobs"))).toEqual(["format.json"]);
});

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function digestOf(text: string): string {
  return `sha256:${hash("sha256", text)}`;
}

async function sourceFile(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

/** Root may do everything: work as the unprivileged user 65534, with the store's code loaded before. */
async function asNobody(store: FsBlobStore, work: () => Promise<void>): Promise<void> {
  await store.status([]);
  const user = process.geteuid?.();
  if (user === 0) process.seteuid?.(65534);
  try {
    await work();
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
}
