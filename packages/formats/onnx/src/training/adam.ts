// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphBuilder } from "../graph-builder.ts";
import type { GraphValue } from "../graph-value.ts";

/** Settings of Adam that are part of the graph. */
export interface AdamOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  readonly beta1?: number | undefined;
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the mean square. Default 1e-8. */
  readonly epsilon?: number | undefined;
}

/** What changes with every step, and so comes in as inputs. */
export interface AdamScalars {
  /** η / (1 - β₁ᵗ) */
  readonly stepSize: number;
  /** 1 / √(1 - β₂ᵗ) */
  readonly secondScale: number;
}

/** One state of the optimizer, each part one vector over all parameters. */
export interface AdamState {
  readonly parameters: GraphValue;
  readonly firstMoment: GraphValue;
  readonly secondMoment: GraphValue;
}

const DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Computes the inputs of step `step`, counted from 1. */
export function adamScalars(step: number, learningRate: number, options: AdamOptions = {}): AdamScalars {
  const { beta1, beta2 } = { ...DEFAULTS, ...definedOnly(options) };
  return {
    stepSize: learningRate / (1 - beta1 ** step),
    secondScale: 1 / Math.sqrt(1 - beta2 ** step),
  };
}

/**
 * Adds one step of Adam, in the form that PyTorch computes:
 * m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², θ ← θ - stepSize · m / (√v · secondScale + ε).
 *
 * @see Kingma and Ba, Adam: A Method for Stochastic Optimization, https://arxiv.org/abs/1412.6980, algorithm 1
 */
export function addAdam(
  graph: GraphBuilder,
  state: AdamState,
  gradient: GraphValue,
  scalars: { readonly stepSize: GraphValue; readonly secondScale: GraphValue },
  options: AdamOptions = {},
): AdamState {
  const { beta1, beta2, epsilon } = { ...DEFAULTS, ...definedOnly(options) };
  const number = (value: number): GraphValue => graph.scalar(value, gradient);
  const blend = (old: GraphValue, fresh: GraphValue, keep: number): GraphValue =>
    graph.add("Add", [graph.add("Mul", [old, number(keep)]), graph.add("Mul", [fresh, number(1 - keep)])]);
  const firstMoment = blend(state.firstMoment, gradient, beta1);
  const secondMoment = blend(state.secondMoment, graph.add("Mul", [gradient, gradient]), beta2);
  const root = graph.add("Mul", [graph.add("Sqrt", [secondMoment]), scalars.secondScale]);
  const direction = graph.add("Div", [firstMoment, graph.add("Add", [root, number(epsilon)])]);
  const change = graph.add("Mul", [direction, scalars.stepSize]);
  return { parameters: graph.add("Sub", [state.parameters, change]), firstMoment, secondMoment };
}

function definedOnly(options: AdamOptions): { beta1?: number; beta2?: number; epsilon?: number } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
