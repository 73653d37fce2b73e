// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type {
  BlobStore,
  ByteRange,
  Converter,
  ConvertRequest,
  Inferable,
  Inferer,
  InferRequest,
  JobSpec,
  LogMetricsRequest,
  OpenWeightsRequest,
  PlanRequest,
  RecordStore,
  RunStore,
  Scheduler,
  SealIntent,
  TaskReference,
  Trainer,
  TrainingJob,
  TrainingStrategy,
} from "@rmtc/contract";
import type { Digest, RecordId, TrainingPlan, WireTensor } from "@rmtc/spec";
import type { MethodCall } from "./method-call.ts";

/** Bytes that a method returns as a stream. */
export class ByteStream {
  readonly bytes: AsyncIterable<Uint8Array>;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.bytes = bytes;
  }
}

/** Calls one method of an instance with parameters by name. */
export type ServedMethod = (instance: never, params: never, call: MethodCall) => unknown;

/** The first parameter of a method, which most methods call `request`. */
interface Asked<Method extends (request: never, ...rest: never[]) => unknown> {
  readonly request: Parameters<Method>[0];
}

const recordStore = {
  put: (store: RecordStore, { request }: Asked<RecordStore["put"]>, { options }: MethodCall) =>
    store.put(request, options),
  get: (store: RecordStore, { request }: Asked<RecordStore["get"]>, { options }: MethodCall) =>
    store.get(request, options),
  find: (store: RecordStore, { request }: Asked<RecordStore["find"]>, { options }: MethodCall) =>
    store.find(request, options),
  count: (store: RecordStore, { request }: Asked<RecordStore["count"]>, { options }: MethodCall) =>
    store.count(request, options),
  edges: (store: RecordStore, { request }: Asked<RecordStore["edges"]>, { options }: MethodCall) =>
    store.edges(request, options),
  closure: (store: RecordStore, { request }: Asked<RecordStore["closure"]>, { options }: MethodCall) =>
    store.closure(request, options),
  changes: (store: RecordStore, { request }: Asked<RecordStore["changes"]>, { options }: MethodCall) =>
    store.changes(request, options),
  head: (store: RecordStore, _: unknown, { options }: MethodCall) => store.head(options),
  erase: (store: RecordStore, { request }: Asked<RecordStore["erase"]>, { options }: MethodCall) =>
    store.erase(request, options),
  verify: (store: RecordStore, { request }: Asked<RecordStore["verify"]>, { options }: MethodCall) =>
    store.verify(request, options),
};

const blobStore = {
  write: (
    store: BlobStore,
    { bytes, expect }: { readonly bytes: unknown; readonly expect?: Digest },
    call: MethodCall,
  ) => store.write(call.bytes(bytes), { ...call.options, expect }),
  putFiles: (store: BlobStore, { request }: Asked<BlobStore["putFiles"]>, call: MethodCall) =>
    store.putFiles(request, { ...call.options, onProgress: call.onProgress }),
  read: (
    store: BlobStore,
    { digest, range }: { readonly digest: Digest; readonly range?: ByteRange },
    { options }: MethodCall,
  ) => new ByteStream(store.read(digest, { ...options, range })),
  status: (store: BlobStore, { digests }: { readonly digests: readonly Digest[] }, { options }: MethodCall) =>
    store.status(digests, options),
  localPath: (store: BlobStore, { digest }: { readonly digest: Digest }, { options }: MethodCall) =>
    store.localPath(digest, options),
  resumeWrite: (
    store: BlobStore,
    {
      blob,
      bytesFrom,
    }: { readonly blob: Parameters<BlobStore["resumeWrite"]>[0]; readonly bytesFrom: unknown },
    call: MethodCall,
  ) => store.resumeWrite(blob, (offset) => lentBytesFrom(call, bytesFrom, offset), call.options),
  verify: (store: BlobStore, { request }: Asked<BlobStore["verify"]>, call: MethodCall) =>
    store.verify(request, { ...call.options, onProgress: call.onProgress }),
  evict: (store: BlobStore, { digest }: { readonly digest: Digest }, { options }: MethodCall) =>
    store.evict(digest, options),
  erase: (store: BlobStore, { digest }: { readonly digest: Digest }, { options }: MethodCall) =>
    store.erase(digest, options),
  list: (store: BlobStore, { request }: Asked<BlobStore["list"]>, { options }: MethodCall) =>
    store.list(request, options),
};

async function* lentBytesFrom(
  call: MethodCall,
  bytesFrom: unknown,
  offset: number,
): AsyncGenerator<Uint8Array, void> {
  yield* call.bytes(await call.callback(bytesFrom, { offset }));
}

const runStore = {
  openRun: (store: RunStore, { request }: Asked<RunStore["openRun"]>, { options }: MethodCall) =>
    store.openRun(request, options),
  startAttempt: (store: RunStore, { request }: Asked<RunStore["startAttempt"]>, { options }: MethodCall) =>
    store.startAttempt(request, options),
  endAttempt: (store: RunStore, { request }: Asked<RunStore["endAttempt"]>, { options }: MethodCall) =>
    store.endAttempt(request, options),
  getRuns: (store: RunStore, { runs }: { readonly runs: readonly RecordId[] }, { options }: MethodCall) =>
    store.getRuns(runs, options),
  listRuns: (store: RunStore, { request }: Asked<RunStore["listRuns"]>, { options }: MethodCall) =>
    store.listRuns(request, options),
  logMetrics: (
    store: RunStore,
    { request }: { readonly request: LogMetricsRequest },
    { options }: MethodCall,
  ) => store.logMetrics(request, options),
  readMetrics: (store: RunStore, { request }: Asked<RunStore["readMetrics"]>, { options }: MethodCall) =>
    store.readMetrics(request, options),
  summarizeMetrics: (store: RunStore, { run }: { readonly run: RecordId }, { options }: MethodCall) =>
    store.summarizeMetrics(run, options),
  beginSeal: (store: RunStore, { intent }: { readonly intent: SealIntent }, { options }: MethodCall) =>
    store.beginSeal(intent, options),
  finishSeal: (store: RunStore, { request }: Asked<RunStore["finishSeal"]>, { options }: MethodCall) =>
    store.finishSeal(request, options),
  pendingSeals: (store: RunStore, _: unknown, { options }: MethodCall) => store.pendingSeals(options),
  setAlias: (store: RunStore, { request }: Asked<RunStore["setAlias"]>, { options }: MethodCall) =>
    store.setAlias(request, options),
  getAlias: (store: RunStore, { alias }: { readonly alias: string }, { options }: MethodCall) =>
    store.getAlias(alias, options),
  aliasHistory: (store: RunStore, { alias }: { readonly alias: string }, { options }: MethodCall) =>
    store.aliasHistory(alias, options),
  listAliases: (store: RunStore, { request }: Asked<RunStore["listAliases"]>, { options }: MethodCall) =>
    store.listAliases(request, options),
};

const trainer = {
  describe: (instance: Trainer, { job }: { readonly job: TrainingJob }) => instance.describe(job),
  train: (
    instance: Trainer,
    { job, plan }: { readonly job: TrainingJob; readonly plan: unknown },
    call: MethodCall,
  ) =>
    instance.train(job, {
      ...call.options,
      plan: async (request) => (await call.callback(plan, { ...request })) as TrainingPlan,
    }),
};

const trainingStrategy = {
  plan: (
    strategy: TrainingStrategy,
    { request }: { readonly request: PlanRequest },
    { options }: MethodCall,
  ) => strategy.plan(request, options),
};

const scheduler = {
  submit: (instance: Scheduler, { job }: { readonly job: JobSpec }, { options }: MethodCall) =>
    instance.submit(job, options),
  status: (instance: Scheduler, { job }: { readonly job: string }, { options }: MethodCall) =>
    instance.status(job, options),
  list: (instance: Scheduler, { request }: Asked<Scheduler["list"]>, { options }: MethodCall) =>
    instance.list(request, options),
  watch: (instance: Scheduler, { job }: { readonly job: string }, { options }: MethodCall) =>
    instance.watch(job, options),
  logs: (
    instance: Scheduler,
    { task, follow }: { readonly task: TaskReference; readonly follow?: boolean },
    { options }: MethodCall,
  ) => new ByteStream(instance.logs(task, { ...options, follow })),
  kill: (instance: Scheduler, { job }: { readonly job: string }, { options }: MethodCall) =>
    instance.kill(job, options),
  retry: (instance: Scheduler, { job }: { readonly job: string }, { options }: MethodCall) =>
    instance.retry(job, options),
};

const inferer = {
  open: async (
    instance: Inferer,
    { request }: { readonly request: OpenWeightsRequest },
    call: MethodCall,
  ) => {
    const inferable = await instance.open(request, call.options);
    const { capabilities, inputs, outputs } = inferable;
    return { instance: call.register(inferable), capabilities, inputs, outputs };
  },
};

const inferable = {
  run: async (
    instance: Inferable,
    {
      request,
      outputFile,
    }: {
      readonly request: Omit<InferRequest, "inputs"> & {
        readonly inputs: Readonly<Record<string, WireTensor>>;
      };
      readonly outputFile: string;
    },
    call: MethodCall,
  ) => {
    const inputs = await call.readTensors(request.inputs);
    const { outputs } = await instance.run({ ...request, inputs }, call.options);
    return { outputs: await call.writeTensors(outputFile, outputs) };
  },
};

const converter = {
  convert: (
    instance: Converter,
    { request }: { readonly request: ConvertRequest },
    { options }: MethodCall,
  ) => instance.convert(request, options),
};

/** The methods of every kind of instance, by kind and name. */
export const roleMethods: Readonly<Record<string, Readonly<Record<string, ServedMethod>>>> = {
  recordStore,
  blobStore,
  runStore,
  trainer,
  trainingStrategy,
  scheduler,
  inferer,
  inferable,
  converter,
};
