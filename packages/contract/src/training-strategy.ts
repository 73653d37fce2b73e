// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { LossTerm, TrainingPlan } from "@rmtc/spec";
import type { CallOptions } from "./call-options.ts";

/** What a strategy can do beyond the contract. */
export interface TrainingStrategyCapabilities {
  /** How many inputs go with how many targets, for example `1:1`. */
  readonly correlation: string;
}

/** One training item as a strategy sees it. */
export interface PlanItem {
  readonly key: string;
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
}

export interface PlanRequest {
  readonly items: readonly PlanItem[];
  /** Seed of every random choice, 0 to 2^53 - 1. */
  readonly seed: number;
  /** The first step wanted, from 1. */
  readonly fromStep: number;
  /** How many steps are wanted. */
  readonly stepCount: number;
}

/**
 * Says what is learnt from what: a seeded plan of samples and named loss terms, as data, so that one strategy
 * drives every trainer.
 *
 * The plan is a function of options, items, seed and step alone: asked for in any pages, on any machine, it is
 * the same.
 *
 * @see spec/draft/training-strategy.md
 */
export interface TrainingStrategy extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: TrainingStrategyCapabilities;

  /** The loss terms of every step. */
  readonly losses: readonly LossTerm[];

  /**
   * Returns consecutive steps of the plan.
   *
   * @throws RMTC_LAYOUT_MISMATCH when an item is smaller than the crop.
   */
  plan(request: PlanRequest, options?: CallOptions): Promise<TrainingPlan>;
}
