// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesWords, wordsOf } from "../src/index.ts";

describe("wordsOf", () => {
  it.each<[string, readonly string[]]>([
    ["Zoë Saldaña", ["zoe", "saldana"]],
    ["sh010_plate-v003.exr", ["sh010", "plate", "v003", "exr"]],
    ["hero  hero HERO", ["hero"]],
    ["ﬁlm №5 ²", ["film", "no5", "2"]],
    ["İstanbul", ["istanbul"]],
    ["ΟΔΟΣ ΟΔΟΣ2", ["οδοσ", "οδοσ2"]],
    ["宇宙 ロト", ["宇宙", "ロト"]],
    ["🎬 — !", []],
    ["", []],
  ])("splits %j", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it("leaves its own words as they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(wordsOf(wordsOf(text).join(" "))).toEqual(wordsOf(text));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("matchesWords", () => {
  it("wants every word of the query to begin some word of the text, in any order", () => {
    expect(matchesWords("Zoë hero roto", "zoe")).toBe(true);
    expect(matchesWords("Zoë hero roto", "ROT he")).toBe(true);
    expect(matchesWords("Zoë hero roto", "oto")).toBe(false);
    expect(matchesWords("Zoë hero roto", "hero plate")).toBe(false);
  });
});
