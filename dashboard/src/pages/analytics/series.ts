// What `GET /v1/metrics/{name}` answers, and what the page makes of it.

import type { CommandBodies } from "@waybill";
import { axisMoney, count, duration, money, percent } from "@/lib/format";

export type Definition = CommandBodies["metric/define"]["definition"];

export const DIMENSIONS = ["whole", "model", "persona", "workflow", "role", "day", "project"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** The value of a group; its dimensions stand beside these under their own names. */
export interface SeriesRow {
  value: number | null;
  numerator: number;
  denominator: number;
  provenance: { events: number; positions: number[] };
}

export interface Series {
  metric: string;
  version: number | null;
  definition: Definition;
  position: number | null;
  rows: SeriesRow[];
}

/** A dimension's value of a row; `null` where unknown. */
export const dimensionOf = (row: SeriesRow, dimension: string): string | null =>
  (row as unknown as Record<string, string | null>)[dimension] ?? null;

/** The ones that come with the program, as `docs/metrics.md` has them. */
export const BUILT_IN: ReadonlyArray<readonly [name: string, summary: string]> = [
  ["pass-rate", "Share of verdicts that passed the work."],
  ["loops-to-pass", "Mean number of verdicts until a run's work passed."],
  ["composite", "Weighted mean of the five dimensions of quality, 0 to 100."],
  ["cost-per-passed-run", "US dollars spent on runs with a verdict, for each whose work passed at last."],
  ["step-time", "Mean milliseconds from start to end of a step."],
  ["force-continue-rate", "Share of runs with verdicts or loops that a loop without success was forced on in."],
  ["unparseable-verdict-rate", "Share of checkers' and reviewers' steps whose verdict could not be read."],
  ["ci-pass-rate", "Share of checks that passed, of those that ended."],
  ["learning-effect", "Share of verdicts that passed, by the learning version a run was asked for with."],
];

const PERIODS: Readonly<Record<string, number>> = { week: 7, month: 30, quarter: 90 };
const DAY_MS = 86_400_000;

export interface Question {
  metric: string;
  project: string;
  by: Dimension;
  /** Told apart by day too. */
  daily?: boolean;
  /** `week`, `month` or `quarter`; all of history where absent. */
  period?: string | undefined;
  /** Before this instant. */
  until?: string | undefined;
  version?: number | undefined;
  definition?: Definition | undefined;
}

/** The request that answers it. `now` is in milliseconds; periods begin at midnight UTC. */
export function pathOf(question: Question, now: number): string {
  const { by, daily = false, period, until, version, definition } = question;
  const dimensions = [by === "whole" ? "project" : by, ...(daily && by !== "day" ? ["day"] : [])];
  const query = new URLSearchParams({ by: dimensions.join(",") });
  // Projects beside each other are those that the reader sees.
  if (by !== "project") query.set("project", question.project);
  const days = PERIODS[period ?? ""];
  if (days !== undefined) query.set("since", new Date(Math.floor(now / DAY_MS - days + 1) * DAY_MS).toISOString());
  if (until !== undefined) query.set("until", until);
  if (version !== undefined) query.set("version", String(version));
  if (definition !== undefined) query.set("definition", JSON.stringify(definition));
  return `/v1/metrics/${encodeURIComponent(question.metric)}?${query}`;
}

/** How a value of such a definition reads. */
export function formOf(definition: Definition, axis = false): (value: number) => string {
  if (definition.aggregation === "rate") return percent;
  if (definition.aggregation !== "count" && definition.field === "cost_usd") return axis ? axisMoney : money;
  if (definition.aggregation !== "count" && definition.field === "duration_ms") return duration;
  return (value) => (Math.abs(value) >= 1000 ? count(Math.round(value)) : String(Math.round(value * 100) / 100));
}

/** A line of a chart: a value for each day, and the row that it is from. */
export interface Line {
  group: string | null;
  values: Array<number | null>;
  rows: Array<SeriesRow | undefined>;
}

/** What an imported table, which tells no times, is counted on. */
const NO_DAY = "1970-01-01";
const isDay = (day: string | null): day is string => day !== null && day !== NO_DAY;

/** Rows by day as lines, those made of the most first; items without a day are left out. */
export function lines(rows: readonly SeriesRow[], by: Dimension, most: number): { times: number[]; lines: Line[] } {
  const days = [...new Set(rows.map((row) => dimensionOf(row, "day")).filter(isDay))].sort();
  const groups = new Map<string | null, Map<string, SeriesRow>>();
  for (const row of rows) {
    const day = dimensionOf(row, "day");
    if (!isDay(day)) continue;
    const group = by === "day" || by === "whole" ? null : dimensionOf(row, by);
    const held = groups.get(group) ?? new Map<string, SeriesRow>();
    groups.set(group, held.set(day, row));
  }
  const weight = (held: Map<string, SeriesRow>) => [...held.values()].reduce((sum, row) => sum + row.denominator, 0);
  const kept = [...groups].sort((a, b) => weight(b[1]) - weight(a[1])).slice(0, most);
  return {
    times: days.map((day) => Date.parse(day) / 1000),
    lines: kept.map(([group, held]) => ({
      group,
      values: days.map((day) => held.get(day)?.value ?? null),
      rows: days.map((day) => held.get(day)),
    })),
  };
}

/** A group's value under two definitions. */
export interface Pair {
  group: string | null;
  old: SeriesRow | undefined;
  new: SeriesRow | undefined;
  /** New less old, where both are known. */
  change: number | null;
}

/** Two answers to the same question, group by group, in the order of the groups. */
export function pairs(old: readonly SeriesRow[], fresh: readonly SeriesRow[], by: Dimension): Pair[] {
  const dimension = by === "whole" ? "project" : by;
  const before = new Map(old.map((row) => [dimensionOf(row, dimension), row]));
  const after = new Map(fresh.map((row) => [dimensionOf(row, dimension), row]));
  return [...new Set([...before.keys(), ...after.keys()])].map((group) => {
    const [was, is] = [before.get(group), after.get(group)];
    const known = typeof was?.value === "number" && typeof is?.value === "number";
    return { group, old: was, new: is, change: known ? (is.value as number) - (was.value as number) : null };
  });
}

/** `correctness:3,completeness:2` in a definition: what is not named keeps its weight. */
export function weighted(definition: Definition, text: string | undefined): Definition {
  const given = new Map(
    (text ?? "")
      .split(",")
      .map((part) => part.split(":"))
      .map(([field = "", weight = ""]) => [field, Number(weight)] as const)
      .filter(([, weight]) => Number.isInteger(weight) && weight > 0),
  );
  const weights = definition.weights.map((each) => ({ ...each, weight: given.get(each.field) ?? each.weight }));
  return { ...definition, weights };
}
