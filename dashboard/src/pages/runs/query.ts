// Which runs the address asks for, and in which order.

import type { ViewRows } from "@waybill";

export type Run = ViewRows["runs"] & { id: string };

export interface RunSearch {
  q?: string;
  status?: string;
  model?: string;
  source?: string;
  /** A column's id, with `-` in front for the largest first. */
  sort?: string;
}

export const SORTS: Record<string, (run: Run) => string | number | null> = {
  started: (run) => run.started_at ?? run.created_at,
  title: (run) => (run.title ?? run.prompt_preview).toLowerCase(),
  status: (run) => run.status,
  model: (run) => run.model,
  steps: (run) => run.steps,
  duration: (run) => run.duration_ms,
  score: (run) => run.quality_score,
  cost: (run) => run.total_cost_usd,
  tokens: (run) => run.input_tokens + run.output_tokens + run.cache_read_tokens + run.cache_write_tokens,
  source: (run) => run.source,
  branch: (run) => run.branch,
  ci: (run) => run.ci_status,
  verdicts: (run) =>
    run.verdicts_passed + run.verdicts_failed === 0 ? null : run.verdicts_passed - run.verdicts_failed,
};

const SORT = "-started";

/** `-cost` as the column and whether the largest comes first. */
export function sorting(sort: string | undefined): { by: string; descending: boolean } {
  const text = sort ?? SORT;
  const by = text.replace(/^-/, "");
  return by in SORTS ? { by, descending: text.startsWith("-") } : { by: "started", descending: true };
}

/** What a click on a column's head asks for next: its usual order, the other one, the list's own. */
export function nextSort(current: string | undefined, column: string, numeric: boolean): string | undefined {
  const first = numeric ? `-${column}` : column;
  const second = numeric ? column : `-${column}`;
  const now = current ?? SORT;
  const next = now === first ? second : now === second ? undefined : first;
  return next === SORT ? undefined : next;
}

/** The runs that fit, in order; those without a value come last either way. */
export function select(runs: Iterable<[string, ViewRows["runs"]]>, search: RunSearch): Run[] {
  const wanted = search.q?.trim().toLowerCase();
  const statuses = search.status?.split(",");
  const kept: Run[] = [];
  for (const [id, row] of runs) {
    if (statuses && !statuses.includes(row.status)) continue;
    if (search.model && row.model !== search.model) continue;
    if (search.source && row.source !== search.source) continue;
    if (wanted && !matches(id, row, wanted)) continue;
    kept.push({ id, ...row });
  }
  const { by, descending } = sorting(search.sort);
  const value = SORTS[by] ?? (() => 0);
  const sign = descending ? -1 : 1;
  return kept.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === right) return a.id < b.id ? 1 : -1;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -sign : sign;
  });
}

function matches(id: string, row: ViewRows["runs"], wanted: string): boolean {
  const texts = [row.title, row.prompt_preview, row.branch, row.model, row.error, id];
  return texts.some((text) => text?.toLowerCase().includes(wanted));
}

export interface Totals {
  runs: number;
  running: number;
  cost: number;
  tokens: number;
  unpriced: number;
}

export function totals(runs: readonly Run[]): Totals {
  const sum: Totals = { runs: runs.length, running: 0, cost: 0, tokens: 0, unpriced: 0 };
  for (const run of runs) {
    if (run.status === "running") sum.running += 1;
    sum.cost += run.total_cost_usd;
    sum.unpriced += run.calls_without_cost;
    sum.tokens += run.input_tokens + run.output_tokens + run.cache_read_tokens + run.cache_write_tokens;
  }
  return sum;
}

/** How many runs there are of each value, most frequent first. */
export function tally(
  runs: Iterable<ViewRows["runs"]>,
  field: (run: ViewRows["runs"]) => string | null,
): Array<[string, number]> {
  const counts = new Map<string, number>();
  for (const run of runs) {
    const value = field(run);
    if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
