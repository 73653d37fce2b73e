// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { glob, readdir, readFile, writeFile } from "node:fs/promises";
import { documentChecks, guestCases, notHeld, platformChecks, suites } from "../src/index.ts";

/** What shows that an implementation keeps a demand, or why nothing can. */
export interface CoveredDemand {
  /** The number, for example `RMTC-REC-001`. */
  readonly id: string;
  /** Cases of roles and guests, and checks of documents that cite it, by id. */
  readonly cases: readonly string[];
  /** Files of vectors that name it, under `spec/draft/vectors/`; with the pointers of its tests, where they say it. */
  readonly vectors: readonly string[];
  /** Why no case or vector can hold it; `null` where one does, and where nobody has said why. */
  readonly reason: string | null;
}

interface Demand {
  readonly text: string;
  readonly id: string;
}

interface VectorTest {
  readonly demand?: string;
}

const root = new URL("../../spec/", import.meta.url);
const draft = new URL("draft/", root);

/** Reads every numbered sentence with a MUST, in the order of texts and sentences. */
async function readDemands(): Promise<readonly Demand[]> {
  const texts = (await readdir(draft)).filter((name) => name.endsWith(".md")).sort();
  const found = texts.map(async (text) => {
    const lines = (await readFile(new URL(text, draft), "utf8")).split("\n");
    return lines
      .filter((line) => /\bMUST\b/.test(line))
      .map(
        (line) => /^(?:- )?<a id="rmtc-[a-z]{3}-\d{3}"><\/a>\*\*(RMTC-[A-Z]{3}-\d{3})\*\* /.exec(line)?.[1],
      )
      .filter((id) => id !== undefined)
      .map((id) => ({ text, id }));
  });
  return (await Promise.all(found)).flat();
}

function readCases(): ReadonlyMap<string, readonly string[]> {
  const cases = [...Object.values(suites).flat(), ...guestCases, ...documentChecks, ...platformChecks];
  const byDemand = Map.groupBy(cases, ({ spec }) => spec.slice(spec.indexOf("#") + 1).toUpperCase());
  return new Map([...byDemand].map(([demand, held]) => [demand, held.map(({ id }) => id).sort()]));
}

/** Reads what the vectors say they are about: a test by its `demand`, the rest of a file by its description. */
async function readVectors(): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = new URL("vectors/", draft);
  const held = new Map<string, string[]>();
  const add = (demand: string, place: string): void => {
    held.set(demand, [...(held.get(demand) ?? []), place]);
  };
  for (const name of (await Array.fromAsync(glob("**/*.json", { cwd: folder }))).sort()) {
    const { description, tests } = JSON.parse(await readFile(new URL(name, folder), "utf8")) as {
      readonly description: string;
      readonly tests: readonly VectorTest[];
    };
    const named = new Set(tests.map(({ demand }) => demand));
    for (const [index, { demand }] of tests.entries()) {
      if (demand !== undefined) add(demand, `${name}#/tests/${index}`);
    }
    for (const demand of numbersIn(description)) if (!named.has(demand)) add(demand, name);
  }
  return held;
}

/** Finds the numbers in a text; `RMTC-REC-030 to RMTC-REC-036` stands for all from the first to the last. */
function numbersIn(text: string): ReadonlySet<string> {
  const numbers = new Set<string>();
  for (const [, first = "", last = first] of text.matchAll(
    /(RMTC-[A-Z]{3}-\d{3})(?: to (RMTC-[A-Z]{3}-\d{3}))?/g,
  )) {
    for (let number = Number(first.slice(-3)); number <= Number(last.slice(-3)); number += 1) {
      numbers.add(`${first.slice(0, -3)}${String(number).padStart(3, "0")}`);
    }
  }
  return numbers;
}

/** Makes `coverage.json` and the page about it, by their paths under `spec/`. */
export async function generateCoverage(): Promise<ReadonlyMap<string, string>> {
  const demands = await readDemands();
  const cases = readCases();
  const vectors = await readVectors();
  const reasons = new Map(notHeld.map(({ id, reason }) => [id, reason]));
  const covered = demands.map(({ text, id }) => {
    const held = { cases: cases.get(id) ?? [], vectors: vectors.get(id) ?? [] };
    const isHeld = held.cases.length + held.vectors.length > 0;
    return { text, demand: { id, ...held, reason: isHeld ? null : (reasons.get(id) ?? null) } };
  });
  return new Map([
    ["coverage.json", `[\n  ${covered.map(({ demand }) => JSON.stringify(demand)).join(",\n  ")}\n]\n`],
    ["../docs/reference/coverage.md", coveragePage(covered)],
  ]);
}

interface CoveredInText {
  readonly text: string;
  readonly demand: CoveredDemand;
}

function coveragePage(covered: readonly CoveredInText[]): string {
  const rows = [...Map.groupBy(covered, ({ text }) => text)].map(([text, inText]) => [
    `[${text}](../../spec/draft/${text})`,
    ...countsOf(inText),
  ]);
  const without = covered.filter(({ demand }) => !isHeld(demand));
  const byReason = Map.groupBy(without, ({ demand }) => demand.reason ?? "Nobody has said why yet.");
  const reasons = [...byReason].map(
    ([reason, list]) => `- ${reason} ${list.map(({ text, demand }) => linkTo(text, demand.id)).join(" ")}`,
  );
  const head = ["Text", "MUSTs", "Case", "Vector", "Case or vector", "Reason", "Open"];
  return `<!-- SPDX-License-Identifier: CC-BY-4.0 -->
<!-- Copyright Contributors to the RMTC for TypeScript Project. -->
<!-- Generated by conformance/scripts/coverage.ts; do not edit. -->

# Coverage

Which cases and vectors hold the demands of the standard.
[coverage.json](../../spec/coverage.json) has one entry for each MUST, with the cases and vectors that hold it, or the reason why none can.

${table(head, [...rows, ["all", ...countsOf(covered)]])}

"Case" counts cases of roles and guests, and checks of documents.
"Reason" counts demands that nothing outside of an implementation can show, or that bind somebody else than one.
"Open" counts demands with neither.

## Held by no case and no vector

${reasons.join("\n")}
`;
}

function isHeld({ cases, vectors }: CoveredDemand): boolean {
  return cases.length + vectors.length > 0;
}

function countsOf(covered: readonly CoveredInText[]): string[] {
  const count = (counts: (demand: CoveredDemand) => boolean): string =>
    String(covered.filter(({ demand }) => counts(demand)).length);
  return [
    count(() => true),
    count(({ cases }) => cases.length > 0),
    count(({ vectors }) => vectors.length > 0),
    count(isHeld),
    count(({ reason }) => reason !== null),
    count((demand) => !isHeld(demand) && demand.reason === null),
  ];
}

function linkTo(text: string, id: string): string {
  return `[${id.slice("RMTC-".length)}](../../spec/draft/${text}#${id.toLowerCase()})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...rows]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`)
    .join("\n");
}

if (import.meta.main) {
  for (const [path, text] of await generateCoverage()) await writeFile(new URL(path, root), text);
}
