// Agents' output is hostile: markdown is sanitised, links are inert until clicked, nothing is fetched.

import { AnsiUp } from "ansi_up";
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { firstLine } from "./format";

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Markup inside markdown is shown as the text that it is, an image as its words: nothing of either is parsed. */
const marked = new Marked({
  gfm: true,
  breaks: true,
  async: false,
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ text, href }) => escaped(text ? `[image: ${text}]` : `[image: ${href}]`),
  },
});

const ALLOWED = [
  "p",
  "br",
  "hr",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "ul",
  "ol",
  "li",
  "blockquote",
  "pre",
  "code",
  "em",
  "strong",
  "del",
  "a",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
];

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("rel", "noopener noreferrer nofollow");
  node.setAttribute("target", "_blank");
});

/** Markdown as HTML without images, styles, scripts or anything that loads. */
export function markdown(text: string): string {
  return DOMPurify.sanitize(marked.parse(text) as string, {
    ALLOWED_TAGS: ALLOWED,
    ALLOWED_ATTR: ["href", "start"],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
const ESCAPES = /\u001b\[/;

export const hasAnsi = (text: string): boolean => ESCAPES.test(text);

/** Colours of a terminal as classes. */
export function ansi(text: string): string {
  const painter = new AnsiUp();
  painter.use_classes = true;
  painter.escape_html = true;
  painter.url_allowlist = {};
  return DOMPurify.sanitize(painter.ansi_to_html(text), { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"] });
}

export type DiffLine = { kind: "add" | "del" | "hunk" | "same"; text: string };

/** The lines of a unified diff; `null` where the text is none. */
export function diffLines(text: string): DiffLine[] | null {
  const isDiff = /^(diff --git |--- .+\n\+\+\+ |@@ -\d+)/m.test(text);
  if (!isDiff) return null;
  return text.split("\n").map((line) => {
    if (/^(@@|diff |index |---|\+\+\+)/.test(line)) return { kind: "hunk", text: line };
    if (line.startsWith("+")) return { kind: "add", text: line };
    if (line.startsWith("-")) return { kind: "del", text: line };
    return { kind: "same", text: line };
  });
}

/** JSON over several lines where it is JSON, else the text. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** What a tool was asked, in a few words: its path or command, else its fields. */
export function argumentWords(text: string): string {
  try {
    const fields = JSON.parse(text) as Record<string, unknown>;
    for (const name of ["command", "path", "file_path", "pattern", "query", "url", "prompt"]) {
      const value = fields[name];
      if (typeof value === "string") return firstLine(value);
    }
    return firstLine(
      Object.entries(fields)
        .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
        .join(", "),
    );
  } catch {
    return firstLine(text);
  }
}
