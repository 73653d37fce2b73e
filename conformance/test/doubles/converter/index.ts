// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type Converter,
  type ConvertRequest,
  type ConvertResult,
  isRmtcError,
  RmtcError,
} from "@rmtc/contract";
import { parseSafetensors, safetensorsToBytes, type Tensor, tensorOf } from "@rmtc/tensor";
import { converterTraits } from "../../../src/cases/converter/operations.ts";
import { safetensors } from "../../../src/cases/converter/sample-sources.ts";
import type { Double } from "../double.ts";
import { traitDoubles } from "../trait-doubles.ts";
import { alsoCaughtBy } from "./also-caught-by.ts";

type Named = readonly [string, Tensor];

/** The sources of most cases are smaller than that of the case about blocking. */
const heavyBytes = 100_000;

/** Every double of a converter. */
export const converterDoubles: readonly Double<Converter>[] = [
  double("looks-for-the-file-first", "refused.pair", (good) => ({
    async convert(request, options) {
      await readFile(request.path).catch(() => {
        throw new RmtcError("RMTC_NOT_FOUND", "There is no such file.");
      });
      return await good.convert(request, options);
    },
  })),
  refusing("takes-damage-for-an-option", "refused.damaged", (error) =>
    isRmtcError(error, "RMTC_FORMAT_INVALID") ? new RmtcError("RMTC_OPTION_INVALID", error.message) : error,
  ),
  double("begins-before-it-reads", "refused.nothing-left", (good) => ({
    async convert(request, options) {
      try {
        return await good.convert(request, options);
      } catch (error) {
        if (isRmtcError(error, "RMTC_FORMAT_INVALID"))
          await writeFile(join(request.outputFolder, "begun"), "");
        throw error;
      }
    },
  })),
  double("runs-pickles", "refused.no-pickle", (good) => ({
    async convert(request, options) {
      const text = await readFile(request.path, "utf8").catch(() => "");
      const [, command] = /^cos\nsystem\n\(S"(.*)"/.exec(text) ?? [];
      if (command !== undefined) execFileSync("sh", ["-c", command]);
      return await good.convert(request, options);
    },
  })),
  converted("notes-in-the-source", "source.unchanged", async (result, { path }) => {
    await appendFile(path, " ");
    return result;
  }),
  double("reads-what-it-is-told-to", "source.outside", (good) => ({
    convert: (request, options) =>
      good.convert(request, options).catch((error: unknown) => {
        if (!isRmtcError(error, "RMTC_PATH_INVALID")) throw error;
        return { files: [], report: { changes: ["All went in."] } };
      }),
  })),
  converted("writes-beside-its-folder", "results.folder", async (result, { outputFolder }) => {
    await writeFile(join(dirname(outputFolder), "converter.log"), "done");
    return result;
  }),
  converted("leaves-scraps", "results.whole", async (result, { outputFolder }) => {
    await mkdir(join(outputFolder, "scraps"));
    await writeFile(join(outputFolder, "scraps", "one"), "");
    return result;
  }),
  remade("signs-its-work", "results.repeatable", (tensors, { outputFolder }) => [
    tensors,
    { from: outputFolder },
  ]),
  converted("says-nothing", "report.changes", async ({ files }) => ({ files, report: { changes: [] } })),
  converted("guesses-an-error", "report.error", async ({ files, report }) => ({
    files,
    report: { ...report, maxAbsoluteError: Number.NaN },
  })),
  remade("turns-a-sign", "values.back", (tensors, { from }) => [
    tensors.map(([name, tensor]): Named => {
      if (from === safetensors || tensor.dtype !== "F32") return [name, tensor];
      return [
        name,
        tensorOf(
          "F32",
          tensor.shape,
          Float32Array.from(tensor.data as Float32Array, (one) => -one),
        ),
      ];
    }),
  ]),
  remade("cuts-digits-off", "values.rounded", (tensors) => [
    tensors.map(([name, tensor]): Named => {
      if (tensor.dtype !== "F16") return [name, tensor];
      const values = Float16Array.from(tensor.data as Float16Array, (one) =>
        one === 1 + 2 ** -9 ? 1 + 2 ** -10 : one,
      );
      return [name, tensorOf("F16", tensor.shape, values, tensor.layout)];
    }),
  ]),
  converted("says-nothing-of-infinity", "values.infinite", async ({ files, report }) => ({
    files,
    report: { ...report, changes: report.changes.filter((change) => !change.includes("infinite")) },
  })),
  remade(
    "renames-in-silence",
    "names.kept",
    (tensors) => [
      tensors.map(
        ([name, tensor], index): Named => [name.startsWith("head") ? `tensor.${index}` : name, tensor],
      ),
    ],
    ["It is all half now.", "The rest is as it was."],
  ),
  remade("drops-the-last-tensor", "names.nothing-dropped", (tensors) => [tensors.slice(0, 1)], []),
  ...traitDoubles({
    traits: converterTraits,
    isHeavy: async (_, [request]) => (await stat((request as ConvertRequest).path)).size > heavyBytes,
    alsoCaughtBy,
  }),
];

/** A double that writes other tensors into its safetensors results, and reports other changes. */
function remade(
  id: string,
  breaks: string,
  change: (
    tensors: readonly Named[],
    request: ConvertRequest,
  ) => readonly [readonly Named[], Readonly<Record<string, string>>?],
  changes?: readonly string[],
): Double<Converter> {
  return converted(id, breaks, async (result, request) => {
    for (const { path, mediaType } of result.files) {
      if (mediaType !== safetensors) continue;
      const { tensors } = parseSafetensors(await readFile(path));
      const [made, metadata = {}] = change([...tensors], request);
      await writeFile(path, safetensorsToBytes(made, { metadata }));
    }
    return { files: result.files, report: changes === undefined ? result.report : { changes } };
  });
}

function converted(
  id: string,
  breaks: string,
  change: (result: ConvertResult, request: ConvertRequest) => Promise<ConvertResult>,
): Double<Converter> {
  return double(id, breaks, (good) => ({
    convert: async (request, options) => await change(await good.convert(request, options), request),
  }));
}

function refusing(id: string, breaks: string, change: (error: unknown) => unknown): Double<Converter> {
  return double(id, breaks, (good) => ({
    convert: (request, options) =>
      good.convert(request, options).catch((error: unknown) => {
        throw change(error);
      }),
  }));
}

function double(id: string, breaks: string, alter: Double<Converter>["alter"]): Double<Converter> {
  return { id, breaks: `converter.${breaks}`, alsoCaughtBy: alsoCaughtBy[id] ?? [], alter };
}
