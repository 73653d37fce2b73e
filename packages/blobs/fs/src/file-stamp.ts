// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { BigIntStats } from "node:fs";
import { statfsSync } from "node:fs";

/** What changes when a file's bytes change, by what the file system says of it. Nanoseconds since 1970. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

/** File systems of the machine itself, by `f_type` of statfs(2): ext, xfs, btrfs, tmpfs, f2fs, zfs, overlay, bcachefs. */
const LOCAL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0xf2f52010, 0x2fc12fc1, 0x794c7630, 0xca451a4e,
]);
/** Local file systems take their times from the kernel's tick, which is 10 ms or shorter. */
const LOCAL_TICK_MS = 20;
/** Remote ones have clocks and granularities of their own. */
const REMOTE_TICK_MS = 2000;

const tickByDevice = new Map<bigint, number>();

/** Reads a stamp off the result of a `stat` with `bigint`. */
export function stampOf(stat: BigIntStats): FileStamp {
  return {
    device: stat.dev,
    inode: stat.ino,
    sizeBytes: Number(stat.size),
    modifiedNs: stat.mtimeNs,
    changedNs: stat.ctimeNs,
  };
}

/** Tells whether two stamps are those of one unchanged file. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return (
    a.changedNs === b.changedNs &&
    a.modifiedNs === b.modifiedNs &&
    a.sizeBytes === b.sizeBytes &&
    a.inode === b.inode &&
    a.device === b.device
  );
}

/**
 * Returns for how many milliseconds more a change of the file could go unseen, because it would get the times
 * that the stamp has already. What is hashed before must not be remembered under the stamp.
 */
export function unsettledMs(stamp: FileStamp, path: string): number {
  const ageMs = Date.now() - Number(stamp.changedNs / 1_000_000n);
  if (ageMs > REMOTE_TICK_MS) return 0;
  return Math.max(0, tickMs(stamp.device, path) - ageMs);
}

function tickMs(device: bigint, path: string): number {
  let tick = tickByDevice.get(device);
  if (tick === undefined) {
    tick = LOCAL_FILE_SYSTEMS.has(statfsSync(path).type) ? LOCAL_TICK_MS : REMOTE_TICK_MS;
    tickByDevice.set(device, tick);
  }
  return tick;
}
