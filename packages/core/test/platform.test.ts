// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import {
  judgePlatform,
  parseRequirements,
  probeMachine,
  readPythonEnvironment,
  rowsOfYear,
} from "../src/index.ts";

function verdicts(year: string, software: readonly { readonly name: string; readonly version: string }[]) {
  return Object.fromEntries(
    judgePlatform(year, software).map(({ component, verdict }) => [component, verdict]),
  );
}

it("judges rows of the year and rows that it inherits", () => {
  const software = [
    { name: "Torch", version: "2.10.0+cu128" },
    { name: "onnxruntime-gpu", version: "1.31.1" },
    { name: "numpy", version: "1.26.4" },
    { name: "glibc", version: "2.39" },
    { name: "nvidia_cudnn_cu12", version: "9.10.2.21" },
  ];
  expect(verdicts("CY2026", software)).toMatchObject({
    pytorch: "fits",
    onnxruntime: "too new",
    numpy: "too old",
    glibc: "fits",
    cudnn: "fits",
    keras: "missing",
    "triton-server": "unknown",
  });
});

it("takes the opset and IR of an installed ONNX from its version", () => {
  const rows = judgePlatform("CY2026", [{ name: "onnx", version: "1.19.1" }], { foundOnly: true });
  expect(rows.map(({ component, found, verdict }) => [component, found, verdict])).toEqual([
    ["onnx", "1.19.1", "too old"],
    ["onnx-opset", "24", "too old"],
    ["onnx-ir", "12", "too old"],
  ]);
});

it("says what to install for what does not fit", () => {
  const [row] = judgePlatform("CY2027", [{ name: "torch", version: "2.10.0" }], { foundOnly: true });
  expect(row).toMatchObject({ verdict: "too old", remedy: "pip install 'torch==2.14.*'" });
});

it("refuses a year that there is not, and names those that there are", () => {
  expect(() => rowsOfYear("CY1999")).toThrow(
    expect.objectContaining({ code: "RMTC_NOT_FOUND", message: expect.stringContaining("CY2026, CY2027") }),
  );
});

it("reads the pins of a requirements file, and says which lines pin nothing", () => {
  const text =
    "# ours\n--index-url https://example.org\ntorch == 2.10.0 ; python_version > '3'\nonnx[reference]==1.20.* # exchange\n" +
    "keras==3.12.0 --hash=sha256:00\nnumpy>=2.3\nsafetensors\nkeras==3.12.0 \\\n  --hash=sha256:00\n";
  expect(parseRequirements(text)).toEqual({
    pinned: [
      { name: "torch", version: "2.10.0" },
      { name: "onnx", version: "1.20" },
      { name: "keras", version: "3.12.0" },
      { name: "keras", version: "3.12.0" },
    ],
    unpinned: ["numpy>=2.3", "safetensors"],
  });
});

it("lists what an interpreter would find, the first on its path, and passes damaged metadata over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-platform-"));
  try {
    const files = {
      "a/torch-2.10.0.dist-info/METADATA":
        "Metadata-Version: 2.1\nName: torch\nVersion: 2.10.0\n\nName: other\n",
      "b/Torch-1.0.dist-info/METADATA": "Name: Torch\nVersion: 1.0\n",
      "b/numpy-2.3.5.egg-info/PKG-INFO": "Name: numpy\r\nVersion: 2.3.5\r\n",
      "b/cupy-14.0.1.egg-info": "Name: cupy\nVersion: 14.0.1\n",
      "b/broken-1.dist-info/METADATA": "\0\0",
      "b/empty-1.dist-info/RECORD": "",
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const interpreter = join(folder, "python");
    const answer = JSON.stringify([
      "3.13.1",
      ["", join(folder, "a"), join(folder, "no.zip"), join(folder, "b")],
    ]);
    await writeFile(interpreter, `#!/bin/sh\necho '${answer}'\n`);
    await chmod(interpreter, 0o755);
    expect(await readPythonEnvironment(interpreter)).toEqual([
      { name: "python", version: "3.13.1" },
      { name: "torch", version: "2.10.0" },
      { name: "cupy", version: "14.0.1" },
      { name: "numpy", version: "2.3.5" },
    ]);
    await expect(readPythonEnvironment(join(folder, "none"))).rejects.toMatchObject({
      code: "RMTC_PROCESS_FAILED",
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.runIf(process.platform === "linux")("finds the C library of this machine", async () => {
  const { software } = await probeMachine();
  const libc = software.find(({ name }) => name === "glibc");
  // Node's own builds for Linux need glibc 2.28 at least.
  expect(libc?.version).toMatch(/^2\.(2[89]|[3-9]\d)/);
});

it("reads the driver, the capability and the names of GPUs from what nvidia-smi prints", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-gpu-"));
  try {
    const programs = {
      "nvidia-smi": "580.65.06, 9.0, NVIDIA H100 80GB HBM3\n580.65.06, 9.0, NVIDIA H100 80GB HBM3",
      nvcc: "Cuda compilation tools, release 13.0, V13.0.88",
      getconf: "glibc 2.39",
      gcc: "14.2.1",
    };
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(folder, name), `#!/bin/sh\necho '${text}'\n`);
      await chmod(join(folder, name), 0o755);
    }
    const module = new URL("../src/platform/probe-machine.ts", import.meta.url);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        ...["--conditions=@rmtc/source", "--input-type=module", "-e"],
        `import { probeMachine } from ${JSON.stringify(module.href)};console.log(JSON.stringify(await probeMachine()))`,
      ],
      { env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` } },
    );
    expect(JSON.parse(stdout)).toEqual({
      software: [
        { name: "glibc", version: "2.39" },
        { name: "gcc", version: "14.2.1" },
        { name: "cuda", version: "13.0" },
        { name: "nvidia-driver", version: "580.65.06" },
        { name: "compute-capability", version: "9.0" },
      ],
      gpus: ["NVIDIA H100 80GB HBM3", "NVIDIA H100 80GB HBM3"],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
