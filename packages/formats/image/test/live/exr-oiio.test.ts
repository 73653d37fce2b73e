// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  decodeAttribute,
  type ExrImage,
  type ExrPart,
  encodeAttribute,
  exrToTensor,
  inViewOrder,
  readExr,
  readImage,
  writeExr,
} from "../../src/index.ts";
import { compressions, plainPart, samples } from "../any-exr.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { dump, oiio } from "./oiio.ts";

/** A noisy picture with a gradient, as oiiotool makes it. */
function pattern(width: number, height: number, channels: number): string[] {
  const corners = "fill:topleft=0.1,0.2,0.3:topright=1,0.5,2:bottomleft=8,4,0.1:bottomright=0.5,60,1";
  return [
    "--pattern",
    corners,
    `${width}x${height}`,
    `${channels}`,
    "--noise:type=gaussian:mean=0.2:stddev=0.02:seed=7",
  ];
}

/** Compares samples with what oiiotool reads: the number it prints, as the type of the channel, is the sample. */
function expectSamePixels(path: string, part: ExrPart): void {
  const seen = dump(path);
  expect([...seen.channels].sort()).toEqual([...part.channels.keys()].sort());
  for (const [index, name] of seen.channels.entries()) {
    const ours = part.channels.get(name)?.data ?? new Float32Array();
    const theirs = ours.slice();
    theirs.set(seen.pixels.map((pixel) => pixel[index] ?? Number.NaN));
    expect(seen.pixels.length).toBe(ours.length);
    expect(theirs).toEqual(ours);
  }
}

/** What oiiotool says of a file apart from its name, its compression and how many parts it counts on the way. */
function infoOf(path: string): string[] {
  return oiio("-v", "-a", "--info", path)
    .split("\n")
    .filter(
      (line) =>
        !line.startsWith(path) &&
        !line.startsWith("Reading") &&
        !line.includes("compression:") &&
        !line.includes("chunkCount"),
    );
}

function firstPart(image: ExrImage): ExrPart {
  const [part] = image.parts;
  if (part === undefined) throw new Error("The image has no part.");
  return part;
}

describe("EXR files that oiiotool wrote", () => {
  it.each(
    compressions.flatMap((compression) => [
      [compression, "half", "61x35", []] as const,
      [compression, "float", "17x33", ["--origin", "-20-7", "--fullsize", "100x90+5+6"]] as const,
      [compression, "half", "1x1", []] as const,
      [compression, "half", "64x48", ["--tile", "16", "24"]] as const,
      [compression, "float", "33x40", ["--origin", "+9-3", "--tile", "16", "16"]] as const,
    ]),
  )("are read alike: %s %s %s %j", async (compression, type, size, more) => {
    const path = join(await temporaryFolder(), "plate.exr");
    const [width, height] = size.split("x").map(Number) as [number, number];
    oiio(...pattern(width, height, 3), "-d", type, ...more, "--compression", compression, "-o", path);
    const part = firstPart(await readExr(path));
    expect(part.compression).toBe(compression);
    expectSamePixels(path, part);
    const channels = inViewOrder(part.channels.keys());
    expect(await readImage(path)).toEqual(await exrToTensor(part, channels));
  });

  it("hold unsigned integers to the last bit", async () => {
    const path = join(await temporaryFolder(), "id.exr");
    oiio("--pattern", "constant:color=0.1,0.7,1", "5x3", "3", "-d", "uint32", "-o", path);
    const part = firstPart(await readExr(path));
    expect([...part.channels.values()].map(({ type }) => type)).toEqual(["uint", "uint", "uint"]);
    expect(part.channels.get("B")?.data[0]).toBe(4294967295);
    expectSamePixels(path, part);
  });

  it("keep layers, mixed types and several parts apart", async () => {
    const folder = await temporaryFolder();
    const [beauty, depth, both] = ["beauty.exr", "depth.exr", "both.exr"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const names = ["--chnames", "R,G,B,fg.R,fg.G,fg.B"];
    const whole = ["--fullsize", "60x60+0+0"];
    oiio(...pattern(40, 30, 6), ...names, ...whole, "-d", "half", "-d", "fg.R=float", "-o", beauty);
    oiio(
      ...pattern(50, 20, 1),
      "--chnames",
      "Z",
      ...whole,
      "-d",
      "float",
      "--compression",
      "zips",
      "-o",
      depth,
    );
    const first = firstPart(await readExr(beauty));
    expect(first.channels.get("fg.R")?.type).toBe("float");
    expect(first.channels.get("fg.G")?.type).toBe("half");
    expectSamePixels(beauty, first);
    oiio(beauty, depth, "--siappend", "-o", both);
    const image = await readExr(both);
    expect(image.parts.map(({ channels }) => [...channels.keys()])).toEqual([
      ["B", "G", "R", "fg.B", "fg.G", "fg.R"],
      ["Z"],
    ]);
    expect(image.parts[1]?.channels.get("Z")?.data).toEqual(
      firstPart(await readExr(depth)).channels.get("Z")?.data,
    );
    expect((await readImage(both, { part: 1 })).shape).toEqual([20, 50, 1]);
    const copy = join(folder, "copy.exr");
    await writeExr(copy, image);
    expect(oiio("-a", both, copy, "--fail", "0", "--hardfail", "0", "--diff")).toContain("PASS");
    expect(infoOf(copy)).toEqual(infoOf(both));
  });

  it("keep their attributes on the way through", async () => {
    const folder = await temporaryFolder();
    const [from, to] = [join(folder, "from.exr"), join(folder, "to.exr")];
    const matrix = Array.from({ length: 16 }, (_, index) => index / 4);
    oiio(
      ...pattern(8, 6, 3),
      ...["--attrib", "Copyright", "a studio", "--attrib:type=matrix", "worldToCamera", matrix.join(",")],
      ...["--attrib:type=timecode", "smpte:TimeCode", "01:02:03:04", "--attrib:type=float", "focus", "2.5"],
      ...["--attrib:type=int", "take", "7", "--attrib:type=string", "colorInteropID", "lin_ap1_scene"],
      ...["--attrib:type=float[8]", "chromaticities", "0.64,0.33,0.3,0.6,0.15,0.06,0.3127,0.329"],
      ...["--attrib:type=rational", "FramesPerSecond", "24000/1001", "--attrib", "PixelAspectRatio", "2"],
      ...["-d", "half", "-o", from],
    );
    const image = await readExr(from);
    const part = firstPart(image);
    const value = (name: string): unknown => {
      const attribute = part.attributes.get(name);
      return attribute === undefined ? undefined : decodeAttribute(attribute);
    };
    expect(part.pixelAspectRatio).toBe(2);
    expect(value("owner")).toBe("a studio");
    expect(value("worldToCamera")).toEqual(matrix);
    expect(value("timeCode")).toEqual([0x01020304, 0]);
    expect(value("focus")).toBe(2.5);
    expect(value("take")).toBe(7);
    expect((await readImage(from)).layout?.colorInteropId).toBe("lin_ap1_scene");
    for (const compression of compressions) {
      await writeExr(to, image, { compression });
      expect(infoOf(to)).toEqual(infoOf(from));
      expect(oiio(from, to, "--fail", "0", "--hardfail", "0", "--diff")).toContain("PASS");
    }
  });
});

describe("EXR files that we wrote", () => {
  const noise = (at: number): number => 0.1 + ((at * 7919) % 1009) / 512;
  const types = { R: "half", G: "half", B: "half", "fg.A": "float" } as const;

  it.each(
    compressions.flatMap((compression) =>
      (
        [
          [1, 1],
          [7, 3],
          [33, 50],
        ] as const
      ).map(([width, height]) => [compression, width, height] as const),
    ),
  )("are read alike by oiiotool: %s %ix%i", async (compression, width, height) => {
    const path = join(await temporaryFolder(), "plate.exr");
    const dataWindow = { minX: -5, minY: 11, maxX: width - 6, maxY: height + 10 };
    const part = plainPart(width, height, types, {
      dataWindow,
      lineOrder: compression === "rle" ? "decreasing" : "increasing",
    });
    const channels = new Map(
      [...part.channels].map(([name, { type }]) => [
        name,
        { type, data: samples(type, width * height, noise) },
      ]),
    );
    await writeExr(path, { parts: [{ ...part, channels }] }, { compression });
    expectSamePixels(path, { ...part, channels });
    expect(oiio("-v", "--info", path)).toContain(`pixel data origin: x=-5, y=11`);
  });

  it("carry windows, attributes and parts that oiiotool names alike", async () => {
    const path = join(await temporaryFolder(), "parts.exr");
    const attributes = new Map([
      ["owner", encodeAttribute("string", "a studio")],
      [
        "worldToCamera",
        encodeAttribute(
          "m44f",
          Array.from({ length: 16 }, (_, index) => index),
        ),
      ],
      ["aNameThatIsLongerThanThirtyOneBytes", encodeAttribute("v3f", [1, 2, 3])],
      ["facilityThing", { type: "facility_thing", bytes: Uint8Array.of(1, 2, 3) }],
    ]);
    const displayWindow = { minX: 0, minY: 0, maxX: 99, maxY: 49 };
    const parts = [
      plainPart(10, 20, types, { name: "beauty", displayWindow, attributes }),
      plainPart(30, 5, { Z: "float" }, { name: "depth", displayWindow, compression: "zips" }),
    ];
    await writeExr(path, { parts });
    const info = oiio("-v", "-a", "--info", path);
    for (const text of [
      "2 subimages: 10x20",
      'Copyright: "a studio"',
      "worldToCamera: 0, 1, 2, 3",
      "aNameThatIsLongerThanThirtyOneBytes: 1, 2, 3",
      "full/display size: 100 x 50",
      'oiio:subimagename: "beauty"',
      'oiio:subimagename: "depth"',
    ]) {
      expect(info).toContain(text);
    }
    const second = join(await temporaryFolder(), "second.exr");
    oiio(path, "--subimage", "1", "-o", second);
    expect(firstPart(await readExr(second)).channels.get("Z")?.data).toEqual(
      parts[1]?.channels.get("Z")?.data,
    );
  });
});
