// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { strategy, strategy as default } from "./extension.ts";
export { type PairedOptions, type PairedOptionsInput, pairedOptions } from "./paired-options.ts";
export { PairedStrategy } from "./paired-strategy.ts";
