// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Writes a text that nobody vouches for so that HTML and XML 1.0 show it and do nothing else with it. */
export function escapeMarkup(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** Writes a text that nobody vouches for so that a terminal shows it and does nothing else with it. */
export function escapeTerminal(text: string): string {
  return text.replace(/[^\t\n\P{Cc}]|[\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
