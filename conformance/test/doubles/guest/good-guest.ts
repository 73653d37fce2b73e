// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";

/**
 * A guest that serves a run store, a blob store and a trainer, as far as the cases about guests go.
 *
 * Its first argument names the one thing that it does otherwise than it should, its second a file for what it was
 * asked to do.
 */
const [, , deed, asked] = process.argv;

/** Tells whether to do something wrong; what was asked for is noted, since a deed matters only to who asks for it. */
function does(name: string): boolean {
  if (asked !== undefined) appendFileSync(asked, `${name}\n`);
  return name === deed;
}

type Params = Readonly<Record<string, never>>;

interface Message {
  readonly id: number;
  readonly method?: string;
  readonly params: Params;
  readonly result?: unknown;
}

interface Kept {
  readonly runs: string[];
  readonly blobs: Record<string, string>;
}

class Failure extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, rmtc?: string) {
    super(rmtc ?? "failed");
    this.code = code;
    this.data = rmtc === undefined ? undefined : { code: rmtc, message: "failed" };
  }
}

let folder: string | undefined;
let maxBytes = 16 * 1024 * 1024;
let storage: string | undefined;
let last = 0;
let ids = 0;
const kept: Kept = { runs: [], blobs: {} };
const instances = new Map<number, string>();
const streams = new Map<number, AsyncGenerator<unknown, void, string>>();
const waiting = new Map<number, (result: unknown) => void>();
const cancelled = new Set<number>();
/** The answers of the double that answers the cancelled twice. */
const answers = new Map<number, string>();
const roles = ["runStore", "blobStore", "trainer"];

const capabilities: Readonly<Record<string, object>> = {
  runStore: { durable: true, concurrentWriters: false, compareAndSet: false, maxBatchPoints: 1 },
  blobStore: { durable: true, references: false, localPaths: false, resumable: false },
  trainer: { architectures: ["any"], losses: ["l2"], resume: false, deterministic: false },
};
const image = { dtype: "F32", shape: [1, 1, 1, 1], axes: ["n", "c", "h", "w"] };
const network = {
  inputs: [{ name: "in", layout: image }],
  outputs: [{ name: "out", layout: image }],
  parameterCount: 1,
};

function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

async function ask(method: string, params: object): Promise<unknown> {
  ids = does("numbers-nothing") ? 1 : ids + 1;
  const id = ids;
  const answer = new Promise((resolve) => waiting.set(id, resolve));
  send({ id, method, params });
  return await answer;
}

function keep(): void {
  if (storage !== undefined) writeFileSync(storage, JSON.stringify(kept));
}

function open(role: string, baseFolder: string): object {
  if (!roles.includes(role)) throw new Failure(-32000, "RMTC_EXTENSION_INVALID");
  storage = join(baseFolder, "kept.json");
  if (existsSync(storage)) Object.assign(kept, JSON.parse(readFileSync(storage, "utf8")));
  last += last > 0 && does("gives-one-handle-twice") ? 0 : 1;
  instances.set(last, role);
  const sings = does("declares-what-is-not-registered") ? { sings: true } : {};
  const grows = role === "runStore" && does("declares-more-each-time") ? { maxBatchPoints: last } : {};
  return { instance: last, name: role, capabilities: { ...capabilities[role], ...sings, ...grows } };
}

function stream(values: AsyncGenerator<unknown, void, string>): object {
  last += 1;
  streams.set(last, values);
  return { stream: last };
}

async function* none(): AsyncGenerator<unknown, void, string> {}

async function* pages(bytes: Buffer): AsyncGenerator<unknown, void, string> {
  const most = (does("hands-out-too-much") ? 32 : 8) * 1024 * 1024;
  const start = does("begins-anywhere") ? 7 : 0;
  if (bytes.length === 0 && does("hands-out-nothing")) yield (name: string) => place(name, bytes, start);
  for (let at = 0; at < bytes.length; at += most) {
    yield (name: string) => place(name, bytes.subarray(at, at + most), start);
  }
}

function place(name: string, bytes: Buffer, offset: number): object {
  const file = does("writes-elsewhere") ? `own-${name}` : name;
  writeFileSync(join(String(folder), file), Buffer.concat([Buffer.alloc(offset), bytes]));
  return { file, offset, length: bytes.length + (bytes.length === 1_000 && does("promises-more") ? 1 : 0) };
}

async function write(lent: number): Promise<object> {
  const blocks: Buffer[] = [];
  for (;;) {
    const item = (await ask("next", { stream: lent })) as {
      readonly done: boolean;
      readonly value: { readonly file: string; readonly offset: number; readonly length: number };
    };
    if (item.done) break;
    const { file, offset, length } = item.value;
    blocks.push(readFileSync(join(String(folder), file)).subarray(offset, offset + length));
  }
  const bytes = Buffer.concat(blocks);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  kept.blobs[digest] = bytes.toString("base64");
  if (!does("keeps-at-the-end")) keep();
  return { digest, sizeBytes: bytes.length };
}

async function* training(callback: number): AsyncGenerator<unknown, void, string> {
  for (let step = 1; ; step += 1) {
    const params = { items: [{ key: "a", width: 24, height: 20 }], seed: 1, fromStep: step, stepCount: 1 };
    await ask("callback", { callback, params });
    if (step % 2 === 0) yield { type: "metrics", points: [] };
    await setImmediate();
  }
}

/** Goes on when its stream is over. */
async function goOn(callback: number): Promise<void> {
  for (let step = 0; step < 20; step += 1) {
    await ask("callback", { callback, params: { items: [], seed: 1, fromStep: 1, stepCount: 1 } });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function serve(method: string, params: Params, id: number): Promise<unknown> {
  if ("ACME_hint" in params && does("knows-every-parameter")) throw new Failure(-32602);
  switch (method) {
    case "initialize": {
      const { protocol, limits } = params as unknown as {
        readonly protocol: { readonly min: number };
        readonly limits?: { readonly lineBytes: number };
      };
      if (protocol.min > 1 && !does("speaks-any-version"))
        throw new Failure(-32000, "RMTC_EXTENSION_INVALID");
      folder = params.folder;
      maxBytes = limits?.lineBytes ?? maxBytes;
      const served = does("serves-a-role-twice") ? ["runStore", ...roles] : roles;
      const extensions = served.map((role) => ({ role, name: "good", version: "1.0.0", contract: 1 }));
      return { protocol: 1, extensions };
    }
    case "open":
      return open(params.role ?? "", params.baseFolder ?? "");
    case "close":
      if (does("closes-all")) instances.clear();
      if (!does("closes-none")) instances.delete(Number(params.instance));
      return null;
    case "next": {
      const values = streams.get(Number(params.stream));
      if (values === undefined) {
        if (does("knows-its-streams-only")) throw new Failure(-32602);
        return { done: true };
      }
      const item = await Promise.race([values.next(""), untilCancelled(id)]);
      if (item === undefined) throw new Failure(-32800);
      if (item.done === true) streams.delete(Number(params.stream));
      if (item.done === true) return { done: true };
      const { value } = item;
      return { done: false, value: typeof value === "function" ? value(params.file) : value };
    }
    case "end":
      streams.delete(Number(params.stream));
      return null;
    default:
      return await call(method, params);
  }
}

async function untilCancelled(id: number): Promise<undefined> {
  while (!cancelled.has(id) && instances.size > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  if (!cancelled.has(id)) await new Promise(() => undefined);
}

async function call(method: string, params: Params): Promise<unknown> {
  if (instances.get(Number(params.instance)) !== method.split("/")[0]) throw new Failure(-32602);
  switch (method) {
    case "runStore/pendingSeals":
      return [];
    case "runStore/openRun":
      kept.runs.push((params.request as unknown as { readonly run: string }).run);
      if (!does("keeps-at-the-end")) keep();
      return { run: kept.runs.at(-1), state: "open" };
    case "runStore/getRuns":
      return (params.runs as unknown as readonly string[]).map((run) =>
        kept.runs.includes(run) ? { run, state: "open" } : null,
      );
    case "blobStore/status":
      return (params.digests as unknown as readonly string[]).map((digest) => ({
        digest,
        state: digest in kept.blobs ? "stored" : "neverHeld",
      }));
    case "blobStore/verify":
      return stream(none());
    case "blobStore/write":
      return await write((params.bytes as unknown as { readonly stream: number }).stream);
    case "blobStore/read":
      return stream(pages(Buffer.from(kept.blobs[String(params.digest)] ?? "", "base64")));
    case "trainer/describe": {
      const { architecture } = params.job as unknown as { readonly architecture: { readonly name: string } };
      if (architecture.name !== "any") throw new Failure(-32000, "RMTC_OPTION_INVALID");
      return network;
    }
    case "trainer/train": {
      const { callback } = params.plan as unknown as { readonly callback: number };
      if (does("calls-back-for-ever")) void goOn(callback);
      return stream(training(callback));
    }
    default:
      throw new Failure(-32601);
  }
}

async function answer({ id, method = "", params }: Message): Promise<void> {
  let line: string;
  try {
    const result = await serve(method, params, id);
    line = JSON.stringify({ jsonrpc: "2.0", id, result });
    if (line.length >= maxBytes && !does("sends-lines-of-any-length")) {
      throw new Failure(-32000, "RMTC_LIMIT_EXCEEDED");
    }
  } catch (thrown) {
    const { code, data, message } = thrown as Failure;
    line = JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, data } });
  }
  process.stdout.write(`${line}\n`);
  if (!does("answers-the-cancelled-twice")) return;
  // Whichever came first, so that the deed is done on a slow machine, too.
  if (cancelled.has(id)) process.stdout.write(`${line}\n`);
  answers.set(id, line);
}

if (does("greets")) send({ method: "progress", params: { request: 1, value: "hello" } });
let turn = Promise.resolve();
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message = JSON.parse(line) as Message;
  const { id, method, params } = message;
  if (method === undefined) {
    waiting.get(id)?.(message.result);
    waiting.delete(id);
  } else if (method === "cancel") {
    cancelled.add(Number(params.id));
    const given = answers.get(Number(params.id));
    if (given !== undefined) process.stdout.write(`${given}\n`);
  } else if (id === undefined) {
    if (does("complains-of-notifications"))
      send({ method: "progress", params: { request: 1, value: method } });
  } else if (cancelled.has(id) && does("remembers-cancels")) {
    send({ id, error: { code: -32800, message: "cancelled" } });
  } else if (does("works-in-turn")) {
    turn = turn.then(() => answer(message));
  } else {
    void answer(message);
  }
});
lines.once("close", () => {
  if (does("keeps-at-the-end")) keep();
  if (does("stays")) setInterval(() => undefined, 1_000);
  else {
    if (instances.size > 0 && folder !== undefined && !does("leaves-the-folder"))
      rmSync(folder, { recursive: true });
    process.exit(0);
  }
});
