// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  type CallOptions,
  type Inferer,
  type InfererCapabilities,
  type OpenWeightsRequest,
  RmtcError,
} from "@rmtc/contract";
import { OnnxInferable } from "./onnx-inferable.ts";
import type { OnnxInfererOptions } from "./onnx-inferer-options.ts";
import { Session } from "./session.ts";
import { SessionPool } from "./session-pool.ts";

const MEDIA_TYPE = "application/vnd.onnx";

/**
 * Opens ONNX files with ONNX Runtime, each in child processes of its own: it blocks the thread that calls it, and
 * a damaged file can bring it down.
 *
 * @see spec/draft/inferer.md
 */
export class OnnxInferer implements Inferer {
  readonly name = "onnx";
  readonly capabilities: InfererCapabilities = { mediaTypes: [MEDIA_TYPE] };
  readonly #options: OnnxInfererOptions;
  readonly #open = new Set<OnnxInferable>();
  #closed = false;

  constructor(options: OnnxInfererOptions) {
    this.#options = options;
  }

  /**
   * Starts the first process and loads the network in it.
   *
   * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when the file cannot be opened.
   * @throws RMTC_FORMAT_INVALID when the file is damaged; RMTC_FORMAT_UNSUPPORTED for another media type.
   * @throws RMTC_GRAPH_UNSUPPORTED when ONNX Runtime lacks an operator, or an input is no tensor.
   * @throws RMTC_PROCESS_FAILED when it takes longer than the options allow.
   * @throws RMTC_STATE_INVALID when the inferer was closed, before or meanwhile.
   */
  async open(request: OpenWeightsRequest, { signal }: CallOptions = {}): Promise<OnnxInferable> {
    const { path, mediaType } = request;
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();
    if (mediaType !== MEDIA_TYPE) {
      throw new RmtcError(
        "RMTC_FORMAT_UNSUPPORTED",
        `The inferer opens ${MEDIA_TYPE}, not ${mediaType}; convert the weights first.`,
        { subject: path },
      );
    }
    const { processes, threadsPerProcess, openTimeoutSeconds } = this.#options;
    const start = (startSignal?: AbortSignal): Promise<Session> =>
      Session.start(
        { path, threads: threadsPerProcess },
        { timeoutSeconds: openTimeoutSeconds, signal: startSignal },
      );
    const first = await start(signal);
    if (this.#closed) {
      await first.kill();
      throw closedError();
    }
    const pool = new SessionPool(first, processes, async () => {
      const session = await start();
      if (session.answer.fileIdentity === first.answer.fileIdentity) return session;
      await session.kill();
      throw new RmtcError("RMTC_STATE_INVALID", `${path} has changed since it was opened; open it again.`, {
        subject: path,
      });
    });
    const inferable = new OnnxInferable(first.answer.description, pool, processes, (closed) => {
      this.#open.delete(closed);
    });
    this.#open.add(inferable);
    return inferable;
  }

  /** Closes every network that is still open, and opens none from now on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#open].map((inferable) => inferable[Symbol.asyncDispose]()));
  }
}

function closedError(): RmtcError {
  return new RmtcError("RMTC_STATE_INVALID", "The inferer was closed; open another.");
}
