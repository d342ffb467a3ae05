// A metric's figures: by day and by group, each leading to the events that it is made of.

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { counted, words } from "@/lib/format";
import { Empty, Section } from "@/ui/bits";
import { Chart, type Series as ChartSeries } from "@/ui/chart";
import {
  type Definition,
  type Dimension,
  dimensionOf,
  formOf,
  type Line,
  lines,
  type Pair,
  type SeriesRow,
} from "./series";

const LINES_MAX = 5;
const COLOURS = ["--bar", "--violet", "--warn", "--info", "--bad"];

/** A group in words. */
export type Naming = (group: string | null) => string;

/** The events that a value is made of, in the log. */
export function Evidence({ row }: { row: SeriesRow | undefined }) {
  if (!row || row.provenance.positions.length === 0) return <span className="text-ink-3">none</span>;
  const { events, positions } = row.provenance;
  return (
    <Link
      to="/audit"
      search={{ positions: positions.join(",") }}
      className="whitespace-nowrap text-accent underline underline-offset-2"
    >
      {counted(events, "event")}
      {events > positions.length ? `, first ${positions.length}` : ""}
    </Link>
  );
}

interface ByDayProps {
  rows: readonly SeriesRow[];
  by: Dimension;
  definition: Definition;
  naming: Naming;
}

export function ByDay({ rows, by, definition, naming }: ByDayProps) {
  const { times, lines: all } = lines(rows, by, LINES_MAX);
  return <Lines times={times} all={all} definition={definition} label={(line) => naming(line.group)} />;
}

interface LinesProps {
  times: readonly number[];
  all: readonly Line[];
  definition: Definition;
  label: (line: Line) => string;
  title?: string;
  colours?: readonly string[];
}

/** Lines over days; a click on a point says what it is, and leads to its events. */
export function Lines({ times, all, definition, label, title = "By day", colours = COLOURS }: LinesProps) {
  const [picked, setPicked] = useState<{ line: number; at: number }>();
  const form = formOf(definition);
  const series: ChartSeries[] = all.map((line, at) => ({
    label: label(line),
    values: line.values,
    colour: colours[at] ?? "--bar-quiet",
    kind: "line",
  }));
  const line = picked ? all[picked.line] : undefined;
  const row = line && picked ? line.rows[picked.at] : undefined;
  const time = picked ? times[picked.at] : undefined;
  if (times.length === 0) return <Empty title="No day to show">Nothing that this is made of has a day.</Empty>;
  return (
    <Section title={title} aside={`${times.length} days, UTC`}>
      <ul aria-label="Lines" className="flex flex-wrap gap-x-4 gap-y-1 px-3 pt-2 text-sm">
        {series.map((each) => (
          <li key={each.label} className="flex items-center gap-1.5">
            <span className="h-0.5 w-4 rounded" style={{ background: `var(${each.colour})` }} aria-hidden="true" />
            {each.label}
          </li>
        ))}
      </ul>
      <div className="px-2 pb-1">
        <Chart
          label={`${words(definition.aggregation)} by day`}
          times={times}
          height={200}
          format={formOf(definition, true)}
          {...(definition.aggregation === "rate" ? { range: [0, 1.04] as [number, number] } : {})}
          series={series}
          onPick={(index, at) => setPicked({ line: index, at })}
        />
      </div>
      <p className="border-t border-line px-3 py-1.5 text-sm text-ink-2" role="status">
        {line && row && time !== undefined ? (
          <>
            {label(line)}, {new Date(time * 1000).toISOString().slice(0, 10)}:{" "}
            <strong className="font-medium text-ink">{row.value === null ? "unknown" : form(row.value)}</strong>, made
            of <Evidence row={row} />
          </>
        ) : (
          "Click a point to see what it is made of."
        )}
      </p>
    </Section>
  );
}

interface GroupsProps {
  rows: readonly SeriesRow[];
  by: Dimension;
  definition: Definition;
  naming: Naming;
}

const share = (value: number | null | undefined, top: number): string =>
  `${top > 0 && typeof value === "number" ? Math.max(0, (value / top) * 100) : 0}%`;

/** A row for each group: its value as a bar and a number, what it is made of. */
export function Groups({ rows, by, definition, naming }: GroupsProps) {
  const form = formOf(definition);
  const top = Math.max(0, ...rows.map((row) => row.value ?? 0));
  const dimension = by === "whole" ? "project" : by;
  return (
    <Section title={by === "whole" ? "The whole project" : `By ${by}`} aside={counted(rows.length, "group")}>
      <div className="relative overflow-x-auto">
        <table className="w-full min-w-[560px] border-collapse">
          <thead className="text-left text-xs text-ink-3">
            <tr>
              <th className="px-3 py-1.5 font-medium">{by === "whole" ? "Project" : words(by)}</th>
              <th className="w-[34%] px-3 py-1.5 font-medium">
                <span className="sr-only">Bar</span>
              </th>
              <th className="px-3 py-1.5 text-right font-medium">Value</th>
              <th className="px-3 py-1.5 text-right font-medium">Of</th>
              <th className="px-3 py-1.5 text-right font-medium">Made of</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const group = dimensionOf(row, dimension);
              return (
                <tr key={group} className="border-t border-line/70">
                  <th scope="row" className="max-w-60 truncate px-3 py-1.5 text-left font-medium">
                    {naming(group)}
                  </th>
                  <td className="px-3" aria-hidden="true">
                    <span className="block h-2.5 rounded-sm bg-(--bar)" style={{ width: share(row.value, top) }} />
                  </td>
                  <td className="px-3 text-right font-medium">{row.value === null ? "–" : form(row.value)}</td>
                  <td className="px-3 text-right text-ink-2">{row.denominator}</td>
                  <td className="px-3 text-right">
                    <Evidence row={row} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

interface PairsProps {
  all: readonly Pair[];
  by: Dimension;
  definition: Definition;
  naming: Naming;
  /** What both are called. */
  names: readonly [string, string];
}

/** Old against new, a row for each group, one bar above the other. */
export function Pairs({ all, by, definition, naming, names }: PairsProps) {
  const form = formOf(definition);
  const top = Math.max(0, ...all.flatMap((pair) => [pair.old?.value ?? 0, pair.new?.value ?? 0]));
  const shown = (row: SeriesRow | undefined) => (typeof row?.value === "number" ? form(row.value) : "–");
  return (
    <Section title="Side by side" aside={by === "whole" ? "the whole project" : `by ${by}`}>
      <div className="relative overflow-x-auto">
        <table className="w-full min-w-[560px] border-collapse" data-testid="side-by-side">
          <thead className="text-left text-xs text-ink-3">
            <tr>
              <th className="px-3 py-1.5 font-medium">{by === "whole" ? "Project" : words(by)}</th>
              <th className="w-[30%] px-3 py-1.5 font-medium">
                <span className="sr-only">Bars</span>
              </th>
              <th className="px-3 py-1.5 text-right font-medium">{names[0]}</th>
              <th className="px-3 py-1.5 text-right font-medium">{names[1]}</th>
              <th className="px-3 py-1.5 text-right font-medium">Change</th>
              <th className="px-3 py-1.5 text-right font-medium">Made of</th>
            </tr>
          </thead>
          <tbody>
            {all.map((pair) => (
              <tr key={pair.group} className="border-t border-line/70">
                <th scope="row" className="max-w-60 truncate px-3 py-1.5 text-left font-medium">
                  {naming(pair.group)}
                </th>
                <td className="space-y-0.5 px-3" aria-hidden="true">
                  <span
                    className="block h-2 rounded-sm bg-(--bar-quiet)"
                    style={{ width: share(pair.old?.value, top) }}
                  />
                  <span className="block h-2 rounded-sm bg-(--bar)" style={{ width: share(pair.new?.value, top) }} />
                </td>
                <td className="px-3 text-right text-ink-2">{shown(pair.old)}</td>
                <td className="px-3 text-right font-medium">{shown(pair.new)}</td>
                <td className="px-3 text-right text-ink-2">
                  {pair.change === null
                    ? "–"
                    : `${pair.change > 0 ? "+" : pair.change < 0 ? "−" : "±"}${form(Math.abs(pair.change))}`}
                </td>
                <td className="px-3 text-right">
                  <Evidence row={pair.new ?? pair.old} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
