// What is set side by side of several runs, and which of them does best in it.

import type { ViewRows } from "@waybill";

type Run = ViewRows["runs"];
type Quality = ViewRows["quality"];
export type Dimension = keyof Quality["scores"];

export const DIMENSIONS: readonly Dimension[] = [
  "correctness",
  "completeness",
  "test_coverage",
  "type_safety",
  "code_style",
];

export interface Candidate {
  id: string;
  run: Run;
  /** The scores that were issued last, if any. */
  scores: Quality["scores"] | undefined;
  summary: string | undefined;
}

/** The runs that are asked for, as far as there are any, each with its latest scores. */
export function candidates(
  ids: readonly string[],
  runs: ReadonlyMap<string, Run>,
  quality: Iterable<Quality>,
): Candidate[] {
  const latest = new Map<string, Quality>();
  for (const row of quality) {
    const held = latest.get(row.run);
    if (!held || held.at <= row.at) latest.set(row.run, row);
  }
  return [...new Set(ids)].flatMap((id) => {
    const run = runs.get(id);
    return run ? [{ id, run, scores: latest.get(id)?.scores, summary: latest.get(id)?.summary }] : [];
  });
}

export interface Measure {
  label: string;
  value: (of: Candidate) => number | null;
  form: "score" | "money" | "duration" | "count";
  /** Which is better; without it neither is. */
  better?: "more" | "less";
}

const scored = (dimension: Dimension): Measure => ({
  label: dimension.replaceAll("_", " "),
  value: (of) => of.scores?.[dimension] ?? null,
  form: "score",
  better: "more",
});

export const SCORES: readonly Measure[] = [
  { label: "composite", value: (of) => of.run.quality_score, form: "score", better: "more" },
  ...DIMENSIONS.map(scored),
];

export const MEASURES: readonly Measure[] = [
  { label: "cost", value: (of) => of.run.total_cost_usd, form: "money", better: "less" },
  { label: "duration", value: (of) => of.run.duration_ms, form: "duration", better: "less" },
  { label: "steps", value: (of) => of.run.steps, form: "count" },
  { label: "sent back", value: (of) => of.run.verdicts_failed, form: "count", better: "less" },
  { label: "model calls", value: (of) => of.run.calls, form: "count" },
  { label: "tool calls", value: (of) => of.run.tool_calls, form: "count" },
  { label: "tokens out", value: (of) => of.run.output_tokens, form: "count" },
];

/** The best value of a measure, where it has one and the candidates differ in it. */
export function best(measure: Measure, of: readonly Candidate[]): number | null {
  const values = of.map(measure.value).filter((value) => value !== null);
  if (!measure.better || values.length < 2 || new Set(values).size < 2) return null;
  return measure.better === "more" ? Math.max(...values) : Math.min(...values);
}

export interface Judgement {
  position: number;
  at: string;
  stream: string;
  candidates: string[];
  winner: string;
  rationale: string;
  notes: Array<{ candidate: string; note: string }>;
}

/** Whether a judge's candidate, a run's id or a branch, is this run. */
export const isCandidate = (name: string, id: string, run: Run): boolean =>
  name === id || name === `run-${id}` || name === run.branch;

/** The latest judgement of which every one of these runs was a candidate. */
export function judged(all: readonly Judgement[], of: readonly Candidate[]): Judgement | undefined {
  return all.findLast((each) => of.every(({ id, run }) => each.candidates.some((name) => isCandidate(name, id, run))));
}
