// How the dimensions of quality are weighed, and how they were.

import { useCommand } from "@/data/command";
import { percent, score, words } from "@/lib/format";
import { Chip, Section, Time } from "@/ui/bits";
import { Field, FormSection } from "@/ui/form";
import { DIMENSIONS } from "../compare/figures";
import type { Policy } from "./rows";

const EQUAL = { correctness: 1, completeness: 1, test_coverage: 1, type_safety: 1, code_style: 1 };

/** What each weight is of their sum. */
export function shares(weights: Policy["weights"]): Array<[string, number]> {
  const sum = DIMENSIONS.reduce((total, name) => total + weights[name], 0);
  return DIMENSIONS.map((name) => [name, sum > 0 ? weights[name] / sum : 0]);
}

export function Quality({ project, may, policies }: { project: string; may: boolean; policies: readonly Policy[] }) {
  const { send, busy, problem } = useCommand();
  const current = policies[0];
  const weights = current?.weights ?? EQUAL;
  return (
    <div className="space-y-4">
      <Section title="Weights in force" aside={current ? `version ${current.version}` : "equal, never set"}>
        <ul className="space-y-1 px-3 py-2">
          {shares(weights).map(([name, share]) => (
            <li key={name} className="grid grid-cols-[9rem_3rem_minmax(0,1fr)] items-center gap-2">
              <span>{words(name)}</span>
              <span className="text-right font-medium">{percent(share)}</span>
              <span className="h-1.5 overflow-hidden rounded-full bg-sunk" aria-hidden="true">
                <span className="block h-full rounded-full bg-(--bar)" style={{ width: percent(share) }} />
              </span>
            </li>
          ))}
          <li className="pt-1 text-ink-2">
            {current?.threshold === null || current?.threshold === undefined
              ? "No composite must be reached."
              : `A composite of ${score(current.threshold)} must be reached.`}
          </li>
        </ul>
      </Section>
      {may ? (
        <FormSection
          key={current?.version ?? 0}
          title="Weigh anew"
          busy={busy}
          problem={problem}
          submit="Set as the next version"
          onSubmit={async (given) => {
            const chosen = Object.fromEntries(DIMENSIONS.map((name) => [name, given.number(name) ?? 0])) as Record<
              (typeof DIMENSIONS)[number],
              number
            >;
            await send("project/set-quality-policy", project, {
              weights: chosen,
              threshold: given.number("threshold"),
            });
          }}
        >
          <div className="flex flex-wrap gap-3">
            {DIMENSIONS.map((name) => (
              <Field
                key={name}
                name={name}
                label={words(name)}
                type="number"
                step="1"
                required
                value={weights[name]}
                className="w-28"
              />
            ))}
            <Field
              name="threshold"
              label="Must reach (optional)"
              type="number"
              step="0.01"
              value={current?.threshold}
              className="w-36"
            />
          </div>
          <p className="text-sm text-ink-3">
            Each counts by its share of the sum. Scores that were issued keep the weights they were issued with.
          </p>
        </FormSection>
      ) : null}
      {policies.length > 1 ? (
        <Section title="Versions" aside={policies.length}>
          <ul>
            {policies.map((policy) => (
              <li
                key={policy.version}
                className="flex flex-wrap items-center gap-3 border-t border-line/70 px-3 py-1.5 first:border-t-0"
              >
                <span className="w-20 font-medium">Version {policy.version}</span>
                {policy === current ? <Chip tone="good">in force</Chip> : null}
                <span className="min-w-0 flex-1 text-sm text-ink-2">
                  {shares(policy.weights)
                    .map(([name, share]) => `${words(name)} ${percent(share)}`)
                    .join(", ")}
                </span>
                <Time at={policy.at} />
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
    </div>
  );
}
