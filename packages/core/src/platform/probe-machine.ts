// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { FoundSoftware } from "./component-names.ts";

/** What a machine has beside this process's own Node. */
export interface MachineProbe {
  readonly software: readonly FoundSoftware[];
  /** Models of the GPUs that the driver shows. */
  readonly gpus: readonly string[];
}

/** A program that does not answer is taken for one that is not there. */
const WAIT_MS = 5000;

let probed: Promise<MachineProbe> | undefined;

/**
 * Looks for the C library, the compiler, the NVIDIA driver with its GPUs and the CUDA compiler. It looks once in
 * the life of the process.
 */
export function probeMachine(): Promise<MachineProbe> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<MachineProbe> {
  const [libc, gcc, nvcc, smi] = await Promise.all([
    output("getconf", ["GNU_LIBC_VERSION"]),
    output("gcc", ["-dumpfullversion"]),
    output("nvcc", ["--version"]),
    output("nvidia-smi", ["--query-gpu=driver_version,compute_cap,name", "--format=csv,noheader"]),
  ]);
  const gpus = (smi ?? "")
    .split("\n")
    .filter((line) => line.includes(", "))
    .map((line) => line.split(", "));
  const [driver, capability] = gpus[0] ?? [];
  const named: readonly (readonly [string, string | undefined])[] = [
    ["glibc", /^glibc (\d\S*)/.exec(libc ?? "")?.[1]],
    ["gcc", gcc?.trim()],
    ["cuda", /release (\d+\.\d+)/.exec(nvcc ?? "")?.[1]],
    ["nvidia-driver", driver],
    ["compute-capability", capability],
  ];
  return {
    software: named.flatMap(([name, version]) =>
      version === undefined || version === "" ? [] : [{ name, version }],
    ),
    gpus: gpus.map(([, , name = "unknown"]) => name),
  };
}

async function output(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(program, args, { timeout: WAIT_MS, maxBuffer: 1024 * 1024 })).stdout;
  } catch {
    return undefined;
  }
}
