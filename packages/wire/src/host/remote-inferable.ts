// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  type Inferable,
  type InferRequest,
  type InferResult,
  RmtcError,
  type TensorValue,
} from "@rmtc/contract";
import type { WireInferable, WireInferResult, WireTensor } from "@rmtc/spec";
import { tensorByteLength } from "@rmtc/tensor";
import type { GuestConnection } from "./guest-connection.ts";
import type { RemoteInstance } from "./remote-instance.ts";
import { Turns } from "./turns.ts";

/** Opened weights in a guest. Tensors cross in files of the exchange folder. */
export function remoteInferable(remote: RemoteInstance<WireInferable>): Inferable {
  const { capabilities, inputs, outputs } = remote.opened;
  const turns = new Turns(capabilities.concurrency);
  return {
    capabilities,
    inputs,
    outputs,
    run: async (request, options = {}) => {
      remote.check(options);
      return await turns.take(options.signal, () => run(remote, request, options));
    },
    [Symbol.asyncDispose]: () => remote.close(),
  };
}

async function run(
  remote: RemoteInstance<WireInferable>,
  request: InferRequest,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<InferResult> {
  remote.check(options);
  const { connection } = await remote.connect();
  const { folder } = connection;
  const names = Object.keys(request.inputs);
  const values = names.map((name) => request.inputs[name] as TensorValue);
  for (const [index, value] of values.entries()) checkInput(names[index] as string, value);
  const files = [folder.take(), folder.take()] as const;
  const [inputFile, outputFile] = files;
  let answered = false;
  let read = false;
  // The files are free when the guest has answered, also after an abort, and nobody here reads the output.
  const giveBack = (): void => {
    if (answered && read) for (const file of files) folder.give(file);
  };
  try {
    const places = await folder.write(
      inputFile,
      values.map(({ data }) => data),
    );
    const inputs = Object.fromEntries(
      values.map(({ dtype, shape }, index) => [names[index], { dtype, shape, ...places[index] }]),
    );
    const { outputs } = await remote.call<WireInferResult>(
      "inferable/run",
      { request: { ...request, inputs }, outputFile },
      {
        ...options,
        onAnswered: () => {
          answered = true;
          giveBack();
        },
      },
    );
    return { outputs: await readOutputs(connection, outputs, outputFile) };
  } finally {
    read = true;
    giveBack();
  }
}

function checkInput(name: string, { dtype, shape, data }: TensorValue): void {
  if (tensorByteLength(dtype, shape) === data.byteLength) return;
  throw new RmtcError(
    "RMTC_LAYOUT_MISMATCH",
    `The input ${name} is ${dtype} [${shape.join(", ")}] and has ${data.byteLength} bytes.`,
    { subject: name },
  );
}

async function readOutputs(
  connection: GuestConnection,
  outputs: Readonly<Record<string, WireTensor>>,
  file: string,
): Promise<Readonly<Record<string, TensorValue>>> {
  const entries = Object.entries(outputs);
  try {
    for (const [name, tensor] of entries) checkOutput(name, tensor, file);
    const blocks = await connection.folder.read(entries.map(([, tensor]) => tensor));
    return Object.fromEntries(
      entries.map(([name, { dtype, shape }], index) => [
        name,
        { dtype, shape, data: blocks[index] as Uint8Array },
      ]),
    );
  } catch (error) {
    throw error instanceof RmtcError ? connection.breach(error) : error;
  }
}

function checkOutput(name: string, { dtype, shape, file, length }: WireTensor, expected: string): void {
  if (file !== expected) {
    throw new RmtcError("RMTC_PATH_INVALID", `The guest named the file ${file} instead of ${expected}.`);
  }
  if (tensorByteLength(dtype, shape) !== length) {
    throw new RmtcError(
      "RMTC_EXTENSION_INVALID",
      `The guest gives ${length} bytes for the output ${name}, ${dtype} [${shape.join(", ")}].`,
      { subject: name },
    );
  }
}
