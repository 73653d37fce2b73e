// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { renderStandard } from "../scripts/render.ts";
import { relations } from "../src/index.ts";
import { jsonFiles, readText } from "./read-json.ts";

describe("the rendered standard", async () => {
  const html = await renderStandard();
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id ?? "");
  const known = new Set(ids);

  it("has every anchor once", () => {
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it("leads only to anchors that it has, and to the web", () => {
    const links = [...html.matchAll(/ href="([^"]+)"/g)].map(([, href]) => href ?? "");
    expect(links.length).toBeGreaterThan(500);
    expect([...new Set(links.filter((href) => !/^https:/.test(href) && !known.has(href.slice(1))))]).toEqual(
      [],
    );
  });

  it("needs no other file", () => {
    expect(html).not.toMatch(/<(script|link|img|iframe)\b|@import|url\((?!#)/);
  });

  it("links every demand of every text", async () => {
    const names = (await readdir(new URL("../draft/", import.meta.url))).filter((name) =>
      name.endsWith(".md"),
    );
    for (const name of names) {
      for (const [, id = ""] of (await readText(`draft/${name}`)).matchAll(/<a id="(rmtc-[^"]+)"/g)) {
        expect(html).toContain(`<a class="number" id="${id}" href="#${id}">${id.toUpperCase()}</a>`);
      }
    }
  });

  it("shows every schema, registry and file of vectors", async () => {
    for (const name of await jsonFiles("draft/schemas/"))
      expect(known).toContain(`schema-${name.replace(".schema.json", "")}`);
    for (const name of await jsonFiles("registry/"))
      expect(known).toContain(`registry-${name.replace(".json", "")}`);
    for (const name of await jsonFiles("draft/vectors/"))
      expect(known).toContain(`vectors-${name.replace(".json", "")}`);
  });

  it("draws every relation, or says why it does not", () => {
    const picture = html.slice(html.indexOf('id="record-graph"'), html.indexOf('class="chapter"'));
    for (const { rel } of relations) expect(picture).toContain(`>${rel}<`);
  });
});
