// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawnSync } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";

const cli = fileURLToPath(new URL("../../packages/apps/cli/src/main.ts", import.meta.url));

interface RunOptions {
  /** The workspace's folder; none for `init`. */
  readonly folder?: string | undefined;
  readonly silent?: boolean | undefined;
}

/** Runs an `rmtc` command in the foreground and shows it; ends this process if it fails. */
export function runRmtc(args: readonly string[], options: RunOptions): void {
  if (options.silent !== true) console.log(styleText("dim", `$ rmtc ${args.map(quote).join(" ")}`));
  const { status } = spawnSync(
    process.execPath,
    [...process.execArgv, cli, ...args, ...inFolder(options.folder)],
    {
      stdio: ["ignore", options.silent === true ? "ignore" : "inherit", "inherit"],
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs an `rmtc` command with `--json` and returns what it printed. */
export function rmtcJson(args: readonly string[], folder: string): unknown {
  const { status, stdout } = spawnSync(
    process.execPath,
    [...process.execArgv, cli, ...args, "--json", ...inFolder(folder)],
    {
      stdio: ["ignore", "pipe", "inherit"],
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    },
  );
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(stdout) as unknown;
}

function inFolder(folder: string | undefined): string[] {
  return folder === undefined ? [] : ["--workspace", folder];
}

/** An argument as a person would type it. */
function quote(text: string): string {
  const path = text.startsWith("/") ? relative(process.cwd(), text) || "." : text;
  return /^[\w@%+=:,./#-]+$/.test(path) ? path : `'${path}'`;
}
