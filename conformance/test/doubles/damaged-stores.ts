// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { partHashOfJson } from "@rmtc/attest";
import type { Digest, RecordId } from "@rmtc/spec";
import { MemoryBlobStore, MemoryRecordStore } from "@rmtc/store-memory";

/** A memory record store whose kept bytes can be changed. */
export class DamageableRecordStore extends MemoryRecordStore {
  damage(id: RecordId): void {
    const row = this.rows.get(id);
    if (row === undefined) throw new Error(`There is no record ${id} to damage.`);
    const [part] = row.disclosed.values();
    if (part === undefined) this.rows.set(id, { ...row, envelope: row.envelope.replace("Z", "Y") });
    else {
      const json = part.json.replace(/[a-z0-9]/, (character) => (character === "x" ? "y" : "x"));
      if (partHashOfJson(part.name, json, part.salt) === partHashOfJson(part.name, part.json, part.salt)) {
        throw new Error(`There is nothing to damage in ${part.json}.`);
      }
      this.rows.set(id, { ...row, disclosed: new Map([...row.disclosed, [part.name, { ...part, json }]]) });
    }
  }
}

/** A memory blob store whose kept bytes can be changed, and which trusts file times sooner. */
export class DamageableBlobStore extends MemoryBlobStore {
  protected override readonly settledAfterMs: number = 25;

  damage(digest: Digest): void {
    const blob = this.blobs.get(digest);
    if (blob?.bytes === undefined) throw new Error(`There are no bytes of ${digest} to damage.`);
    const bytes = Buffer.from(blob.bytes);
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    this.blobs.set(digest, { ...blob, bytes });
  }
}
