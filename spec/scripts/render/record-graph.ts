// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { escapeHtml } from "./escape-html.ts";

/** A row of the registry of relations. */
export interface RelationRow {
  readonly rel: string;
  readonly strength: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
}

/** The kinds of each family. */
export type Families = Readonly<Record<string, readonly string[]>>;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Relations that lead from one family to another. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly relations: readonly RelationRow[];
}

const size = { width: 1000, height: 650 };
const lineHeight = 16;

/** Where each family stands: what is made in the middle, who and what made it around it. */
const places: Readonly<Record<string, Point>> = {
  ledger: { x: 110, y: 60 },
  rights: { x: 110, y: 250 },
  agent: { x: 110, y: 490 },
  artifact: { x: 480, y: 250 },
  grouping: { x: 480, y: 540 },
  activity: { x: 890, y: 250 },
  closing: { x: 890, y: 540 },
};

/** How far a label stands from the middle of its arrow, so that labels do not meet. */
const shifts: Readonly<Record<string, Point>> = {
  "artifact-artifact": { x: 0, y: -150 },
  "activity-activity": { x: 0, y: -105 },
  "grouping-grouping": { x: 0, y: 75 },
  "artifact-activity": { x: 0, y: -125 },
  "artifact-agent": { x: -15, y: -10 },
  "activity-agent": { x: -150, y: 70 },
  "artifact-grouping": { x: 0, y: 60 },
  "activity-grouping": { x: 105, y: 85 },
  "closing-artifact": { x: -40, y: -5 },
};

/**
 * Draws the kinds by family and the relations between them, from the registries.
 *
 * A relation that leads from or to every kind, or between more than three families, is listed below the picture
 * instead.
 */
export function drawRecordGraph(families: Families, relations: readonly RelationRow[]): string {
  const familyOf = new Map(
    Object.entries(families).flatMap(([family, kinds]) => kinds.map((kind) => [kind, family] as const)),
  );
  const arrows = new Map<string, Arrow>();
  const everywhere: RelationRow[] = [];
  for (const relation of relations) {
    const sources = familiesOf(relation.sources, familyOf);
    const targets = familiesOf(relation.targets, familyOf);
    if (sources === undefined || targets === undefined) {
      everywhere.push(relation);
      continue;
    }
    for (const from of sources) {
      for (const to of targets) {
        const key = `${from}-${to}`;
        const before = arrows.get(key)?.relations ?? [];
        arrows.set(key, { from, to, relations: [...before, relation] });
      }
    }
  }
  const lines = new Map(
    Object.entries(families).map(([family, kinds]) => {
      const toAny = everywhere.filter(
        ({ sources, targets }) => targets.includes("*") && sources.some((kind) => kinds.includes(kind)),
      );
      return [family, [...kinds, ...toAny.map(({ rel }) => `${rel} → any`)]] as const;
    }),
  );
  const boxes = new Map([...lines].map(([family, texts]) => [family, boxOf(family, texts.length)]));
  const drawn = [...arrows].map(([key, arrow]) => drawArrow(key, arrow, boxes));
  return `<svg class="graph" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="The kinds of records and the relations between them">
<defs><marker id="arrowhead" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z"/></marker></defs>
${drawn.map(({ line }) => line).join("\n")}
${[...boxes].map(([family, box]) => drawBox(family, lines.get(family) ?? [], box)).join("\n")}
${drawn.map(({ label }) => label).join("\n")}
</svg>
<p class="caption">Arrows lead from the newer record to the older. <b class="strong">Strong</b> relations carry exposure, <b class="weak">weak</b> ones influence, the <span class="none">others</span> neither. Not drawn, because they join nearly all kinds: ${everywhere.map(({ rel, sources, targets }) => `<code>${rel}</code> (${names(sources)} → ${names(targets)})`).join(", ")}.</p>`;
}

function names(kinds: readonly string[]): string {
  return kinds.includes("*") ? "any" : kinds.length > 4 ? "most" : kinds.join(", ");
}

function familiesOf(
  kinds: readonly string[],
  familyOf: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  if (kinds.includes("*")) return undefined;
  const families = [...new Set(kinds.map((kind) => familyOf.get(kind) ?? ""))];
  return families.length > 3 ? undefined : families;
}

function boxOf(family: string, lines: number): Box {
  const place = places[family];
  if (place === undefined) throw new Error(`The picture has no place for the family ${family}.`);
  return { ...place, width: 150, height: 40 + lines * lineHeight };
}

function drawBox(family: string, texts: readonly string[], box: Box): string {
  const [left, top] = [box.x - box.width / 2, box.y - box.height / 2];
  const lines = texts.map(
    (text, index) =>
      `<text x="${box.x}" y="${top + 42 + index * lineHeight}" text-anchor="middle" class="${text.endsWith("any") ? "relation none" : "kind"}">${escapeHtml(text)}</text>`,
  );
  return `<g><rect x="${left}" y="${top}" width="${box.width}" height="${box.height}" rx="8" class="family ${family}"/>
<text x="${box.x}" y="${top + 21}" text-anchor="middle" class="title">${escapeHtml(family)}</text>${lines.join("")}</g>`;
}

function drawArrow(
  key: string,
  { from, to, relations }: Arrow,
  boxes: ReadonlyMap<string, Box>,
): { readonly line: string; readonly label: string } {
  const [source, target] = [boxes.get(from), boxes.get(to)];
  if (source === undefined || target === undefined) throw new Error(`No box for ${key}.`);
  const shift = shifts[key] ?? { x: 0, y: 0 };
  const middle = { x: (source.x + target.x) / 2 + shift.x, y: (source.y + target.y) / 2 + shift.y };
  const aside = from === to ? 50 : 0;
  const start = edgeTowards(source, { ...middle, x: middle.x - aside });
  const end = edgeTowards(target, { ...middle, x: middle.x + aside });
  const bend = { x: 2 * middle.x - (start.x + end.x) / 2, y: 2 * middle.y - (start.y + end.y) / 2 };
  const strengths = ["strong", "weak", "none"].filter((strength) =>
    relations.some((relation) => relation.strength === strength),
  );
  const columns = relations.length > 6 ? 2 : 1;
  const rows = Math.ceil(relations.length / columns);
  const [width, height] = [columns * 112, rows * lineHeight + 8];
  const texts = relations.map(({ rel, strength }, index) => {
    const x = middle.x - width / 2 + 56 + Math.floor(index / rows) * 112;
    const y = middle.y - height / 2 + 15 + (index % rows) * lineHeight;
    return `<text x="${x}" y="${y}" text-anchor="middle" class="relation ${strength}">${escapeHtml(rel)}</text>`;
  });
  return {
    line: `<path d="M${point(start)} Q${point(bend)} ${point(end)}" class="arrow ${strengths[0] ?? "none"}" marker-end="url(#arrowhead)"/>`,
    label: `<rect x="${middle.x - width / 2}" y="${middle.y - height / 2}" width="${width}" height="${height}" rx="4" class="label"/>${texts.join("")}`,
  };
}

/** Where the line from a box's middle to a point leaves the box. */
function edgeTowards(box: Box, to: Point): Point {
  const [dx, dy] = [to.x - box.x, to.y - box.y];
  const scale = 1 / Math.max(Math.abs(dx) / (box.width / 2 + 4), Math.abs(dy) / (box.height / 2 + 4));
  return { x: box.x + dx * scale, y: box.y + dy * scale };
}

function point({ x, y }: Point): string {
  return `${Math.round(x)} ${Math.round(y)}`;
}
