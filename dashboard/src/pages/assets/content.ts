// What an asset holds, as fields of a form and as one text for comparing.

import type { CommandBodies } from "@waybill";
import type { Given } from "@/ui/form";

export type Content = CommandBodies["asset/create"]["content"];
export type Kind = "skill" | "command" | "script";

export const kindOf = (content: Content): Kind =>
  "skill" in content ? "skill" : "command" in content ? "command" : "script";

const FILE = /^=== (.+) ===$/;

/** Files of a skill as one text, each under a line with its path. */
export function filesText(files: ReadonlyArray<{ path: string; content: string }>): string {
  return files.map((file) => `=== ${file.path} ===\n${file.content.replace(/\n$/, "")}\n`).join("\n");
}

/** The files of such a text; what stands before the first path is of `SKILL.md`. */
export function filesOf(text: string): Array<{ path: string; content: string }> {
  const files: Array<{ path: string; lines: string[] }> = [];
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    const path = FILE.exec(line)?.[1];
    if (path) files.push({ path: path.trim(), lines: [] });
    else if (files.length > 0) files.at(-1)?.lines.push(line);
    else if (line.trim() !== "") files.push({ path: "SKILL.md", lines: [line] });
  }
  return files.map(({ path, lines }) => ({ path, content: `${lines.join("\n").replace(/\n+$/, "")}\n` }));
}

export function textOf(content: Content): string {
  if ("skill" in content) return filesText(content.skill.files);
  if ("command" in content) return content.command.expression;
  const { language, moment, source } = content.script;
  return `# ${language}, ${moment.replaceAll("_", " ")}\n${source}`;
}

export function contentOf(kind: Kind, given: Given): Content {
  if (kind === "skill") return { skill: { files: filesOf(given.text("files")) } };
  if (kind === "command") return { command: { expression: given.text("expression") } };
  type Script = Extract<Content, { script: unknown }>["script"];
  return {
    script: {
      language: given.text("language") as Script["language"],
      moment: given.text("moment") as Script["moment"],
      source: given.text("source"),
    },
  };
}
