// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson, HistoryHasher, makeRecord, recordDigest, sha256 } from "@rmtc/attest";
import { type MetricValue, RmtcError, type StoredRecord, type TrainingEvent } from "@rmtc/contract";
import type { Digest, Link, RmtcRecord, SealBody, WeightsBody } from "@rmtc/spec";
import { outputLinks } from "../activity/activity-links.ts";
import { completeSeal, makeSeal } from "../activity/seal-activity.ts";
import { bodyOf } from "../body-of.ts";
import { findAll, getRecord } from "../get-records.ts";
import { putFiles } from "../publish/put-files.ts";
import { checkRecords, putRecords } from "../put-records.ts";
import { linkTo, type RecordReference, referenceOf, targetsOf } from "../record-link.ts";
import { checkRights } from "../rights/check-rights.ts";
import { TemporaryFolder } from "../temporary-folder.ts";
import { Tracker } from "../tracker.ts";
import type { Workspace } from "../workspace.ts";
import { prepareJob } from "./prepare-job.ts";

/** How a run is carried out. */
export interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
}

/**
 * Carries out an opened run in this process: trains from its newest checkpoint on, logs metrics, publishes
 * checkpoints and weights, and seals the run.
 *
 * Killed at any moment and called again, it ends with the same weights, the same optimizer state and the same
 * metric history as if it had never been killed.
 *
 * @throws RMTC_RIGHTS_DENIED when the rights ended while it ran; the run is then `failed` and has no weights.
 */
export async function executeRun(
  workspace: Workspace,
  run: StoredRecord,
  options: ExecuteOptions = {},
): Promise<void> {
  const [status] = await workspace.runs.getRuns([run.record.id]);
  if (status?.state === "sealed") return;
  if (status === null) await workspace.runs.openRun({ run: run.record.id });
  const checkpoints = await findCheckpoints(workspace, run);
  const newest = checkpoints.at(-1);
  const tracker = await Tracker.start(workspace.runs, run.record.id, stepOf(newest));
  try {
    await attempt(workspace, run, tracker, newest, options);
  } catch (error) {
    const state = options.signal?.aborted === true ? "cancelled" : "failed";
    const message = error instanceof Error ? error.message : String(error);
    await workspace.runs
      .endAttempt({ run: run.record.id, attempt: tracker.attempt, state, message: message.slice(0, 2000) })
      .catch(() => undefined);
    throw error;
  }
}

async function attempt(
  workspace: Workspace,
  run: StoredRecord,
  tracker: Tracker,
  checkpoint: StoredRecord | undefined,
  options: ExecuteOptions,
): Promise<void> {
  const { signal } = options;
  const body = bodyOf(run.record, "run");
  if (body === undefined) {
    throw new RmtcError("RMTC_STATE_INVALID", `The body of run ${run.record.id} is withheld.`, {
      subject: run.record.id,
    });
  }
  await using opened = new AsyncDisposableStack();
  const outputFolder = opened.use(await TemporaryFolder.create(workspace)).path;
  const trainer = (
    await workspace.openTrainer({ use: body.trainer.name, options: body.trainer.options ?? {} })
  ).instance;
  opened.use(trainer);
  const strategy = (
    await workspace.openStrategy({ use: body.strategy?.name ?? "", options: body.strategy?.options ?? {} })
  ).instance;
  opened.use(strategy);
  const { job, leaves } = await prepareJob(workspace, run, strategy, { outputFolder, checkpoint, signal });
  const output = await describeOutputs(workspace, run);
  for await (const event of trainer.train(job, {
    signal,
    plan: (request) => strategy.plan({ ...request, seed: job.seed }, { signal }),
  })) {
    if (event.type === "metrics") tracker.add(event.points);
    if (event.type === "checkpoint") {
      await tracker.flush();
      await publishCheckpoint(workspace, output, event, tracker.attempt);
    }
    if (event.type === "weights") {
      await tracker.flush();
      await publishWeights(workspace, run, output, event, tracker.attempt, leaves);
    }
    options.onEvent?.(event);
  }
}

/** What every output of a run links and is called. */
interface OutputFrame {
  readonly name: string;
  readonly version: string | undefined;
  readonly links: readonly Link[];
}

async function describeOutputs(workspace: Workspace, run: StoredRecord): Promise<OutputFrame> {
  const { record } = run;
  const licenses = await checkRights(workspace, "train", await inputsOf(workspace, run));
  const [person] = targetsOf(record, "attributedTo");
  const [solution] = targetsOf(record, "createdFor");
  const [model] = targetsOf(record, "used");
  if (person === undefined || model === undefined) {
    throw new RmtcError("RMTC_DOCUMENT_INVALID", `Run ${record.id} does not name its person and model.`, {
      subject: record.id,
    });
  }
  return {
    name: record.name ?? "weights",
    version: record.version,
    links: [...outputLinks(referenceOf(run), licenses, { person, solution }), linkTo("instanceOf", model)],
  };
}

/** Everything the run takes that must be licensed: its inputs, and the plates of its dataset. */
async function inputsOf(workspace: Workspace, { record }: StoredRecord): Promise<string[]> {
  const datasets = targetsOf(record, "trainedOn");
  const inputs = [
    ...datasets,
    ...(["used", "initializedFrom", "resumedFrom"] as const).flatMap((rel) => targetsOf(record, rel)),
  ];
  const members = await Promise.all(
    datasets.map(async ({ id }) => targetsOf((await getRecord(workspace.records, id)).record, "hasMember")),
  );
  return [...inputs, ...members.flat()].map(({ id }) => id);
}

async function publishCheckpoint(
  workspace: Workspace,
  output: OutputFrame,
  event: TrainingEvent & { readonly type: "checkpoint" },
  attemptNumber: number,
): Promise<void> {
  const files = await putFiles(workspace, [event.file.path]);
  await putRecords(workspace, [
    makeRecord({
      kind: "checkpoint",
      name: output.name,
      links: [...output.links],
      files,
      body: { step: event.step, attempt: attemptNumber },
    }),
  ]);
}

async function publishWeights(
  workspace: Workspace,
  run: StoredRecord,
  output: OutputFrame,
  event: TrainingEvent & { readonly type: "weights" },
  attemptNumber: number,
  leaves: ReadonlyMap<string, Digest>,
): Promise<void> {
  await checkRights(workspace, "train", await inputsOf(workspace, run));
  const { name, version } = output;
  const files = await putFiles(workspace, [
    event.file.path,
    ...event.variants.map((variant) => variant.path),
  ]);
  const records: RmtcRecord[] = [];
  for (const file of files) {
    const first = records[0];
    const variantOf =
      first === undefined ? [] : [linkTo("variantOf", { id: first.id, digest: recordDigest(first) })];
    const body: WeightsBody = {
      format:
        file.mediaType === "application/vnd.onnx"
          ? "onnx"
          : file.mediaType === "application/vnd.safetensors"
            ? "safetensors"
            : "other",
      step: event.step,
      parameterCount: event.parameterCount,
      precision: "F32",
    };
    records.push(
      makeRecord({
        kind: "weights",
        name,
        version,
        links: [...output.links, ...variantOf],
        files: [file],
        body: { ...body },
      }),
    );
  }
  const checkpoints = await findCheckpoints(workspace, run);
  const outputs: RecordReference[] = [
    ...checkpoints.map(referenceOf),
    ...records.map((record) => ({ id: record.id, digest: recordDigest(record) })),
  ];
  const consumed = event.consumed.flatMap((key) => leaves.get(key) ?? []).sort();
  const history = await digestHistory(workspace, run);
  const body: SealBody = {
    state: "succeeded",
    endedAt: new Date().toISOString(),
    ...history,
    steps: event.step,
    attempts: attemptNumber,
    itemsConsumed: { digest: sha256(canonicalJson(consumed)), count: consumed.length },
  };
  records.push(makeSeal(referenceOf(run), outputs, body));
  await checkRecords(workspace, records);
  await workspace.runs.endAttempt({ run: run.record.id, attempt: attemptNumber, state: "succeeded" });
  await completeSeal(workspace, run.record.id, records);
}

/** The digest, length and last values of a run's metric history, for its seal. */
export async function digestHistory(
  workspace: Workspace,
  run: StoredRecord,
): Promise<Required<Pick<SealBody, "metrics" | "historyDigest" | "pointCount">>> {
  const hasher = new HistoryHasher();
  let cursor: string | undefined;
  do {
    const page = await workspace.runs.readMetrics({ run: run.record.id, limit: 10_000, cursor });
    for (const point of page.points) hasher.add(point);
    cursor = page.next;
  } while (cursor !== undefined);
  const summaries = await workspace.runs.summarizeMetrics(run.record.id);
  return {
    metrics: Object.fromEntries(
      summaries.filter(({ last }) => isJsonNumber(last.value)).map(({ key, last }) => [key, last.value]),
    ),
    historyDigest: hasher.digest(),
    pointCount: hasher.count,
  };
}

/** I-JSON has no whole numbers beyond 2^53 - 1; such a value stands in the history alone. */
function isJsonNumber(value: MetricValue): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** The run's checkpoints, in order of step. */
export async function findCheckpoints(workspace: Workspace, run: StoredRecord): Promise<StoredRecord[]> {
  const found = findAll(workspace.records, {
    where: [
      { field: "kind", op: "eq", value: "checkpoint" },
      { field: "link.generatedBy", op: "eq", value: run.record.id },
    ],
    order: { field: "checkpoint.step" },
  });
  const checkpoints: StoredRecord[] = [];
  for await (const checkpoint of found) checkpoints.push(checkpoint);
  return checkpoints;
}

function stepOf(checkpoint: StoredRecord | undefined): number {
  return checkpoint === undefined ? 0 : (bodyOf(checkpoint.record, "checkpoint")?.step ?? 0);
}
