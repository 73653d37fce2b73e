// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { extname } from "node:path";
import type { RecordKind } from "@rmtc/spec";
import { artifactClasses, type Edge, edgesOf } from "./edges-of.ts";
import { licenseOf, nameOf } from "./license-of.ts";
import { listOf, type PythonEntity, sourceOf, textOf } from "./python-entity.ts";
import type { NotCarried, PythonFolder, PythonProduct } from "./read-python-folder.ts";

/** A record to be made. Links name other planned records by their key. */
export interface PlannedRecord {
  /** The entity's id, or the product's path. */
  readonly key: string;
  readonly source: string;
  readonly kind: RecordKind;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly tags: readonly string[];
  readonly body: object;
  readonly annotations: Readonly<Record<string, string>>;
  readonly product: PythonProduct | undefined;
  readonly links: readonly Edge[];
}

const silent: readonly string[] = ["Right", "Tag", "Jurisdiction"];
/** More steps than a product's path can have. */
const maxSteps = 64;
/** Properties that are carried over into other places than an annotation. */
const placed: readonly string[] =
  "name version uri licenses tags ancestors variants model solution grants excludes requires parties jurisdictions start finish explicit status revoked spdx description".split(
    " ",
  );
const weightsFormats: Readonly<Record<string, string>> = {
  ".safetensors": "safetensors",
  ".onnx": "onnx",
  ".pt": "pytorch",
  ".pth": "pytorch",
  ".ckpt": "pytorch",
  ".npz": "numpy",
  ".tflite": "tflite",
  ".gguf": "gguf",
};

/** Says which records a folder of the Python RMTC becomes, targets of links first, and what has no place. */
export function planRecords(folder: PythonFolder): {
  readonly records: readonly PlannedRecord[];
  readonly notCarried: readonly NotCarried[];
} {
  const notCarried: NotCarried[] = [];
  const lose = (source: string, why: string): void => void notCarried.push({ source, why, damaged: false });
  const byId = new Map(folder.entities.map((entity) => [entity.id, entity]));
  const edges = edgesOf(folder.entities, byId, lose);
  const products = new Map(folder.products.map((product) => [product.path, product]));
  const taken = new Set<PythonProduct>();
  const planned: PlannedRecord[] = [];
  for (const entity of folder.entities) {
    const product = productOf(entity, products);
    const record = recordOf(entity, product, edges.get(entity.id) ?? [], byId, lose);
    if (record === undefined) continue;
    planned.push(record);
    if (record.product !== undefined) taken.add(record.product);
  }
  for (const product of folder.products.filter((one) => !taken.has(one))) {
    if (product.version === undefined)
      lose(product.path, "has no version in its path and no entity names it");
    else {
      planned.push(recordOfProduct(product));
      lose(product.path, "no entity names it, so where it came from is unknown");
    }
  }
  return { records: inOrder(planned, lose), notCarried };
}

function recordOf(
  entity: PythonEntity,
  product: PythonProduct | undefined,
  links: readonly Edge[],
  byId: ReadonlyMap<string, PythonEntity>,
  lose: (source: string, why: string) => void,
): PlannedRecord | undefined {
  const source = sourceOf(entity);
  const named = { key: entity.id, source, name: entity.name, links };
  if (entity.className === "License" || entity.className === "OSS") {
    const { body, lost } = licenseOf(entity, byId);
    for (const why of lost) lose(source, why);
    return {
      ...named,
      kind: "license",
      version: textOf(entity, "version"),
      tags: [],
      body,
      annotations: annotationsOf(entity, byId, lose),
      product: undefined,
    };
  }
  if (entity.className === "Solution") {
    const problem = textOf(entity, "description") ?? entity.name;
    if (problem === undefined) lose(source, "has neither description nor name, so no problem");
    else
      return {
        ...named,
        kind: "solution",
        version: textOf(entity, "version"),
        tags: [],
        body: { problem },
        annotations: annotationsOf(entity, byId, lose),
        product: undefined,
      };
    return undefined;
  }
  if (!artifactClasses.includes(entity.className)) {
    if (!silent.includes(entity.className)) lose(source, whyNoRecord(entity.className));
    return undefined;
  }
  if (product === undefined && textOf(entity, "uri") !== undefined)
    lose(source, `its files are not in the folder: ${textOf(entity, "uri")}`);
  const { kind, body, lost } = artifactOf(entity, product);
  for (const why of lost) lose(source, why);
  const tags = listOf(entity.fields.tags).flatMap((tag) => nameOf(tag, byId) || []);
  return {
    ...named,
    kind,
    version: textOf(entity, "version") ?? product?.version,
    tags,
    body,
    annotations: annotationsOf(entity, byId, lose),
    product,
  };
}

function whyNoRecord(className: string): string {
  const why = Object.hasOwn(reasons, className) ? reasons[className] : undefined;
  return why ?? `a ${className} has no record`;
}

/** Why a class has no record of its own. */
const reasons: Readonly<Record<string, string>> = {
  Run: "a run record needs seed, trainer and closed inputs, which were not all recorded; its results are derivedFrom its inputs instead",
  Inference:
    "an inference record needs its inferer and closed inputs, which were not recorded; its outputs are derivedFrom its inputs instead",
  Party: "does not say whether it is a person, an organisation or a facility; authors stay as annotations",
  Environment: "nothing links it, since runs become links",
  Session: "what was done together is not recorded",
};

function artifactOf(
  entity: PythonEntity,
  product: PythonProduct | undefined,
): { readonly kind: RecordKind; readonly body: object; readonly lost: readonly string[] } {
  const format = formatOf(product);
  switch (entity.className) {
    case "Model":
      return { kind: "model", body: {}, lost: [] };
    case "Weights":
      return { kind: "weights", body: { format: format ?? "other" }, lost: [] };
    case "Checkpoint":
      return {
        kind: "weights",
        body: { format: format ?? "other" },
        lost: ["becomes weights: a checkpoint record needs its step, and only an epoch was recorded"],
      };
    case "Resource":
      if (
        product?.path.toLowerCase().endsWith(".cat") ||
        product?.files.some((path) => path.toLowerCase().endsWith(".cat"))
      )
        return { kind: "resource", body: { application: "Nuke" }, lost: [] };
      return {
        kind: "asset",
        body: {},
        lost: ["becomes an asset: which application loads it was not recorded"],
      };
    case "Asset":
      return { kind: "asset", body: {}, lost: [] };
    default:
      return {
        kind: "asset",
        body: {},
        lost: [
          "becomes an asset: which files are an item's inputs and targets is code there, so a dataset record has no items to seal",
        ],
      };
  }
}

function recordOfProduct(product: PythonProduct): PlannedRecord {
  const format = formatOf(product);
  const isCat = product.files.some((path) => path.toLowerCase().endsWith(".cat"));
  const [kind, body]: [RecordKind, object] =
    format !== undefined
      ? ["weights", { format }]
      : isCat
        ? ["resource", { application: "Nuke" }]
        : ["asset", {}];
  const { path, name, version } = product;
  return {
    key: path,
    source: path,
    kind,
    name,
    version,
    tags: [],
    body,
    annotations: { "rmtc-python.path": path },
    product,
    links: [],
  };
}

function formatOf(product: PythonProduct | undefined): string | undefined {
  return product?.files
    .map((path) => weightsFormats[extname(path).toLowerCase()])
    .find((format) => format !== undefined);
}

/** Every property without another place that is one value, as text. */
function annotationsOf(
  entity: PythonEntity,
  byId: ReadonlyMap<string, PythonEntity>,
  lose: (source: string, why: string) => void,
): Record<string, string> {
  const annotations: Record<string, string> = {
    "rmtc-python.id": entity.id,
    "rmtc-python.type": entity.typeName,
  };
  const uri = textOf(entity, "uri");
  if (uri !== undefined) annotations["rmtc-python.uri"] = uri;
  for (const [field, value] of Object.entries(entity.fields)) {
    if (value === null || placed.includes(field) || (Array.isArray(value) && value.length === 0)) continue;
    if (typeof value === "object") lose(sourceOf(entity), `"${field}" has no place in a record`);
    else
      annotations[`rmtc-python.${field}`] =
        (field === "author" ? nameOf(value, byId) : undefined) ?? String(value);
  }
  return annotations;
}

/** The product whose path the entity's URI ends with, the longest first; the URI itself is never opened. */
function productOf(
  entity: PythonEntity,
  products: ReadonlyMap<string, PythonProduct>,
): PythonProduct | undefined {
  const steps = pathOf(textOf(entity, "uri"))?.split("/") ?? [];
  for (let start = Math.max(0, steps.length - maxSteps); start < steps.length; start++) {
    const product = products.get(steps.slice(start).join("/"));
    if (product !== undefined) return product;
  }
  return undefined;
}

function pathOf(uri: string | undefined): string | undefined {
  if (uri === undefined || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  try {
    return url.protocol === "file:" ? decodeURIComponent(url.pathname).replace(/\/$/, "") : undefined;
  } catch {
    return undefined;
  }
}

/** Targets before what links to them; a link that would close a circle is left out. */
function inOrder(
  planned: readonly PlannedRecord[],
  lose: (source: string, why: string) => void,
): PlannedRecord[] {
  const byKey = new Map(planned.map((record) => [record.key, record]));
  const state = new Map<string, "open" | "done">();
  const ordered: PlannedRecord[] = [];
  for (const first of planned) {
    const stack: { readonly record: PlannedRecord; next: number; readonly links: Edge[] }[] = [];
    const enter = (record: PlannedRecord): void => {
      state.set(record.key, "open");
      stack.push({ record, next: 0, links: [] });
    };
    if (!state.has(first.key)) enter(first);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const link = top.record.links[top.next];
      if (link === undefined) {
        stack.pop();
        state.set(top.record.key, "done");
        ordered.push({ ...top.record, links: top.links });
        continue;
      }
      const target = byKey.get(link.to);
      const seen = state.get(link.to);
      if (target !== undefined && seen === undefined) {
        enter(target);
        continue;
      }
      top.next += 1;
      if (target !== undefined && seen === "done") top.links.push(link);
      else
        lose(
          top.record.source,
          seen === "open"
            ? `${link.rel} closes a circle, which records cannot`
            : `${link.rel} leads to something that has no record`,
        );
    }
  }
  return ordered;
}
