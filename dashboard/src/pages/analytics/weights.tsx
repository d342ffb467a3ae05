// A metric under two definitions side by side: other weights that are tried, or two of its versions.

import { WaybillError } from "@waybill";
import { useMemo, useState } from "react";
import { useCommand } from "@/data/command";
import { words } from "@/lib/format";
import { ProblemNote, Section } from "@/ui/bits";
import { Field, Form, type Given, Pick } from "@/ui/form";
import type { Metric } from "./definition";
import { Lines, type Naming, Pairs } from "./figures";
import { type Definition, lines, pairs, type Question, type Series, weighted } from "./series";
import { useSeries } from "./use-series";

/** What stands in the address. */
export interface Versus {
  weights?: string | undefined;
  old?: string | undefined;
  new?: string | undefined;
}

interface Props {
  metric: Metric;
  question: Question;
  turn: number;
  held: Series;
  versus: Versus;
  naming: Naming;
  onChange: (versus: Versus) => void;
  onRecord: ((definition: Definition, note: string | null) => Promise<unknown>) | undefined;
}

export function Against(props: Props) {
  const { metric, question, turn, held, versus, naming } = props;
  const isComposite = held.definition.aggregation === "composite";
  const versions = metric.definitions.length;
  const tried = useMemo(
    () => (isComposite && versus.weights ? weighted(held.definition, versus.weights) : undefined),
    [isComposite, versus.weights, held.definition],
  );
  const between = !tried && versus.old && versus.new ? [Number(versus.old), Number(versus.new)] : undefined;
  const chosen = tried !== undefined || between !== undefined;
  const before = chosen ? { ...question, version: between?.[0] } : undefined;
  const after = chosen ? { ...question, version: between?.[1], definition: tried } : undefined;
  const dayOf = (asked: Question | undefined) => (asked ? { ...asked, by: "whole" as const, daily: true } : undefined);
  const [old, fresh] = [useSeries(before, turn), useSeries(after, turn)];
  const [oldDays, freshDays] = [useSeries(dayOf(before), turn), useSeries(dayOf(after), turn)];
  const names = between ? ([`Version ${between[0]}`, `Version ${between[1]}`] as const) : (["Now", "Tried"] as const);
  const refused = old.error ?? fresh.error;
  if (!isComposite && versions < 2) return null;
  const days = chosen && oldDays.data && freshDays.data ? twoLines(oldDays.data, freshDays.data) : undefined;
  return (
    <section aria-label="Old against new" className="space-y-3">
      <Section title="Old against new">
        <div className="space-y-3 px-3 py-3">
          {isComposite ? <Weights key={versus.weights} {...props} shown={tried ?? held.definition} /> : null}
          {versions > 1 ? <Versions key={`${versus.old}-${versus.new}`} {...props} versions={versions} /> : null}
          {tried && props.onRecord ? <Record definition={tried} onRecord={props.onRecord} /> : null}
        </div>
      </Section>
      {refused instanceof WaybillError ? <ProblemNote problem={refused.problem} /> : null}
      {chosen && old.data && fresh.data ? (
        <Pairs
          all={pairs(old.data.rows, fresh.data.rows, question.by)}
          by={question.by}
          definition={fresh.data.definition}
          naming={naming}
          names={names}
        />
      ) : null}
      {days && freshDays.data ? (
        <Lines
          times={days.times}
          all={days.all}
          definition={freshDays.data.definition}
          title={`${names[0]} and ${names[1].toLowerCase()}, by day`}
          label={(line) => (line === days.all[0] ? names[0] : names[1])}
          colours={["--bar-quiet", "--bar"]}
        />
      ) : null}
    </section>
  );
}

/** Both answers by day, over the days that either has. */
function twoLines(old: Series, fresh: Series) {
  const [before, after] = [lines(old.rows, "whole", 1), lines(fresh.rows, "whole", 1)];
  const times = [...new Set([...before.times, ...after.times])].sort((a, b) => a - b);
  const spread = ({ times: own, lines: [line] }: typeof before) => {
    const place = (time: number) => own.indexOf(time);
    return {
      group: null,
      values: times.map((time) => line?.values[place(time)] ?? null),
      rows: times.map((time) => line?.rows[place(time)]),
    };
  };
  return { times, all: [spread(before), spread(after)] };
}

function Weights({ shown, onChange, versus }: Props & { shown: Definition }) {
  const tell = (given: Given) => shown.weights.map(({ field }) => `${field}:${given.number(field) ?? 1}`).join(",");
  return (
    <Form
      label="Other weights"
      className="space-y-2"
      busy={false}
      problem={undefined}
      submit="Try these weights"
      {...(versus.weights ? { onCancel: () => onChange({ weights: undefined }) } : {})}
      onSubmit={async (given) => onChange({ weights: tell(given), old: undefined, new: undefined })}
    >
      <div className="flex flex-wrap gap-3">
        {shown.weights.map(({ field, weight }) => (
          <Field
            key={field}
            name={field}
            label={words(field)}
            type="number"
            min={1}
            max={1000}
            required
            value={weight}
            className="w-28"
          />
        ))}
      </div>
    </Form>
  );
}

function Versions({ versions, versus, onChange }: Props & { versions: number }) {
  const all = Array.from({ length: versions }, (_, at) => [String(at + 1), `version ${at + 1}`] as const);
  return (
    <Form
      label="Two versions"
      className="flex flex-wrap items-end gap-3"
      busy={false}
      problem={undefined}
      submit="Show both"
      onSubmit={async (given) => onChange({ weights: undefined, old: given.text("old"), new: given.text("new") })}
    >
      <Pick name="old" label="Old" options={all} value={versus.old ?? String(versions - 1)} />
      <Pick name="new" label="New" options={all} value={versus.new ?? String(versions)} />
    </Form>
  );
}

function Record({ definition, onRecord }: { definition: Definition; onRecord: NonNullable<Props["onRecord"]> }) {
  const { busy, problem, run } = useCommand();
  const [done, setDone] = useState(false);
  return (
    <div className="border-t border-line pt-3">
      <Form
        label="Record these weights"
        className="flex flex-wrap items-end gap-3"
        busy={busy}
        problem={problem}
        submit="Record them"
        onSubmit={async (given) => setDone((await run(() => onRecord(definition, given.maybe("note")))) !== undefined)}
      >
        <Field name="note" label="Why (optional)" className="w-72 max-w-full" />
      </Form>
      {done ? (
        <p className="mt-2 text-accent">Recorded: the log has them as a version of the project’s own metric.</p>
      ) : null}
    </div>
  );
}
