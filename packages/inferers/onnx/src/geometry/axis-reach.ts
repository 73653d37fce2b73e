// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Fraction, fraction, timesFraction, toNumber } from "./fraction.ts";

/**
 * How the elements of an inner value lie over the rows (or columns) of the network's input.
 *
 * Element `j` depends on input elements `step * j - before` to `step * j + after` and on no others. There are
 * `length / step + extra` elements for an input of `length`, whenever `length` is a multiple of the network's
 * stride. So equal shifts of the input shift every inner value equally, and tiles can stand for the whole.
 */
export interface AxisReach {
  /** Input elements from one element to the next; below one after an enlargement. */
  readonly step: Fraction;
  readonly before: number;
  readonly after: number;
  readonly extra: number;
}

/** The reach of the input itself. */
export const inputReach: AxisReach = { step: fraction(1, 1), before: 0, after: 0, extra: 0 };

/** A sliding window over one axis, as of Conv and the pools. */
export interface AxisWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
  readonly roundUp?: boolean;
}

/** Follows a sliding window: element `j` sees elements `j * stride - padBegin + t * dilation`. */
export function throughWindow(reach: AxisReach, window: AxisWindow): AxisReach {
  const { stride, padBegin, padEnd } = window;
  const span = window.dilation * (window.kernel - 1);
  const at = toNumber(reach.step);
  const round = window.roundUp === true ? Math.ceil : Math.floor;
  return {
    step: timesFraction(reach.step, fraction(stride, 1)),
    before: reach.before + at * padBegin,
    after: reach.after + at * (span - padBegin),
    extra: round((reach.extra + padBegin + padEnd - span - 1) / stride) + 1,
  };
}

/** Follows a transposed window: element `i` is fed by elements `j` with `i = j * stride - padBegin + t * dilation`. */
export function throughTransposedWindow(
  reach: AxisReach,
  window: AxisWindow & { readonly outputPadding: number },
): AxisReach {
  const { stride, padBegin, padEnd, outputPadding } = window;
  const span = window.dilation * (window.kernel - 1);
  const step = timesFraction(reach.step, fraction(1, stride));
  const at = toNumber(step);
  return {
    step,
    before: reach.before + at * (span - padBegin),
    after: reach.after + at * padBegin,
    extra: (reach.extra - 1) * stride - padBegin - padEnd + span + outputPadding + 1,
  };
}

/** A change of size by a fixed factor. */
export interface AxisResampling {
  /** Elements out for one element in. */
  readonly scale: Fraction;
  /** Returns the first and last element that output element `index` is made of. */
  readonly taps: (index: number) => readonly [number, number];
}

/** Follows a change of size; its taps repeat, so one period of them says all. */
export function throughResampling(reach: AxisReach, { scale, taps }: AxisResampling): AxisReach {
  const at = toNumber(reach.step);
  const factor = toNumber(scale);
  let before = 0;
  let after = 0;
  for (let index = 0; index < scale.numerator; index += 1) {
    const [first, last] = taps(index);
    before = Math.max(before, at * (index / factor - first));
    after = Math.max(after, at * (last - index / factor));
  }
  return {
    step: timesFraction(reach.step, fraction(scale.denominator, scale.numerator)),
    before: reach.before + before,
    after: reach.after + after,
    extra: Math.floor(reach.extra * factor),
  };
}

/** Follows padding (or, with negative numbers, cropping) at both ends. */
export function throughPadding(reach: AxisReach, begin: number, end: number): AxisReach {
  const shift = toNumber(reach.step) * begin;
  return {
    ...reach,
    before: reach.before + shift,
    after: reach.after - shift,
    extra: reach.extra + begin + end,
  };
}

/** Follows values that meet element by element; `undefined` if their elements do not lie alike. */
export function mergeReach(a: AxisReach, b: AxisReach): AxisReach | undefined {
  if (toNumber(a.step) !== toNumber(b.step) || a.extra !== b.extra) return undefined;
  return { ...a, before: Math.max(a.before, b.before), after: Math.max(a.after, b.after) };
}
