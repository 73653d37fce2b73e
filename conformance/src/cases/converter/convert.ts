// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { sha256 } from "@rmtc/attest";
import { isRmtcError } from "@rmtc/contract";
import { onnxToBytes } from "@rmtc/onnx";
import type { ConverterCase } from "../../conformance-case.ts";
import { externalNetwork } from "../inferer/onnx-networks.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import {
  hardNumbers,
  numbersOf,
  onnx,
  outputFolder,
  readsTensors,
  requestsOf,
  resultTensors,
  safetensors,
  tensorsIn,
} from "./sample-sources.ts";

/** What a converter takes, writes and reports. */
export const convertCases: readonly ConverterCase[] = [
  {
    id: "converter.refused.pair",
    level: "must",
    spec: "converter.md#rmtc-cnv-001",
    title: "refuses a pair of media types that it does not convert, before it looks for the file",
    async run(context) {
      const [pair] = context.store.capabilities.conversions;
      const folder = await outputFolder(context);
      for (const types of [
        { from: pair?.from ?? "", to: "application/vnd.example.unheard-of" },
        { from: "application/vnd.example.unheard-of", to: pair?.to ?? "" },
      ]) {
        const request = { ...types, path: join(context.folder, "missing"), outputFolder: folder };
        await rejectsWith(() => context.store.convert(request), "RMTC_FORMAT_UNSUPPORTED");
      }
      assertSame(await readdir(folder), []);
    },
  },
  {
    id: "converter.refused.damaged",
    level: "must",
    spec: "converter.md#rmtc-cnv-002",
    title: "refuses a source that is cut off",
    async run(context) {
      for (const request of await requestsOf(context)) {
        const path = await damaged(context.folder, request.path);
        await rejectsWith(() => context.store.convert({ ...request, path }), "RMTC_FORMAT_INVALID");
      }
    },
  },
  {
    id: "converter.refused.nothing-left",
    level: "must",
    spec: "converter.md#rmtc-cnv-006",
    title: "leaves no result behind when it fails",
    async run(context) {
      for (const request of await requestsOf(context)) {
        const path = await damaged(context.folder, request.path);
        await context.store.convert({ ...request, path }).catch(() => undefined);
        assertSame(await readdir(request.outputFolder, { recursive: true }), []);
      }
    },
  },
  {
    id: "converter.refused.no-pickle",
    level: "must",
    spec: "converter.md#rmtc-cnv-003",
    title: "runs no code of a pickle",
    async run(context) {
      const [path, mark] = [join(context.folder, "source.pt"), join(context.folder, "mark")];
      await writeFile(path, `cos\nsystem\n(S"touch '${mark}'"\ntR.`);
      for (const { from, to } of context.store.capabilities.conversions) {
        const request = { path, from, to, outputFolder: await outputFolder(context) };
        await context.store.convert(request).catch(() => undefined);
      }
      assert.equal(existsSync(mark), false, "it ran a command that a pickle brought along");
    },
  },
  {
    id: "converter.source.unchanged",
    level: "must",
    spec: "converter.md#rmtc-cnv-004",
    title: "leaves its source as it is",
    async run(context) {
      for (const request of await requestsOf(context)) {
        const before = sha256(await readFile(request.path));
        await context.store.convert(request);
        assert.equal(sha256(await readFile(request.path)), before);
      }
    },
  },
  {
    id: "converter.source.outside",
    level: "must",
    spec: "converter.md#rmtc-cnv-005",
    title: "reads no file outside the source's folder that the source names",
    when: ({ conversions }) => conversions.some(({ from }) => from === onnx),
    async run(context) {
      const { store, folder } = context;
      await mkdir(join(folder, "inner"));
      const path = join(folder, "inner", "network.onnx");
      await writeFile(join(folder, "secret.bin"), new Uint8Array(4));
      await writeFile(path, onnxToBytes(externalNetwork("../secret.bin")));
      for (const { from, to } of store.capabilities.conversions.filter((pair) => pair.from === onnx)) {
        const request = { path, from, to, outputFolder: await outputFolder(context) };
        await rejectsWith(() => store.convert(request), "RMTC_PATH_INVALID", "RMTC_FORMAT_INVALID");
      }
    },
  },
  {
    id: "converter.results.folder",
    level: "must",
    spec: "converter.md#rmtc-cnv-005",
    title: "writes in its output folder and nowhere else that it was told of",
    async run(context) {
      for (const request of await requestsOf(context)) {
        const list = async (): Promise<string[]> => {
          const all = await readdir(context.folder, { recursive: true });
          return all.filter((path) => !join(context.folder, path).startsWith(request.outputFolder)).sort();
        };
        const before = await list();
        const { files } = await context.store.convert(request);
        assertSame(await list(), before);
        for (const { path } of files)
          assert.ok(path.startsWith(request.outputFolder), `${path} lies elsewhere`);
      }
    },
  },
  {
    id: "converter.results.whole",
    level: "must",
    spec: "converter.md#rmtc-cnv-006",
    title: "has written whole files of the media type asked for when it returns, and nothing beside them",
    async run(context) {
      for (const request of await requestsOf(context)) {
        const { files } = await context.store.convert(request);
        assert.ok(
          files.some(({ mediaType }) => mediaType === request.to),
          "there is no result of the media type",
        );
        const entries = await readdir(request.outputFolder, { recursive: true, withFileTypes: true });
        const written = entries
          .filter((entry) => entry.isFile())
          .map((one) => join(one.parentPath, one.name));
        assertSame(written.sort(), files.map(({ path }) => path).sort());
        for (const { path, mediaType } of files) await tensorsIn(path, mediaType);
      }
    },
  },
  {
    id: "converter.results.repeatable",
    level: "must",
    spec: "converter.md#rmtc-cnv-007",
    title: "gives the same bytes again, with no path or name of a machine among them",
    async run(context) {
      for (const request of await requestsOf(context)) {
        const bytes: Buffer[] = [];
        for (const folder of [request.outputFolder, await outputFolder(context)]) {
          const { files } = await context.store.convert({ ...request, outputFolder: folder });
          bytes.push(Buffer.concat(await Promise.all(files.map(({ path }) => readFile(path)))));
        }
        const [one, other] = bytes;
        assert.ok(one && other);
        assert.ok(one.equals(other), "the bytes differ");
        for (const word of [context.folder, hostname()]) {
          assert.equal(one.toString("latin1").includes(word), false, `the results hold ${word}`);
        }
      }
    },
  },
  {
    id: "converter.report.changes",
    level: "must",
    spec: "converter.md#rmtc-cnv-008",
    title: "says in sentences what changed, unless every tensor kept its type, shape and bytes",
    async run(context) {
      for (const request of await requestsOf(context)) {
        const result = await context.store.convert(request);
        for (const change of result.report.changes)
          assert.match(change, /\S.*\.$/, "a change is no sentence");
        const source = await tensorsIn(request.path, request.from);
        if (source === undefined || result.report.changes.length > 0) continue;
        const found = await resultTensors(result);
        for (const [name, tensor] of source) {
          const kept = found.get(name);
          if (kept === undefined && found.size === 0) continue;
          assertSame([kept?.dtype, kept?.shape], [tensor.dtype, tensor.shape], `${name} changed in silence`);
          assert.ok(Buffer.from(kept?.bytes ?? []).equals(tensor.bytes), `${name} changed in silence`);
        }
      }
    },
  },
  {
    id: "converter.report.error",
    level: "must",
    spec: "converter.md#rmtc-cnv-010",
    title: "reports a largest difference that is a number, or none",
    async run(context) {
      for (const request of await requestsOf(context)) {
        const { maxAbsoluteError } = (await context.store.convert(request)).report;
        if (maxAbsoluteError === undefined) continue;
        assert.ok(Number.isFinite(maxAbsoluteError) && maxAbsoluteError >= 0, `it is ${maxAbsoluteError}`);
      }
    },
  },
  {
    id: "converter.values.back",
    level: "must",
    spec: "converter.md#rmtc-cnv-011",
    title: "gives the same bytes when it converts back",
    when: ({ conversions }) =>
      conversions.some(({ from, to }) => conversions.some((back) => back.from === to && back.to === from)),
    async run(context) {
      const { conversions } = context.store.capabilities;
      for (const request of await requestsOf(context)) {
        const { from, to, path } = request;
        if (from === to || !conversions.some((back) => back.from === to && back.to === from)) continue;
        const [file] = (await context.store.convert(request)).files;
        const folder = await outputFolder(context);
        const back = { from: to, to: from, path: file?.path ?? "", outputFolder: folder };
        const found = await resultTensors(await context.store.convert(back));
        for (const [name, tensor] of (await tensorsIn(path, from)) ?? []) {
          assert.ok(
            Buffer.from(found.get(name)?.bytes ?? []).equals(tensor.bytes),
            `${name} has other bytes`,
          );
        }
      }
    },
  },
  {
    id: "converter.values.rounded",
    level: "must",
    spec: "converter.md#rmtc-cnv-012",
    title: "rounds to nearest, ties to even",
    when: readsTensors,
    async run(context) {
      const finite = hardNumbers.filter((value) => Math.abs(value) < 65_520);
      for (const request of await requestsOf(context, finite)) {
        const weight = (await resultTensors(await context.store.convert(request))).get("head.weight");
        if (weight?.dtype !== "F16" || request.from !== safetensors) continue;
        assert.deepEqual(numbersOf(weight), finite.map(Math.f16round));
      }
    },
  },
  {
    id: "converter.values.infinite",
    level: "must",
    spec: "converter.md#rmtc-cnv-012",
    title: "says so when a finite value becomes infinite",
    when: readsTensors,
    async run(context) {
      for (const request of await requestsOf(context, hardNumbers)) {
        const outcome = await context.store.convert(request).catch((error: unknown) => error);
        if (isRmtcError(outcome)) continue;
        const result = outcome as Awaited<ReturnType<typeof context.store.convert>>;
        const tensors = [...(await resultTensors(result)).values()].filter(({ dtype }) =>
          /^F(16|32)$/.test(dtype),
        );
        const infinite = tensors.some((tensor) => !numbersOf(tensor).every(Number.isFinite));
        if (!infinite) continue;
        const sentence = result.report.changes.some((change) => /infin/i.test(change));
        assert.ok(sentence, "a finite value became infinite in silence");
      }
    },
  },
  {
    id: "converter.names.kept",
    level: "must",
    spec: "converter.md#rmtc-cnv-014",
    title: "keeps the names of parameters, or says which it changed",
    when: readsTensors,
    async run(context) {
      for (const request of await requestsOf(context)) {
        const result = await context.store.convert(request);
        const found = await resultTensors(result);
        if (found.size === 0) continue;
        for (const name of (await tensorsIn(request.path, request.from))?.keys() ?? []) {
          const said = result.report.changes.some((change) => change.includes(name));
          assert.ok(found.has(name) || said, `${name} went in silence`);
        }
      }
    },
  },
  {
    id: "converter.names.nothing-dropped",
    level: "must",
    spec: "converter.md#rmtc-cnv-013",
    title: "drops no tensor in silence",
    when: readsTensors,
    async run(context) {
      for (const request of await requestsOf(context)) {
        const result = await context.store.convert(request);
        const [source, found] = [await tensorsIn(request.path, request.from), await resultTensors(result)];
        if (source === undefined || found.size === 0) continue;
        const dropped = source.size - found.size;
        assert.ok(dropped <= result.report.changes.length, `${dropped} tensors went in silence`);
      }
    },
  },
];

async function damaged(folder: string, source: string): Promise<string> {
  const path = join(folder, "damaged");
  const bytes = await readFile(source);
  await writeFile(path, bytes.subarray(0, bytes.length - 5));
  return path;
}
