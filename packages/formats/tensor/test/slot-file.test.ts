// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSlotFile, openSafetensors, openSlotFile } from "../src/index.ts";
import { counting } from "./any-tensor.ts";
import { rejectionOf } from "./refusal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const specs = [
  { name: "in.plate", dtype: "F16", shape: [3, 5, 3] },
  { name: "in.mask", dtype: "U8", shape: [7] },
  { name: "out.matte", dtype: "F32", shape: [2, 3] },
] as const;

describe("slot files", () => {
  it("are valid safetensors whose tensors start at multiples of 64, in the order given (RMTC-TEN-095)", async () => {
    const path = join(await temporaryFolder(), "slots");
    await using slots = await createSlotFile(path, specs, { metadata: { frame: "1001" } });
    expect([...slots.tensors.keys()]).toEqual(specs.map(({ name }) => name));
    await using file = await openSafetensors(path);
    expect(file.metadata.get("frame")).toBe("1001");
    expect([...file.tensors.keys()]).toEqual([
      "in.plate",
      "rmtc.pad.0",
      "in.mask",
      "rmtc.pad.1",
      "out.matte",
    ]);
    for (const { name } of specs) expect((file.tensors.get(name)?.byteOffset ?? 1) % 64).toBe(0);
    expect(file.tensors.get("in.plate")?.byteOffset).toBe(4096);
  });

  it("hand tensors over from one opener to another, into memory that is used again", async () => {
    const path = join(await temporaryFolder(), "slots");
    await using writer = await createSlotFile(path, specs);
    await using reader = await openSlotFile(path);
    const target = new Float32Array(6);
    expect((await reader.read("out.matte", target)).data).toEqual(new Float32Array(6));
    await writer.write("out.matte", counting([2, 3]).data);
    const tensor = await reader.read("out.matte", target);
    expect(tensor.data).toBe(target);
    expect(tensor).toEqual(counting([2, 3]));
    await reader.write("in.mask", Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
    expect((await writer.read("in.mask")).data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
  });

  it("refuse unknown names, fillers, data that does not fit, reserved names and paths that are taken (RMTC-TEN-096)", async () => {
    const folder = await temporaryFolder();
    await using slots = await createSlotFile(join(folder, "slots"), specs);
    expect(await rejectionOf(slots.read("rmtc.pad.0"))).toBe("RMTC_NOT_FOUND");
    expect(await rejectionOf(slots.write("in.mask", new Uint8Array(6)))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(await rejectionOf(slots.read("in.mask", new Uint8Array(6)))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(await rejectionOf(createSlotFile(join(folder, "slots"), specs))).toBe("RMTC_OPTION_INVALID");
    const reserved = [{ name: "rmtc.pad.7", dtype: "U8", shape: [1] }] as const;
    expect(await rejectionOf(createSlotFile(join(folder, "other"), reserved))).toBe("RMTC_OPTION_INVALID");
    await writeFile(join(folder, "text"), "no slots in here");
    expect(await rejectionOf(openSlotFile(join(folder, "text")))).toBe("RMTC_FORMAT_INVALID");
  });
});
