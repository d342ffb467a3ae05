// The columns of the table of runs.

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { compact, duration, money, score, words } from "@/lib/format";
import { Chip, StatusMark, Time, toneOf } from "@/ui/bits";
import type { Run } from "./query";

export interface Column {
  id: string;
  label: string;
  /** A track of the grid. */
  width: string;
  /** Right-aligned, largest first. */
  numeric?: boolean;
  /** Shown until the reader chooses. */
  usual?: boolean;
  cell: (run: Run, slug: string) => ReactNode;
}

export const COLUMNS: readonly Column[] = [
  { id: "status", label: "Status", width: "104px", usual: true, cell: (run) => <StatusMark status={run.status} /> },
  {
    id: "title",
    label: "Run",
    width: "minmax(220px,1fr)",
    usual: true,
    cell: (run, slug) => (
      <Link
        to="/p/$slug/runs/$run"
        params={{ slug, run: run.id }}
        className="block truncate font-medium hover:underline"
        title={run.prompt_preview}
      >
        {run.title ?? run.prompt_preview}
      </Link>
    ),
  },
  {
    id: "source",
    label: "Source",
    width: "104px",
    cell: (run) => <span className="text-ink-2">{words(run.source)}</span>,
  },
  {
    id: "branch",
    label: "Branch",
    width: "160px",
    cell: (run) => <code className="truncate text-ink-2">{run.branch ?? "–"}</code>,
  },
  {
    id: "model",
    label: "Model",
    width: "148px",
    usual: true,
    cell: (run) => <span className="block truncate text-ink-2">{run.model ?? "–"}</span>,
  },
  {
    id: "steps",
    label: "Steps",
    width: "64px",
    numeric: true,
    usual: true,
    cell: (run) => (
      <span title={`${run.steps_completed} completed, ${run.steps_failed} failed, ${run.steps_skipped} skipped`}>
        {run.steps}
        {run.steps_failed > 0 ? <span className="text-bad"> −{run.steps_failed}</span> : null}
      </span>
    ),
  },
  {
    id: "verdicts",
    label: "Verdicts",
    width: "76px",
    usual: true,
    cell: (run) =>
      run.verdicts_passed + run.verdicts_failed === 0 ? (
        <span className="text-ink-3">–</span>
      ) : (
        <span>
          <span className="text-accent">✓{run.verdicts_passed}</span>{" "}
          {run.verdicts_failed > 0 ? <span className="text-bad">✗{run.verdicts_failed}</span> : null}
        </span>
      ),
  },
  { id: "score", label: "Score", width: "60px", numeric: true, usual: true, cell: (run) => score(run.quality_score) },
  {
    id: "ci",
    label: "CI",
    width: "76px",
    usual: true,
    cell: (run) =>
      run.ci_status ? <Chip tone={toneOf(run.ci_status)}>{run.ci_status}</Chip> : <span className="text-ink-3">–</span>,
  },
  {
    id: "tokens",
    label: "Tokens",
    width: "72px",
    numeric: true,
    cell: (run) => compact(run.input_tokens + run.output_tokens + run.cache_read_tokens + run.cache_write_tokens),
  },
  {
    id: "cost",
    label: "Cost",
    width: "80px",
    numeric: true,
    usual: true,
    cell: (run) => (
      <span title={run.calls_without_cost > 0 ? `${run.calls_without_cost} calls have no known price` : undefined}>
        {run.calls_without_cost > 0 ? "≥ " : ""}
        {money(run.total_cost_usd)}
      </span>
    ),
  },
  {
    id: "duration",
    label: "Took",
    width: "76px",
    numeric: true,
    usual: true,
    cell: (run) => duration(run.duration_ms),
  },
  {
    id: "started",
    label: "Started",
    width: "112px",
    numeric: true,
    usual: true,
    cell: (run) => <Time at={run.started_at ?? run.created_at} className="text-ink-2" />,
  },
];

export const USUAL = COLUMNS.filter((column) => column.usual).map((column) => column.id);

/** The columns that the address names, else the usual ones. */
export function chosen(text: string | undefined): readonly Column[] {
  const ids = text?.split(",") ?? USUAL;
  const found = COLUMNS.filter((column) => column.id === "title" || ids.includes(column.id));
  return found;
}
