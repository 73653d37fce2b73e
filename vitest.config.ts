// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Without "import", which Vite adds for its own and which must not hold where a package of npm requires another. */
const conditions = ["@rmtc/source", "module", "node"];
const live = process.env.RMTC_LIVE === "1";
const shared = {
  ssr: { resolve: { conditions, externalConditions: conditions } },
  resolve: { conditions },
};
const exclude = ["**/node_modules/**", "**/dist/**"];
/** What `rmtc new` copies: the whole suite for every role, which takes longer than unit tests may. */
const templates = "packages/apps/cli/templates/*/test/*.test.ts";

/** `unit` needs npm alone; `live` needs the engines that `.ci/run` installs, and fails without them, or takes long. */
export default defineConfig({
  test: {
    execArgv: ["--conditions=@rmtc/source"],
    testTimeout: 30_000,
    maxWorkers: 2,
    // Many tests start processes, which load the sources anew; with a cache that takes less than half of the time.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "rmtc-compile-cache") },
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          pool: "forks",
          execArgv: ["--conditions=@rmtc/source"],
          testTimeout: 30_000,
          include: ["**/test/**/*.test.ts"],
          exclude: [...exclude, "**/test/live/**", templates],
        },
      },
      ...(live
        ? [
            {
              ...shared,
              test: {
                name: "live",
                pool: "forks" as const,
                execArgv: ["--conditions=@rmtc/source"],
                testTimeout: 300_000,
                include: ["**/test/live/**/*.test.ts", templates],
                exclude,
              },
            },
          ]
        : []),
    ],
  },
});
