// Where the steps of a run stand on its timeline: rows, lanes of time, brackets of loops. Pure.

import type { ViewRows } from "@waybill";

type Line = ViewRows["run-timeline"];
export type RunLine = Extract<Line, { run: unknown }>["run"];
export type StepLine = Extract<Line, { step: unknown }>["step"];

/** The run's own line and its steps in order. */
export function lines(rows: ReadonlyMap<string, Line>): { run: RunLine | undefined; steps: StepLine[] } {
  let run: RunLine | undefined;
  const steps: Array<[string, StepLine]> = [];
  for (const [key, row] of rows) {
    if ("run" in row) run = row.run;
    else if ("step" in row) steps.push([key, row.step]);
  }
  steps.sort(([a], [b]) => (a < b ? -1 : 1));
  return { run, steps: steps.map(([, step]) => step) };
}

/** A stretch of time, milliseconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

/** From the first start to the last end, or to now while something runs. */
export function spanOf(steps: readonly StepLine[], now: number): Span {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const step of steps) {
    if (!step.started_at) continue;
    const start = Date.parse(step.started_at);
    from = Math.min(from, start);
    to = Math.max(to, step.ended_at ? Date.parse(step.ended_at) : step.status === "running" ? now : start);
  }
  if (from > to) return { from: now, to: now + 1 };
  return { from, to: Math.max(to, from + 1) };
}

/** Where a step's bar begins and how long it is, as shares of the span; at least `least` long, so that it is seen. */
export function bar(step: StepLine, span: Span, now: number, least: number): { x: number; width: number } | null {
  if (!step.started_at) return null;
  const start = Date.parse(step.started_at);
  const end = step.ended_at ? Date.parse(step.ended_at) : Math.max(now, start);
  const whole = span.to - span.from;
  const width = Math.max(least, (end - start) / whole);
  return { x: Math.min((start - span.from) / whole, 1 - width), width };
}

/** Steps of one loop that follow each other. */
export interface Bracket {
  loop: string;
  first: number;
  last: number;
  /** Row where each iteration begins, and its number. */
  turns: Array<{ row: number; iteration: number }>;
}

export function brackets(steps: readonly StepLine[]): Bracket[] {
  const found: Bracket[] = [];
  steps.forEach((step, row) => {
    if (step.loop_id === null) return;
    const open = found.at(-1);
    const iteration = step.loop_iteration ?? 1;
    if (open && open.loop === step.loop_id && open.last === row - 1) {
      open.last = row;
      if (open.turns.at(-1)?.iteration !== iteration) open.turns.push({ row, iteration });
    } else {
      found.push({ loop: step.loop_id, first: row, last: row, turns: [{ row, iteration }] });
    }
  });
  return found;
}

const NICE_MS = [
  1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000,
  43_200_000, 86_400_000,
];

/** Offsets from the beginning that the axis names, at most `most`. */
export function ticks(span: Span, most: number): number[] {
  const whole = span.to - span.from;
  const every = NICE_MS.find((each) => whole / each <= most) ?? Math.ceil(whole / most / 86_400_000) * 86_400_000;
  return Array.from({ length: Math.floor(whole / every) + 1 }, (_, at) => at * every);
}

/** The offset as the axis writes it. */
export function offset(ms: number): string {
  if (ms === 0) return "0";
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000}d`;
  if (ms < 60_000) return `${ms / 1000}s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes}m`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
