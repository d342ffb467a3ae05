// What the overview adds up: spend by day, quality over time, how runs end. Pure.

import type { ViewRows } from "@waybill";

const DAY_S = 86_400;

export interface Daily {
  times: number[];
  spend: number[];
}

/** Spend of each of the last `days` days that have any, the empty ones between included. */
export function daily(usage: Iterable<ViewRows["usage"]>, days: number): Daily {
  const sums = new Map<number, number>();
  for (const row of usage) {
    const day = Date.parse(`${row.day}T00:00:00Z`) / 1000;
    sums.set(day, (sums.get(day) ?? 0) + row.total_cost_usd);
  }
  if (sums.size === 0) return { times: [], spend: [] };
  const last = Math.max(...sums.keys());
  const first = Math.max(Math.min(...sums.keys(), last - 6 * DAY_S), last - (days - 1) * DAY_S);
  const times: number[] = [];
  for (let day = first; day <= last; day += DAY_S) times.push(day);
  return { times, spend: times.map((day) => sums.get(day) ?? 0) };
}

export interface Quality {
  times: number[];
  composite: number[];
  mean: Array<number | null>;
}

/** Composite scores as they came, and the mean of the last `window` of them. */
export function quality(rows: Iterable<ViewRows["quality"]>, window: number): Quality {
  const sorted = [...rows].sort((a, b) => (a.at < b.at ? -1 : 1));
  const composite = sorted.map((row) => row.composite);
  const mean = composite.map((_, at) => {
    const part = composite.slice(Math.max(0, at - window + 1), at + 1);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  return { times: sorted.map((row) => Date.parse(row.at) / 1000), composite, mean };
}

/** The share of ended runs that completed; `null` before any ended. */
export function passRate(row: ViewRows["project-dashboard"]): number | null {
  const ended = row.runs_completed + row.runs_failed + row.runs_cancelled;
  return ended === 0 ? null : row.runs_completed / ended;
}

/** Spend of the day that the clock is in, UTC. */
export function spentOn(usage: Iterable<ViewRows["usage"]>, now: number): number {
  const day = new Date(now).toISOString().slice(0, 10);
  let sum = 0;
  for (const row of usage) if (row.day === day) sum += row.total_cost_usd;
  return sum;
}
