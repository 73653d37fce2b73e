// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  describeBlobStore,
  describeGuest,
  describeRecordStore,
  describeRunStore,
} from "@rmtc/conformance/vitest";
import type { Role, RoleInstances } from "@rmtc/contract";
import { afterAll } from "vitest";
import { openRole } from "../src/index.ts";
import { fixtureCommand, startFixture } from "./fixtures/start-fixture.ts";

const guest = await startFixture("serve-stores");
afterAll(() => guest[Symbol.asyncDispose]());

/** Opens an instance of its own for each case, all in one process. */
const served =
  <R extends Role>(role: R) =>
  async (baseFolder: string): Promise<{ readonly store: RoleInstances[R] }> => ({
    store: await openRole(guest, role, {}, { baseFolder }),
  });

// The memory stores show at full size that they let the event loop run on; here the wire is what is tested.
const part = { scale: 0.1 };
describeRecordStore("MemoryRecordStore over stdio", served("recordStore"), part);
describeBlobStore("MemoryBlobStore over stdio", served("blobStore"), part);
describeRunStore("MemoryRunStore over stdio", served("runStore"), part);

describeGuest("A guest that serves stores", fixtureCommand("serve-stores"));
const losses = [{ name: "matte", loss: "bce", output: "alpha", target: "matte", weight: 1 }];
describeGuest("A guest that serves a strategy", fixtureCommand("serve-strategy"), { options: { losses } });
