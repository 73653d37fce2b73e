// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type BlobStore,
  type Converter,
  type Inferer,
  RmtcError,
  type Scheduler,
  type Trainer,
} from "@rmtc/contract";
import { onnxToBytes } from "@rmtc/onnx";
import { MemoryRunStore } from "@rmtc/store-memory";
import { onnxNetworks } from "../../src/cases/inferer/onnx-networks.ts";
import type { TestedRole, TestedRoles } from "../../src/conformance-case.ts";
import type { FixtureWeights, NetworkName } from "../../src/fixture.ts";
import type { Subject } from "../../src/subject.ts";
import { MemoryConverter } from "./converter/memory-converter.ts";
import { DamageableBlobStore, DamageableRecordStore } from "./damaged-stores.ts";
import type { Double, Methods } from "./double.ts";
import { altered, handleOn } from "./handle.ts";
import { MemoryInferer } from "./inferer/memory-inferer.ts";
import { MemoryScheduler } from "./scheduler/memory-scheduler.ts";
import { MemoryTrainer } from "./trainer/memory-trainer.ts";
import { MemoryStrategy, pairedOptions } from "./training-strategy/memory-strategy.ts";

type Base = NonNullable<Double["base"]>;

type MakeSubject<R extends TestedRole> = (
  folder: string,
  base: Base,
  alter: Double<TestedRoles[R]>["alter"],
  note?: (method: string) => void,
) => Promise<Subject<TestedRoles[R]>>;

/** For each role, makes a subject that is right but for what `alter` changes. */
export const makeSubjects: { readonly [R in TestedRole]: MakeSubject<R> } = {
  recordStore: async (_folder, base, alter, note) => {
    const inner = new DamageableRecordStore();
    const full = base === "full";
    const capabilities = full ? { durable: true, concurrentWriters: true } : {};
    let instances = 0;
    const open = () => {
      const good = handleOn(inner, capabilities, note);
      return altered(good, alter(good, instances++));
    };
    return {
      store: open(),
      ...(full ? { reopen: async () => open(), damage: async (id: string) => inner.damage(id) } : {}),
    };
  },
  blobStore: async (folder, base, alter, note) => {
    const inner = new DamageableBlobStore();
    const full = base === "full";
    const capabilities = full ? { durable: true, localPaths: true } : { references: false, resumable: false };
    let instances = 0;
    const open = () => {
      const rest = full ? localPaths(inner, folder) : unsupported(inner);
      const good = handleOn(altered<BlobStore>(inner, rest), capabilities, note);
      return altered(good, alter(good, instances++));
    };
    return {
      store: open(),
      ...(full ? { reopen: async () => open(), damage: async (digest: string) => inner.damage(digest) } : {}),
    };
  },
  runStore: async (_folder, base, alter, note) => {
    const inner = new MemoryRunStore();
    const full = base === "full";
    const capabilities = full ? { durable: true, concurrentWriters: true } : { compareAndSet: false };
    let instances = 0;
    const open = () => {
      const good = handleOn(full ? inner : altered(inner, withoutComparing(inner)), capabilities, note);
      return altered(good, alter(good, instances++));
    };
    return { store: open(), ...(full ? { reopen: async () => open() } : {}) };
  },
  trainingStrategy: async (_folder, base, alter, note) => {
    const good = handleOn(new MemoryStrategy(), {}, note, "RMTC_STATE_INVALID");
    const fixture = base === "full" ? { paired: pairedOptions } : {};
    return { store: altered(good, alter(good, 0)), fixture };
  },
  trainer: async (_folder, base, alter, note) => {
    const inner = new MemoryTrainer(base === "full");
    const good = handleOn<Trainer>(inner, {}, note, "RMTC_STATE_INVALID");
    const otherArchitecture = { name: "linear", options: { channels: 3 } };
    const steps = 40;
    return {
      store: altered(good, alter(good, 0)),
      ...(base === "full" ? { fixture: { steps, otherArchitecture }, kill: async () => inner.crash() } : {}),
    };
  },
  scheduler: async (_folder, base, alter, note) => {
    const full = base === "full";
    const inner = new MemoryScheduler(full);
    let instances = 0;
    const open = () => {
      const good = handleOn<Scheduler>(inner, {}, note);
      return altered(good, alter(good, instances++));
    };
    const reopen = async () => {
      inner.wake();
      return open();
    };
    return { store: open(), ...(full ? { reopen, kill: async () => inner.crash() } : {}) };
  },
  inferer: async (folder, base, alter, note) => {
    const inner = new MemoryInferer(base === "full" ? undefined : "application/vnd.example");
    const good = closing(handleOn<Inferer>(inner, {}, note, "RMTC_STATE_INVALID"), inner);
    const store = altered(good, alter(good, 0));
    if (base === "full") return { store, kill: async () => inner.crash() };
    const weights: Partial<Record<NetworkName, FixtureWeights>> = {};
    for (const [name, network] of Object.entries(onnxNetworks)) {
      const path = join(folder, `${name}.bin`);
      if (folder !== "") await writeFile(path, onnxToBytes(network()));
      weights[name as NetworkName] = { path, mediaType: "application/vnd.example" };
    }
    return { store, fixture: { weights } };
  },
  converter: async (_folder, _base, alter, note) => {
    const good = handleOn<Converter>(new MemoryConverter(), {}, note, "RMTC_STATE_INVALID");
    return { store: altered(good, alter(good, 0)) };
  },
};

/** Closes what a handle stands for together with it. */
function closing(handle: Inferer, inner: Inferer): Inferer {
  return altered(handle, {
    async [Symbol.asyncDispose]() {
      await inner[Symbol.asyncDispose]();
      await handle[Symbol.asyncDispose]();
    },
  });
}

/** What the memory store cannot do: give a path. */
function localPaths(inner: DamageableBlobStore, folder: string): Partial<Methods<BlobStore>> {
  return {
    async localPath(digest, options) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of inner.read(digest, options)) chunks.push(chunk);
      await mkdir(folder, { recursive: true });
      const path = join(folder, digest.slice("sha256:".length));
      await writeFile(path, Buffer.concat(chunks));
      return path;
    },
  };
}

/** What a blob store without abilities does with calls that need them. */
function unsupported(inner: DamageableBlobStore): Partial<Methods<BlobStore>> {
  const refuse = (): RmtcError => new RmtcError("RMTC_UNSUPPORTED", "This store cannot do that.");
  return {
    async putFiles(request, options) {
      if (request.mode === "reference") throw refuse();
      return await inner.putFiles(request, options);
    },
    async resumeWrite() {
      throw refuse();
    },
  };
}

function withoutComparing(inner: MemoryRunStore): Partial<Methods<MemoryRunStore>> {
  return {
    async setAlias(request, options) {
      if (request.expect !== undefined) throw new RmtcError("RMTC_UNSUPPORTED", "This store cannot compare.");
      return await inner.setAlias(request, options);
    },
  };
}
