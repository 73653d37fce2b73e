// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type ServedMethods, serveProcess } from "@rmtc/wire";
import type {
  CheckpointRequest,
  FinishedTraining,
  OpenedTraining,
  OpenRequest,
  RunStepsRequest,
  StepMetrics,
} from "./training-protocol.ts";
import { TrainingWorker } from "./training-worker.ts";

// The entry of the child process: onnxruntime blocks the event loop of the process it runs in.
let worker: TrainingWorker | undefined;

function opened(): TrainingWorker {
  if (worker === undefined) throw new RmtcError("RMTC_STATE_INVALID", "The training process has no job yet.");
  return worker;
}

const methods: ServedMethods = {
  open: async (request: OpenRequest): Promise<OpenedTraining> => {
    worker = await TrainingWorker.open(request);
    return worker.opened;
  },
  run: (request: RunStepsRequest): Promise<readonly StepMetrics[]> => opened().run(request.steps),
  validate: (): Promise<readonly StepMetrics[]> => opened().validate(),
  saveCheckpoint: (request: CheckpointRequest) => opened().saveCheckpoint(request.sampler),
  finish: (): Promise<FinishedTraining> => opened().finish(),
};

serveProcess(methods);
