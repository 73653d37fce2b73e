// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { escapeMarkup } from "./escape-text.ts";
import type { CaseResult, ConformanceReport } from "./report.ts";

/**
 * Writes reports as JUnit XML, one `testsuite` each: `fail` is a failure, `error` an error, `unsupported` skipped.
 *
 * The elements and attributes are those that CI servers have agreed on; JUnit itself has no standard for them.
 */
export function formatJunit(reports: readonly ConformanceReport[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${reports.map(testSuite).join("")}</testsuites>\n`;
}

function testSuite(report: ConformanceReport): string {
  const { role, specVersion, suite, suiteVersion, subject, environment, counts, startedAt } = report;
  const properties = {
    role,
    specVersion,
    suite,
    suiteVersion,
    "subject.name": subject.name,
    "subject.extension": subject.extension,
    "subject.extensionVersion": subject.extensionVersion,
    "subject.contract": subject.contract,
    "subject.capabilities": JSON.stringify(subject.capabilities),
    platform: environment.platform,
    architecture: environment.architecture,
    runtime: environment.runtime,
    conforms: report.conforms,
  };
  const listed = Object.entries(properties).filter(([, value]) => value !== undefined);
  const head = attributes({
    name: `${role} ${subject.name}`,
    tests: report.cases.length,
    failures: counts.fail,
    errors: counts.error,
    skipped: counts.unsupported,
    time: report.durationSeconds.toFixed(3),
    timestamp: startedAt.replace(/\.\d+Z$/, ""),
    hostname: "localhost",
  });
  return `<testsuite${head}>
<properties>
${listed.map(([name, value]) => `<property${attributes({ name, value })}/>`).join("\n")}
</properties>
${report.cases.map((one) => testCase(one, subject.name)).join("")}<system-out/>
<system-err/>
</testsuite>
`;
}

function testCase(
  { id, level, spec, title, status, message = "", durationSeconds }: CaseResult,
  subject: string,
): string {
  const name = `${id}: ${title}`;
  const classname = `${subject}.${id.split(".").slice(0, 2).join(".")}`;
  const head = `<testcase${attributes({ name, classname, time: durationSeconds.toFixed(3) })}`;
  if (status === "pass") return `${head}/>\n`;
  if (status === "unsupported") return `${head}><skipped${attributes({ message })}/></testcase>\n`;
  const element = status === "fail" ? "failure" : "error";
  const what = attributes({ message: message.split("\n")[0], type: `${level} ${spec}` });
  return `${head}><${element}${what}>${escapeMarkup(message)}</${element}></testcase>\n`;
}

function attributes(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeMarkup(String(value)).replace(/[\t\n\r]/g, " ")}"`)
    .join("");
}
