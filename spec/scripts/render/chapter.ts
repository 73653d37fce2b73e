// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Marked, type Tokens } from "marked";
import { escapeHtml } from "./escape-html.ts";

/** A heading below a chapter's title. */
export interface Section {
  readonly id: string;
  readonly title: string;
}

/** One text of the standard as HTML. */
export interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly sections: readonly Section[];
  readonly html: string;
}

/** Where the same words stand at the head of every text; the document says them once. */
const preamble = [
  /^Draft 0\.1\.\n/m,
  /^The key words MUST.*\n/m,
  /^Every demand has a number, which is never used again.*\n/m,
];

/**
 * Turns a text into a chapter of the one document.
 *
 * Anchors of headings get the chapter's id in front, anchors of demands are unique as they are. Links between texts
 * become links within the document, and names of schemas, vectors and registries lead to where they are shown.
 */
export function renderChapter(id: string, markdown: string): Chapter {
  const sections: Section[] = [];
  const used = new Map<string, number>();
  let title = id;
  const marked = new Marked({
    renderer: {
      heading({ depth, text, tokens }: Tokens.Heading): string {
        const inner = this.parser.parseInline(tokens);
        if (depth === 1) {
          title = text;
          return `<h1><a href="#${id}">${inner}</a></h1>\n`;
        }
        const name = `${id}--${slug(text)}`;
        const before = used.get(name) ?? 0;
        used.set(name, before + 1);
        const anchor = before === 0 ? name : `${name}-${before}`;
        if (depth === 2) sections.push({ id: anchor, title: text });
        return `<h${depth} id="${anchor}"><a href="#${anchor}">${inner}</a></h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        return `<a href="${escapeHtml(toInternal(id, href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      codespan({ text }: Tokens.Codespan): string {
        const shown = shownAt(text);
        const code = `<code>${escapeHtml(text)}</code>`;
        return shown === undefined ? code : `<a href="#${shown}">${code}</a>`;
      },
      text(token: Tokens.Text | Tokens.Escape | Tokens.Tag): string {
        if ("tokens" in token && token.tokens) return this.parser.parseInline(token.tokens);
        return escapeHtml(token.text).replace(
          /\b(MUST NOT|SHOULD NOT|MUST|SHOULD|MAY|REQUIRED)\b/g,
          '<b class="bcp">$1</b>',
        );
      },
      table(token: Tokens.Table): string {
        const cells = (row: readonly Tokens.TableCell[], tag: string): string =>
          `<tr>${row.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join("")}</tr>`;
        const body = token.rows.map((row) => cells(row, "td")).join("\n");
        return `<div class="wide"><table><thead>${cells(token.header, "th")}</thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  const source = preamble.reduce((text, line) => text.replace(line, ""), markdown);
  const html = (marked.parse(source.replace(/<!--[\s\S]*?-->/g, ""), { async: false }) as string).replace(
    /<a id="(rmtc-[a-z]{3}-\d{3})"><\/a><strong>(RMTC-[A-Z]{3}-\d{3})<\/strong>/g,
    '<a class="number" id="$1" href="#$1">$2</a>',
  );
  return { id, title, sections, html };
}

/** The anchor of a heading, as the texts link to it. */
function slug(title: string): string {
  return title.toLowerCase().replaceAll("`", "").replaceAll(" ", "-");
}

/** `record.md#links` becomes `#record--links`. */
function toInternal(id: string, href: string): string {
  if (/^https?:/.test(href)) return href;
  const [path = "", anchor = ""] = href.split("#");
  const chapter = path === "" ? id : path.replace(/^.*\//, "").replace(/\.md$/, "").toLowerCase();
  if (anchor === "") return `#${chapter}`;
  return anchor.startsWith("rmtc-") ? `#${anchor}` : `#${chapter}--${anchor}`;
}

/** Where a file that a text names is shown. */
function shownAt(path: string): string | undefined {
  const [, kind, name] = /^(schemas|vectors|registry)\/(.+?)(?:\.schema)?\.json$/.exec(path) ?? [];
  if (name === undefined) return path === "draft/errors.json" ? "errors--codes" : undefined;
  const place = kind === "registry" ? "registry" : kind === "schemas" ? "schema" : "vectors";
  return `${place}-${name.replaceAll("/", "-")}`;
}
