// What the run cost: by model, and by step.

import { useMemo } from "react";
import { compact, count, money, words } from "@/lib/format";
import { Empty, Section } from "@/ui/bits";
import type { RunLine, StepLine } from "./layout";

type Use = StepLine["usage"][number];

/** Use of every model over all steps, dearest first. */
export function byModel(steps: readonly StepLine[]): Use[] {
  const sums = new Map<string, Use>();
  for (const use of steps.flatMap((step) => step.usage)) {
    const name = `${use.provider ?? ""} ${use.model}`;
    const sum = sums.get(name);
    if (!sum) {
      sums.set(name, { ...use });
      continue;
    }
    sum.calls += use.calls;
    sum.calls_without_cost += use.calls_without_cost;
    sum.input_tokens += use.input_tokens;
    sum.output_tokens += use.output_tokens;
    sum.cache_read_tokens += use.cache_read_tokens;
    sum.cache_write_tokens += use.cache_write_tokens;
    sum.total_cost_usd += use.total_cost_usd;
  }
  return [...sums.values()].sort((a, b) => b.total_cost_usd - a.total_cost_usd);
}

const HEADS = ["Model", "Calls", "Input", "Output", "Cache read", "Cache write", "Cost"];

export function Costs({ run, steps }: { run: RunLine; steps: readonly StepLine[] }) {
  const models = useMemo(() => byModel(steps), [steps]);
  const dear = useMemo(() => [...steps].sort((a, b) => b.total_cost_usd - a.total_cost_usd).slice(0, 25), [steps]);
  const most = dear[0]?.total_cost_usd ?? 0;
  if (models.length === 0) return <Empty title="No model was called" />;
  return (
    <div className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4">
      <Section
        title="By model"
        aside={
          run.calls_without_cost > 0
            ? `${run.calls_without_cost} calls have no known price; the total stands for the others`
            : undefined
        }
      >
        <div className="overflow-x-auto">
          <table className="w-full">
            <thead>
              <tr className="text-xs text-ink-3">
                {HEADS.map((head, at) => (
                  <th
                    key={head}
                    scope="col"
                    className={`px-3 py-1.5 font-medium ${at === 0 ? "text-left" : "text-right"}`}
                  >
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {models.map((use) => (
                <tr key={`${use.provider} ${use.model}`} className="border-t border-line">
                  <th scope="row" className="px-3 py-1.5 text-left font-medium whitespace-nowrap">
                    {use.model} <span className="font-normal text-ink-3">{use.provider}</span>
                  </th>
                  {[use.calls, use.input_tokens, use.output_tokens, use.cache_read_tokens, use.cache_write_tokens].map(
                    (value, at) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: the columns are fixed
                      <td key={at} className="px-3 py-1.5 text-right text-ink-2" title={count(value)}>
                        {compact(value)}
                      </td>
                    ),
                  )}
                  <td className="px-3 py-1.5 text-right font-medium">{money(use.total_cost_usd)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      <Section title="Dearest steps">
        <ol className="px-3 py-2">
          {dear.map((step) => (
            <li
              key={step.step}
              className="grid grid-cols-[28px_90px_minmax(0,1fr)_minmax(60px,30%)_72px] items-center gap-2 py-0.5"
            >
              <span className="text-right text-ink-3">{steps.indexOf(step) + 1}</span>
              <span className="font-medium">{words(step.role)}</span>
              <span className="truncate text-ink-3">{step.preview}</span>
              <svg className="h-2 w-full" aria-hidden="true">
                <rect
                  width={`${most > 0 ? (step.total_cost_usd / most) * 100 : 0}%`}
                  height="8"
                  rx="2"
                  className="fill-(--bar)"
                />
              </svg>
              <span className="text-right">{money(step.total_cost_usd)}</span>
            </li>
          ))}
        </ol>
      </Section>
    </div>
  );
}
