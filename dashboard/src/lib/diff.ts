// What changed between two texts, line by line.

import type { DiffLine } from "./text";

const CELLS_MAX = 4_000_000;

/** The lines of both, the shared ones once; the longest common ones stay together. */
export function compared(before: string, after: string): DiffLine[] {
  const [a, b] = [split(before), split(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

const split = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

function middle(a: string[], b: string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: "del", text });
  const added = (text: string): DiffLine => ({ kind: "add", text });
  // Two texts this long and this different are not read line by line.
  if (a.length * b.length > CELLS_MAX) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const cell = (row: number, column: number) => longest[row * width + column] ?? 0;
  for (let row = a.length - 1; row >= 0; row--) {
    for (let column = b.length - 1; column >= 0; column--) {
      longest[row * width + column] =
        a[row] === b[column] ? cell(row + 1, column + 1) + 1 : Math.max(cell(row + 1, column), cell(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < a.length || column < b.length) {
    const [left, right] = [a[row], b[column]];
    if (left !== undefined && left === right) {
      lines.push({ kind: "same", text: left });
      row++;
      column++;
    } else if (left !== undefined && (right === undefined || cell(row + 1, column) >= cell(row, column + 1))) {
      lines.push(removed(left));
      row++;
    } else if (right !== undefined) {
      lines.push(added(right));
      column++;
    }
  }
  return lines;
}

/** Folds what did not change, but for a few lines around what did. */
export function folded(lines: readonly DiffLine[], around = 3): DiffLine[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some((line) => line.kind !== "same"),
  );
  const kept: DiffLine[] = [];
  let hidden = 0;
  const flush = () => {
    if (hidden > 0) kept.push({ kind: "hunk", text: `${hidden} ${hidden === 1 ? "line" : "lines"} alike` });
    hidden = 0;
  };
  lines.forEach((line, at) => {
    if (near[at]) {
      flush();
      kept.push(line);
    } else hidden++;
  });
  flush();
  return kept;
}

/** A value as indented lines, without what is absent or empty; ids go by the names given. */
export function outline(value: unknown, names: ReadonlyMap<string, string> = new Map(), depth = 0): string {
  const pad = "  ".repeat(depth);
  if (Array.isArray(value)) {
    return value.map((item) => `${pad}- ${outline(item, names, depth + 1).trimStart()}`).join("\n");
  }
  if (value !== null && typeof value === "object") {
    return Object.entries(value)
      .filter(([, item]) => !isEmpty(item))
      .map(([key, item]) => {
        const text = outline(item, names, depth + 1);
        const nested = item !== null && typeof item === "object";
        return `${pad}${key.replaceAll("_", " ")}:${nested || text.includes("\n") ? `\n${text}` : ` ${text.trimStart()}`}`;
      })
      .join("\n");
  }
  const text = names.get(String(value)) ?? String(value);
  return text.includes("\n") ? text.replace(/^/gm, pad) : `${pad}${text}`;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}
