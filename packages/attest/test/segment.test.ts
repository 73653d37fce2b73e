// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { DatasetItem } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import {
  itemLeaf,
  itemsRoot,
  maxSegmentItems,
  parseSegmentLine,
  proveItem,
  type ReadSegmentLine,
  readSegment,
  SegmentBuilder,
  segmentRoot,
  sha256,
  verifyItemProof,
} from "../src/index.ts";
import { refusalOf } from "./refusal.ts";

const record = "urn:uuid:01936e5a-0000-7000-8000-000000000001";
const digest = sha256("file");

function item(index: number): DatasetItem {
  return {
    key: `sh010.${index}`,
    split: "train",
    slots: { plate: { record, digest, path: `${index}.exr` } },
  };
}

function build(
  count: number,
  erased: readonly number[] = [],
  salt?: string,
): { builder: SegmentBuilder; text: string } {
  const builder = new SegmentBuilder();
  let text = "";
  for (let index = 0; index < count; index++) {
    const leaf = salt === undefined ? undefined : itemLeaf(item(index), salt);
    text +=
      leaf !== undefined && erased.includes(index)
        ? builder.addLeaf(leaf)
        : builder.addItem(item(index), salt);
  }
  return { builder, text };
}

async function* inChunks(text: string, length: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}

async function readAll(
  text: string,
  reference: { count: number; root: string },
  chunk = 1_000,
): Promise<ReadSegmentLine[]> {
  const lines: ReadSegmentLine[] = [];
  for await (const batch of readSegment(inChunks(text, chunk), reference)) lines.push(...batch);
  return lines;
}

const salt = "AAAAAAAAAAAAAAAAAAAAAA";

describe("a dataset segment", () => {
  it("reads back item by item, however its bytes are cut", async () => {
    const { builder, text } = build(600);
    const reference = builder.finish();
    expect(reference).toEqual({ digest: sha256(text), count: 600, root: expect.stringMatching(/^sha256:/) });
    for (const chunk of [1, 7, 100_000]) {
      const lines = await readAll(text, reference, chunk);
      expect(lines.map((line) => line.item)).toEqual(Array.from({ length: 600 }, (_, index) => item(index)));
      expect(segmentRoot(lines.map((line) => line.leaf))).toBe(reference.root);
    }
  });

  it("keeps its root when items give way to bare leaves", async () => {
    const whole = build(5, [], salt);
    const erased = build(5, [1, 4], salt);
    expect(erased.builder.finish().root).toBe(whole.builder.finish().root);
    expect(erased.builder.finish().digest).not.toBe(whole.builder.finish().digest);
    const lines = await readAll(erased.text, whole.builder.finish());
    expect(lines.map((line) => line.item?.key)).toEqual([
      "sh010.0",
      undefined,
      "sh010.2",
      "sh010.3",
      undefined,
    ]);
    expect(erased.text).not.toContain("sh010.1");
  });

  it("salts each item, so that equal items have different leaves", () => {
    const first = new SegmentBuilder();
    const second = new SegmentBuilder();
    expect(first.addItem(item(0))).not.toBe(second.addItem(item(0)));
    expect(first.finish().root).not.toBe(second.finish().root);
  });

  it("refuses a line too few, too many, changed, moved, cut or too long", async () => {
    const { builder, text } = build(3, [], salt);
    const reference = builder.finish();
    const lines = text.trimEnd().split("\n");
    const damaged: readonly [string, string][] = [
      [lines.slice(0, 2).join("\n").concat("\n"), "RMTC_DIGEST_MISMATCH"],
      [`${text}${lines[0]}\n`, "RMTC_DIGEST_MISMATCH"],
      [text.replace("train", "test"), "RMTC_DIGEST_MISMATCH"],
      [lines.toReversed().join("\n").concat("\n"), "RMTC_DIGEST_MISMATCH"],
      [text.slice(0, -1), "RMTC_DOCUMENT_INVALID"],
      [`${" ".repeat(3 * 1024 * 1024)}\n`, "RMTC_LIMIT_EXCEEDED"],
    ];
    for (const [bytes, code] of damaged) {
      await expect(readAll(bytes, reference)).rejects.toMatchObject({ code });
    }
  });

  it("stops when its signal is aborted", async () => {
    const { builder, text } = build(600);
    const reading = async (): Promise<void> => {
      for await (const _ of readSegment(inChunks(text, 1_000), builder.finish(), {
        signal: AbortSignal.abort("stop"),
      }));
    };
    await expect(reading()).rejects.toBeDefined();
  });

  it.each([
    ["text that is not JSON", "{"],
    ["spaces", `{"leaf": "${digest}"}`],
    ["keys in another order", `{"salt":"${salt}","item":{"key":"a","slots":{},"split":"x"}}`],
    ["a key that comes twice", `{"leaf":"${digest}","leaf":"${digest}"}`],
    ["an item without a salt", '{"item":{"key":"a","slots":{},"split":"x"}}'],
    [
      "an item with a leaf",
      `{"item":{"key":"a","slots":{},"split":"x"},"leaf":"${digest}","salt":"${salt}"}`,
    ],
    ["a leaf with a salt", `{"leaf":"${digest}","salt":"${salt}"}`],
    ["an item that does not match its schema", `{"item":{"key":"a"},"salt":"${salt}"}`],
    [
      "a path that hides `..` behind a line feed",
      `{"item":{"key":"a","slots":{"x":{"digest":"${digest}","path":"a\\n/../../b","record":"${record}"}},"split":"x"},"salt":"${salt}"}`,
    ],
    ["nothing", "{}"],
    ["no object", "[]"],
  ])("refuses a line of %s", (_, text) => {
    expect(refusalOf(() => parseSegmentLine(text)).code).toBe("RMTC_DOCUMENT_INVALID");
  });

  it("holds no more than 65,536 items and no fewer than one", () => {
    const builder = new SegmentBuilder();
    expect(refusalOf(() => builder.finish()).code).toBe("RMTC_VALUE_INVALID");
    for (let index = 0; index < maxSegmentItems; index++) builder.addLeaf(digest);
    expect(builder.finish().count).toBe(65_536);
    expect(refusalOf(() => builder.addLeaf(digest)).code).toBe("RMTC_LIMIT_EXCEEDED");
  });
});

describe("an item proof", () => {
  const segments = [3, 1, 6].map((count) => {
    const leaves = Array.from({ length: count }, (_, index) => itemLeaf(item(count * 10 + index), salt));
    return { leaves, root: segmentRoot(leaves) };
  });
  const roots = segments.map((segment) => segment.root);

  it("leads from every item to the root of all items", () => {
    for (const [segmentIndex, { leaves }] of segments.entries()) {
      for (const index of leaves.keys()) {
        const proof = JSON.parse(JSON.stringify(proveItem(leaves, index, roots, segmentIndex)));
        expect(verifyItemProof(proof, itemsRoot(roots))).toBe(true);
        expect(verifyItemProof({ ...proof, leaf: itemLeaf(item(99), salt) }, itemsRoot(roots))).toBe(false);
        expect(verifyItemProof(proof, itemsRoot(roots.toReversed()))).toBe(false);
      }
    }
  });

  it("refuses hashes that are not 32 bytes long", () => {
    const proof = proveItem(segments[0]?.leaves ?? [], 0, roots, 0);
    const [first = "", ...rest] = proof.item.path;
    const shifted = {
      ...proof,
      leaf: `${proof.leaf}${first.slice(7, 9)}`,
      item: { ...proof.item, path: [`sha256:${first.slice(9)}`, ...rest] },
    };
    expect(verifyItemProof(shifted, itemsRoot(roots))).toBe(false);
  });

  it("refuses indexes out of range", () => {
    expect(refusalOf(() => proveItem([], 0, roots, 0))).toEqual({
      code: "RMTC_OPTION_INVALID",
      pointer: "/index",
    });
    expect(refusalOf(() => proveItem([digest], 0, roots, 3)).pointer).toBe("/segmentIndex");
  });

  it("has the root of nothing for a dataset without segments", () => {
    expect(itemsRoot([])).toBe(sha256(""));
  });
});
