// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { sealedTextDigest } from "../../src/index.ts";
import { fixedSalt, outcome, type VectorFile } from "./vector-file.ts";

/** Prompts, and the digests that stand for them where the text is sealed. */
export function sealedTextVectors(): VectorFile {
  const seal = (description: string, text: string, salt: string) => ({
    description,
    text,
    salt,
    ...outcome(() => ({ digest: sealedTextDigest(text, salt) })),
  });
  return {
    description:
      "Texts of prompts with salts, and the digest of the sealed text, or the code and pointer of the refusal. The salts are fixed for the test only. RMTC-PRV-032.",
    tests: [
      seal("seals a prompt", "wet street at dusk", fixedSalt(1)),
      seal("seals the same prompt under another salt", "wet street at dusk", fixedSalt(2)),
      seal("seals text beyond ASCII and line ends", 'Zoë, am Fenster\n🎬 "close-up"', fixedSalt(1)),
      seal("refuses a lone surrogate", "dusk \ud83c", fixedSalt(1)),
    ],
  };
}
