// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { jsonFiles, readText } from "./read-json.ts";

const draft = new URL("../draft/", import.meta.url);
const names = (await readdir(draft)).filter((name) => name.endsWith(".md")).sort();
const texts = new Map(
  await Promise.all(names.map(async (name) => [name, await readText(`draft/${name}`)] as const)),
);
const demand = /^(?:- )?<a id="(rmtc-[a-z]{3}-\d{3})"><\/a>\*\*(RMTC-[A-Z]{3}-\d{3})\*\* /gm;
const numbers = [...texts.values()].flatMap((text) =>
  [...text.matchAll(demand)].map(([, anchor, number]) => ({ anchor, number })),
);

describe("the texts", () => {
  it("number each demand once, with the number in lower case as its anchor", () => {
    expect(numbers.length).toBeGreaterThan(0);
    expect(new Set(numbers.map(({ number }) => number)).size).toBe(numbers.length);
    for (const { anchor, number } of numbers) expect(anchor).toBe(number?.toLowerCase());
  });

  it.each(names)("%s numbers everything that it demands", (name) => {
    for (const line of (texts.get(name) ?? "").split("\n")) {
      if (/\bMUST\b/.test(line) && !line.startsWith("The key words ")) {
        expect(line).toMatch(/^(- )?<a id="rmtc-[a-z]{3}-\d{3}"><\/a>\*\*RMTC-/);
      }
    }
  });

  it.each(names)("%s leads only to files and anchors that are there", (name) => {
    const text = texts.get(name) ?? "";
    for (const [, path] of text.matchAll(/`((?:vectors|schemas)\/[^`]+)`/g)) {
      expect(existsSync(new URL(path as string, draft)), path).toBe(true);
    }
    for (const [, file, anchor] of text.matchAll(/\]\((?!https:)([^)#]*)#?([^)]*)\)/g)) {
      if (file !== "") expect(existsSync(new URL(file as string, draft)), file).toBe(true);
      const target = texts.get(file === "" || file === undefined ? name : file) ?? "";
      const headings = [...target.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title?.toLowerCase().replaceAll(" ", "-"),
      );
      expect(anchor === "" || headings.includes(anchor) || target.includes(`id="${anchor}"`), anchor).toBe(
        true,
      );
    }
  });

  it("have every demand that the vectors say they are about", async () => {
    const known = new Set(numbers.map(({ number }) => number));
    const files = await Promise.all(
      ["", "kinds/", "documents/"].map(async (folder) =>
        (await jsonFiles(`draft/vectors/${folder}`)).map((name) => `${folder}${name}`),
      ),
    );
    for (const file of files.flat()) {
      const { description } = JSON.parse(await readText(`draft/vectors/${file}`)) as { description: string };
      const cited = description.match(/RMTC-[A-Z]{3}-\d{3}/g) ?? [];
      expect(cited.length, file).toBeGreaterThan(0);
      for (const number of cited) expect(known, file).toContain(number);
    }
  });
});
