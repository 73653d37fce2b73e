// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { StoredRecord } from "@rmtc/contract";
import { getRecords, type Workspace } from "@rmtc/core";
import { style } from "./style.ts";
import { formatTable } from "./table.ts";

/** Formats a record with its parts, files and links; asks for the names of what it links to. */
export async function formatRecord(workspace: Workspace, stored: StoredRecord): Promise<string> {
  const { record, digest } = stored;
  const targets = await getRecords(
    workspace.records,
    record.links.map((link) => link.to),
    ["name"],
  );
  const head = [
    ["id", record.id],
    ["digest", digest],
    ["created", record.createdAt],
    ["received", stored.receivedAt],
    ...(record.version === undefined ? [] : [["version", record.version]]),
    ...(record.tags === undefined ? [] : [["tags", record.tags.join(", ")]]),
    ...(record.redacted === undefined ? [] : [["withheld", Object.keys(record.redacted).join(", ")]]),
  ];
  const lines = [`${style("cyan", record.kind)} ${style("bold", record.name ?? "")}`];
  for (const [name = "", value = ""] of head) lines.push(`  ${style("dim", name.padEnd(9))} ${value}`);
  if (record.files !== undefined) {
    lines.push("\nfiles");
    lines.push(
      indent(
        formatTable(
          ["path", "bytes", "type", "digest"],
          record.files.map((file) => [
            file.path,
            String(file.sizeBytes),
            file.mediaType,
            `${file.digest.slice(0, 19)}…`,
          ]),
        ),
      ),
    );
  }
  if (record.links.length > 0) {
    lines.push("\nlinks");
    const rows = record.links.map((link) => {
      const target = targets.get(link.to)?.record;
      return [
        link.rel,
        target === undefined
          ? style("red", "not held here")
          : `${style("cyan", target.kind)} ${target.name ?? ""}`,
        link.to.slice("urn:uuid:".length),
      ];
    });
    lines.push(indent(formatTable(["relation", "record", "id"], rows)));
  }
  if (record.body !== undefined) lines.push(`\nbody\n${indent(JSON.stringify(record.body, null, 2))}`);
  return lines.join("\n");
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
