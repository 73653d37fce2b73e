// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, Salt } from "@rmtc/spec";
import { canonicalJson } from "./canonical-json.ts";
import { sha256 } from "./sha256.ts";

/**
 * Computes the digest that stands for a prompt whose text is sealed: SHA-256(JCS([salt, "prompt", text])).
 *
 * Whoever is given the text and the salt can check that they belong to the record.
 *
 * @throws RMTC_JSON_INVALID when the text is not I-JSON.
 * @see spec/draft/provenance.md#generative-inference
 */
export function sealedTextDigest(text: string, salt: Salt): Digest {
  return sha256(`["${salt}","prompt",${canonicalJson(text, "/text")}]`);
}
