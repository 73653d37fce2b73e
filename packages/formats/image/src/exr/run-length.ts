// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/**
 * Expands run-length coded bytes: a count of 0 to 127 repeats the next byte count + 1 times, a negative one
 * takes that many bytes as they are.
 *
 * @throws RMTC_FORMAT_INVALID when the runs do not make exactly `size` bytes.
 */
export function expandRuns(source: Uint8Array, size: number): Uint8Array {
  const target = new Uint8Array(size);
  let to = 0;
  for (let from = 0; from < source.length; ) {
    const count = ((source[from++] as number) << 24) >> 24;
    const length = count < 0 ? -count : count + 1;
    const needed = count < 0 ? length : 1;
    if (to + length > size || from + needed > source.length) throw damaged(size);
    if (count < 0) target.set(source.subarray(from, from + length), to);
    else target.fill(source[from] as number, to, to + length);
    from += needed;
    to += length;
  }
  if (to !== size) throw damaged(size);
  return target;
}

/** Codes runs of three or more equal bytes, or gives `undefined` when that does not make `source` smaller. */
export function collapseRuns(source: Uint8Array): Uint8Array | undefined {
  const target = new Uint8Array(source.length);
  const end = source.length;
  let to = 0;
  for (let from = 0; from < end; ) {
    const value = source[from];
    let next = from + 1;
    while (next < end && source[next] === value && next - from < 128) next++;
    if (next - from >= 3) {
      if (to + 2 > end) return undefined;
      target[to++] = next - from - 1;
      target[to++] = value as number;
    } else {
      next = endOfLiteral(source, from);
      if (to + 1 + next - from > end) return undefined;
      target[to++] = from - next;
      target.set(source.subarray(from, next), to);
      to += next - from;
    }
    from = next;
  }
  return to < end ? target.subarray(0, to) : undefined;
}

/** Ends after at most 127 bytes, or where three equal bytes start. */
function endOfLiteral(source: Uint8Array, from: number): number {
  const end = Math.min(source.length, from + 127);
  let at = from + 1;
  while (at < end && !(source[at] === source[at + 1] && source[at] === source[at + 2])) at++;
  return at;
}

function damaged(size: number): RmtcError {
  return new RmtcError(
    "RMTC_FORMAT_INVALID",
    `An RLE chunk of the EXR file does not expand to its ${size} bytes.`,
  );
}
