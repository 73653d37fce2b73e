// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions } from "./call-options.ts";

/** What a converter can do. */
export interface ConverterCapabilities {
  /** From which media type it makes which. */
  readonly conversions: readonly { readonly from: string; readonly to: string }[];
}

export interface ConvertRequest {
  /** Absolute path of the file to convert. */
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** Absolute path of an existing folder for the results. */
  readonly outputFolder: string;
}

export interface ConvertResult {
  readonly files: readonly { readonly path: string; readonly mediaType: string }[];
  /** What changed. */
  readonly report: {
    /** One sentence for each change of layout or element type. */
    readonly changes: readonly string[];
    /** Largest absolute difference of outputs for the same inputs; missing if it was not measured. */
    readonly maxAbsoluteError?: number | undefined;
  };
}

/**
 * Makes a variant of an artifact in another format and reports what changed.
 *
 * @see spec/draft/converter.md
 */
export interface Converter extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: ConverterCapabilities;

  /** @throws RMTC_FORMAT_UNSUPPORTED when the pair is not in `capabilities`. */
  convert(request: ConvertRequest, options?: CallOptions): Promise<ConvertResult>;
}
