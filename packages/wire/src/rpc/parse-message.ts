// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isUtf8 } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import { RmtcError, type RmtcErrorDocument } from "@rmtc/contract";
import { validateDocument } from "@rmtc/spec";
import { checkJson, maxMessageDepth, notJson } from "./check-json.ts";

/** From this size on, the event loop gets a turn between the steps. */
const largeBytes = 256 * 1024;

const [quote, backslash, openBrace, openBracket, closeBrace, closeBracket] = [
  0x22, 0x5c, 0x7b, 0x5b, 0x7d, 0x5d,
];

/** Parameters of a request, by name. */
export type RpcParams = Readonly<Record<string, unknown>>;

/** Why a request failed. */
export interface RpcFailure {
  readonly code: number;
  readonly message: string;
  readonly data?: RmtcErrorDocument;
}

/** One message, as `wire-message.schema.json` has it. */
export interface RpcMessage {
  readonly jsonrpc: "2.0";
  readonly id?: number;
  readonly method?: string;
  readonly params?: RpcParams;
  readonly result?: unknown;
  readonly error?: RpcFailure;
}

/**
 * Reads a line that nobody vouches for.
 *
 * @throws RMTC_JSON_INVALID when it is not I-JSON; RMTC_LIMIT_EXCEEDED when it nests too deep.
 * @throws RMTC_EXTENSION_INVALID when it is JSON and no message.
 * @see spec/draft/wire.md#lines
 */
export async function parseMessage(line: Buffer): Promise<RpcMessage> {
  const isLarge = line.length > largeBytes;
  if (!isUtf8(line)) throw notJson("it is not UTF-8");
  checkDepth(line);
  if (isLarge) await setImmediate();
  const value = parse(line);
  if (isLarge) await setImmediate();
  checkJson(value);
  const issue = validateDocument("wireMessage", value);
  if (issue === undefined) return value as RpcMessage;
  throw new RmtcError(
    "RMTC_EXTENSION_INVALID",
    `A line is no JSON-RPC message: "${issue.pointer}" ${issue.message}.`,
    { pointer: issue.pointer },
  );
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8")) as unknown;
  } catch (error) {
    throw notJson((error as Error).message.slice(0, 200).toWellFormed());
  }
}

/** Counts brackets before anything is built from them. */
function checkDepth(line: Buffer): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth > maxMessageDepth) {
        throw new RmtcError("RMTC_LIMIT_EXCEEDED", `A line nests deeper than ${maxMessageDepth} containers.`);
      }
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1;
  }
}
