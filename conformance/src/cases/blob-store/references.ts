// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@rmtc/attest";
import type { BlobStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { assertBytes, inChunks, readAll } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { stateOf } from "./blob-state.ts";

/** How files are registered where they lie. */
export const referencesCases: readonly BlobStoreCase[] = [
  {
    id: "blob-store.references.read",
    level: "must",
    spec: "blob-store.md#rmtc-bst-050",
    title: "registers a file in place and reads its bytes through",
    when: ({ references }) => references,
    async run({ store, folder }) {
      const path = join(folder, "plate.exr");
      await writeFile(path, "0123456789");
      const digest = sha256("0123456789");
      const [result] = await store.putFiles({ files: [{ path }], mode: "reference" });
      assertSame(result, { path, digest, sizeBytes: 10, hashed: true });
      assertSame(await store.status([digest]), [{ digest, state: "referenced", sizeBytes: 10 }]);
      assertBytes(await readAll(store, digest), "0123456789");
      assertBytes(await readAll(store, digest, { range: { start: 3, end: 5 } }), "34");
    },
  },
  {
    id: "blob-store.references.changed",
    level: "must",
    spec: "blob-store.md#rmtc-bst-051",
    title: "gives out no bytes of a registered file that was changed, whole or in a range",
    when: ({ references }) => references,
    async run({ store, folder }) {
      const changes = ["another length", "987654321!"];
      for (const [index, changed] of changes.entries()) {
        const path = join(folder, `plate.${index}.exr`);
        const original = `012345678${index}`;
        await writeFile(path, original);
        const time = new Date("2020-01-01T00:00:00.000Z");
        await utimes(path, time, time);
        await store.putFiles({ files: [{ path }], mode: "reference" });
        const digest = sha256(original);
        assertBytes(await readAll(store, digest), original);
        await writeFile(path, changed);
        await utimes(path, time, time);
        await rejectsWith(() => readAll(store, digest), "RMTC_DIGEST_MISMATCH");
        await rejectsWith(
          () => readAll(store, digest, { range: { start: 0, end: 2 } }),
          "RMTC_DIGEST_MISMATCH",
        );
      }
    },
  },
  {
    id: "blob-store.references.touched",
    level: "must",
    spec: "blob-store.md#rmtc-bst-051",
    title: "reads on from a registered file whose times changed but not its bytes",
    when: ({ references }) => references,
    async run({ store, folder }) {
      const path = join(folder, "plate.exr");
      await writeFile(path, "unchanged");
      await store.putFiles({ files: [{ path }], mode: "reference" });
      await utimes(path, new Date(), new Date("2021-01-01T00:00:00.000Z"));
      assertBytes(await readAll(store, sha256("unchanged")), "unchanged");
      await writeFile(path, "unchanged");
      assertBytes(await readAll(store, sha256("unchanged")), "unchanged");
    },
  },
  {
    id: "blob-store.references.gone",
    level: "must",
    spec: "blob-store.md#rmtc-bst-051",
    title: "says that a registered file is gone, and takes the bytes again",
    when: ({ references }) => references,
    async run({ store, folder }) {
      const path = join(folder, "plate.exr");
      await writeFile(path, "gone");
      await store.putFiles({ files: [{ path }], mode: "reference" });
      await rm(path);
      await rejectsWith(() => readAll(store, sha256("gone")), "RMTC_DIGEST_MISMATCH");
      await store.write(inChunks("gone"));
      assertBytes(await readAll(store, sha256("gone")), "gone");
      assert.equal(await stateOf(store, sha256("gone")), "stored");
    },
  },
  {
    id: "blob-store.references.beside-copy",
    level: "must",
    spec: "blob-store.md#rmtc-bst-052",
    title: "keeps bytes that it holds when their file is registered too",
    when: ({ references }) => references,
    async run({ store, folder }) {
      const path = join(folder, "plate.exr");
      await writeFile(path, "held");
      await store.putFiles({ files: [{ path }], mode: "copy" });
      await store.putFiles({ files: [{ path }], mode: "reference" });
      await rm(path);
      assertBytes(await readAll(store, sha256("held")), "held");
    },
  },
  {
    id: "blob-store.references.verify",
    level: "must",
    spec: "blob-store.md#rmtc-bst-082",
    title: "names registered files that were changed or are gone as damage",
    when: ({ references }) => references,
    async run({ store, folder }) {
      const names = ["kept", "changed", "gone"];
      const paths = names.map((name) => join(folder, `${name}.exr`));
      for (const [index, path] of paths.entries()) await writeFile(path, `plate ${names[index]}`);
      await store.putFiles({ files: paths.map((path) => ({ path })), mode: "reference" });
      assertSame(await collect(store.verify({})), []);
      await writeFile(paths[1] ?? "", "plate CHANGED");
      await rm(paths[2] ?? "");
      const damages = await collect(store.verify({}));
      assertSame(
        damages.map(({ digest, path }) => `${digest} ${path}`).sort(),
        [`${sha256("plate changed")} ${paths[1]}`, `${sha256("plate gone")} ${paths[2]}`].sort(),
      );
    },
  },
  {
    id: "blob-store.references.unsupported",
    level: "must",
    spec: "blob-store.md#rmtc-bst-053",
    title: "refuses to register files in place when it does not declare to",
    when: ({ references }) => !references,
    async run({ store, folder }) {
      const path = join(folder, "plate.exr");
      await writeFile(path, "plate");
      await rejectsWith(() => store.putFiles({ files: [{ path }], mode: "reference" }), "RMTC_UNSUPPORTED");
      assert.equal(await stateOf(store, sha256("plate")), "neverHeld");
    },
  },
];
