// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** A program or package with its version. */
export interface FoundSoftware {
  readonly name: string;
  readonly version: string;
}

/**
 * What each component of the platform is called where packages are listed, without regard to case, `-`, `_` and
 * `.`; the first that is found counts. A component without a name cannot be looked up.
 */
const packageNames: Readonly<Record<string, readonly string[]>> = {
  cuda: [
    "nvidia-cuda-runtime",
    "nvidia-cuda-runtime-cu13",
    "nvidia-cuda-runtime-cu12",
    "nvidia-cuda-runtime-cu11",
  ],
  cudnn: ["nvidia-cudnn-cu13", "nvidia-cudnn-cu12", "nvidia-cudnn-cu11"],
  nccl: ["nvidia-nccl-cu13", "nvidia-nccl-cu12", "nvidia-nccl-cu11"],
  tensorrt: ["tensorrt"],
  "nvidia-driver": [],
  "compute-capability": [],
  pytorch: ["torch"],
  torchvision: ["torchvision"],
  tensorflow: ["tensorflow", "tensorflow-cpu"],
  keras: ["keras"],
  "triton-language": ["triton"],
  onnx: ["onnx"],
  safetensors: ["safetensors"],
  onnxruntime: ["onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-node"],
  cupy: ["cupy-cuda13x", "cupy-cuda12x", "cupy"],
  openimageio: ["openimageio"],
  openusd: ["usd-core"],
  opentimelineio: ["opentimelineio"],
  openassetio: ["openassetio"],
  materialx: ["materialx"],
  gcc: [],
  glibc: [],
  python: [],
  numpy: ["numpy"],
  openexr: ["openexr"],
  opencolorio: ["opencolorio"],
  qt: ["pyside6", "pyqt6"],
};

/** Brings a package's name into the one form that PEP 503 (Python) compares. */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** Tells whether a component can be looked up at all. */
export function canBeFound(component: string): boolean {
  return Object.hasOwn(packageNames, component);
}

/** Returns the package by which a component is installed with pip, or `undefined` for what is no package. */
export function packageOf(component: string): string | undefined {
  return packageNames[component]?.[0];
}

/** Finds the version of a component among programs and packages, under its own name or a package's. */
export function findComponent(component: string, software: readonly FoundSoftware[]): string | undefined {
  for (const wanted of [component, ...(packageNames[component] ?? [])]) {
    const found = software.find(({ name }) => normalName(name) === wanted);
    if (found !== undefined) return found.version;
  }
  return undefined;
}
