// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type ConformanceReport,
  type Fixture,
  formatReport,
  isAgainst,
  killChildProcesses,
  killGuestProcesses,
  runCases,
  runGuestCases,
  subjectFromExtension,
  suites,
} from "@rmtc/conformance";
import { type Extension, RmtcError } from "@rmtc/contract";
import { loadCommand } from "@rmtc/wire";
import type { Command } from "commander";
import { printJson } from "../output/print-json.ts";
import { checkReportPaths, writeReports } from "../output/write-reports.ts";
import { parseAssignments } from "../parse-assignments.ts";
import { registerCompare } from "./conformance/compare.ts";
import { registerDocuments } from "./conformance/documents.ts";
import { registerPlatform } from "./conformance/platform.ts";

/** The options of `rmtc conformance`. */
interface ConformanceOptions {
  readonly command?: string;
  readonly role?: string;
  readonly set?: readonly string[];
  readonly fixture?: string;
  readonly cases?: string;
  readonly scale?: string;
  readonly report?: readonly string[];
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `rmtc conformance`: runs the suite's cases against an extension. */
export function register(program: Command): void {
  const conformance = program
    .command("conformance")
    .summary("run the conformance suite against an extension")
    .description(
      "Runs the cases of the conformance suite against every extension of a module, a package or a command line; of a command line also those about the wire protocol. Exits with 1 if a case of level must fails.",
    )
    .argument("[extension]", "a module's path or a package's name")
    .option("--command <line>", "a program that serves the extension over stdio, with its arguments")
    .option("--role <role>", "only the extension of this role; `guest` for the wire protocol of a --command")
    .option("--set <name=value...>", "options to open it with")
    .option("--fixture <file>", "JSON with what the role's cases are to use, such as weights by network")
    .option("--cases <prefix>", "only cases whose id starts so")
    .option("--scale <part>", "the part of the full amounts of data, above 0 to 1", "1")
    .option("--report <file...>", "also write a report: .json, .xml (JUnit), .html or .svg (badge)")
    .option("--all", "list the cases that passed as well")
    .option("--json", "print JSON: one report for each extension")
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc conformance @rmtc/store-memory --role runStore\n  rmtc conformance ./dist/index.js --set path=records.db --cases record-store.put\n  rmtc conformance --command 'python3 my_inferer.py' --json",
    )
    .enablePositionalOptions()
    .action(async (name: string | undefined, options: ConformanceOptions) => await run(name, options));
  registerDocuments(conformance);
  registerPlatform(conformance);
  registerCompare(conformance);
}

async function run(name: string | undefined, options: ConformanceOptions): Promise<void> {
  const { report: paths = [] } = options;
  checkReportPaths(paths);
  const isWanted = (role: string): boolean => options.role === undefined || role === options.role;
  const extensions = (await load(name, options.command)).filter(({ role }) => isWanted(role));
  const asGuest = options.command !== undefined && isWanted("guest");
  if (extensions.length === 0 && !asGuest) {
    throw new RmtcError(
      "RMTC_EXTENSION_INVALID",
      `${name ?? options.command} has no extension${options.role === undefined ? "" : ` for the role ${options.role}`}.`,
    );
  }
  const scale = Number(options.scale);
  if (!(scale > 0 && scale <= 1)) {
    throw new RmtcError("RMTC_OPTION_INVALID", "--scale is a number above 0 to 1.", { subject: "--scale" });
  }
  const fixture = await readFixture(options.fixture);
  const reports: ConformanceReport[] = [];
  const report = (made: ConformanceReport): void => {
    reports.push(made);
    if (options.json !== true) process.stdout.write(formatReport(made, { all: options.all === true }));
  };
  const opened = parseAssignments(options.set ?? []);
  const part = options.cases === undefined ? {} : { prefix: options.cases };
  if (asGuest) report(await runGuestCases(guestOf(options.command), { options: opened, fixture, ...part }));
  for (const extension of extensions) {
    if (!Object.hasOwn(suites, extension.role)) {
      throw new RmtcError("RMTC_EXTENSION_INVALID", `There is no role ${extension.role}.`);
    }
    const kill = options.command === undefined ? killChildProcesses : killGuestProcesses;
    const subjects = subjectFromExtension(extension, opened, { fixture, kill });
    report(await runCases(extension.role, subjects, { scale, extension, ...part }));
  }
  await writeReports(reports, paths);
  if (options.json === true) printJson(reports);
  if (reports.some(({ cases }) => cases.some(isAgainst))) process.exitCode = 1;
}

async function load(name: string | undefined, line: string | undefined): Promise<readonly Extension[]> {
  if ((name === undefined) === (line === undefined)) {
    throw new RmtcError("RMTC_OPTION_INVALID", "Name either a module or package, or a --command.");
  }
  if (line !== undefined) return await loadCommand(guestOf(line));
  const module = await importExtensions(name as string);
  return Array.isArray(module.default) ? (module.default as Extension[]) : [module.default as Extension];
}

/** A path is a module's; any other name is looked up here and then among the packages of this command. */
async function importExtensions(name: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(
      /^\.{0,2}\//.test(name) ? pathToFileURL(resolve(name)).href : findPackage(name)
    )) as object;
  } catch (error) {
    throw new RmtcError("RMTC_EXTENSION_INVALID", `${name} cannot be loaded: ${(error as Error).message}`, {
      subject: name,
      cause: error,
    });
  }
}

function findPackage(name: string): string {
  try {
    const here = createRequire(join(process.cwd(), "package.json"));
    return pathToFileURL(here.resolve(name)).href;
  } catch {
    return name;
  }
}

async function readFixture(path: string | undefined): Promise<Fixture | undefined> {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await readFile(path, "utf8")) as Fixture;
  } catch (error) {
    throw new RmtcError("RMTC_OPTION_INVALID", `${path} is no fixture: ${(error as Error).message}.`, {
      subject: path,
      cause: error,
    });
  }
}

function guestOf(line = ""): { readonly command: readonly string[]; readonly folder: string } {
  return { command: wordsOf(line), folder: process.cwd() };
}

/** Splits a command line into words; quotes keep spaces. No shell is used. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
