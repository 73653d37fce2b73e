// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { parentPort, workerData } from "node:worker_threads";
import { type PngTask, runPngTask } from "./png-task.ts";

const result = runPngTask(workerData as PngTask);
const memory = "png" in result ? result.png.buffer : result.pixels.data.buffer;
parentPort?.postMessage(result, [memory as ArrayBuffer]);
