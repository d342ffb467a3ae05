// What evaluators said of the work, by dimension.

import { score } from "@/lib/format";
import type { StepLine } from "./layout";

const SCORES = [
  ["correctness", "Correctness"],
  ["type_safety", "Type safety"],
  ["code_style", "Style"],
  ["test_coverage", "Tests"],
  ["completeness", "Completeness"],
] as const;

type Scores = NonNullable<StepLine["quality"]>["scores"];

/** A bar for each dimension, 0 to 100. */
export function ScoreBars({ scores, className = "" }: { scores: Scores; className?: string }) {
  return (
    <dl className={`grid grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-0.5 text-sm ${className}`}>
      {SCORES.map(([field, label]) => (
        <div key={field} className="contents">
          <dt className="text-ink-2">{label}</dt>
          <dd>
            <svg className="block h-1.5 w-full" aria-hidden="true">
              <rect width="100%" height="6" rx="3" className="fill-(--sunk)" />
              <rect width={`${scores[field]}%`} height="6" rx="3" className="fill-(--violet)" />
            </svg>
          </dd>
          <dd className="text-right font-medium">{score(scores[field])}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The scores that the run ended with, below its steps, where there is room for them. */
export function LastScores({ steps, onChoose }: { steps: readonly StepLine[]; onChoose: (step: string) => void }) {
  const at = steps.findLastIndex((step) => step.quality);
  const step = steps[at];
  if (!step?.quality) return null;
  return (
    <section aria-label="Scores" className="border-t border-line px-4 py-3 max-lg:hidden">
      <div className="mb-1.5 flex items-baseline justify-between">
        <h2 className="text-sm font-medium">Scores</h2>
        <button
          type="button"
          className="text-sm text-accent underline underline-offset-2"
          onClick={() => onChoose(step.step)}
        >
          step {at + 1}, {score(step.quality.composite)} in all
        </button>
      </div>
      <ScoreBars scores={step.quality.scores} />
    </section>
  );
}
