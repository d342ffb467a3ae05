// One run: its steps in time, what was said, what it cost, what proves it; at any position of the log.

import { useParams, useSearch } from "@tanstack/react-router";
import type { LogEvent } from "@waybill";
import { useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { now } from "@/app/prefs";
import { useAt, useEvents, useView } from "@/data/live";
import { compact, duration, money, score, words } from "@/lib/format";
import { useStore } from "@/lib/store";
import { Chip, Empty, Figure, ProblemNote, Segmented, StatusMark, Time, toneOf } from "@/ui/bits";
import { Costs } from "./costs";
import { Details } from "./details";
import { Events } from "./events";
import { lines, type RunLine, type StepLine } from "./layout";
import { Messages } from "./messages";
import { Proof } from "./proof";
import { LastScores, ScoreBars } from "./scores";
import { Slider, stopAt } from "./slider";
import { Outcome, Strip, Timeline } from "./timeline";

const TABS = [
  { value: "timeline", label: "Timeline" },
  { value: "costs", label: "Costs" },
  { value: "events", label: "Events" },
  { value: "details", label: "Details" },
] as const;
type Tab = (typeof TABS)[number]["value"];

export default function RunPage() {
  const { run: id } = useParams({ from: "/p/$slug/runs/$run" });
  const search = useSearch({ from: "/p/$slug/runs/$run" });
  const at = useAt();
  const view = useView("run-timeline", { key: id });
  const { run, steps } = useMemo(() => lines(view.rows), [view]);
  const [travelling, setTravelling] = useState(at !== undefined);
  const tab = TABS.find((each) => each.value === search.tab)?.value ?? "timeline";
  const log = useEvents(
    { stream: `run-${id}` },
    { from: null, keep: 200_000, enabled: travelling || tab === "events" },
  );
  const instant = useInstant(at, log.data, steps);
  const open = useSearchChange();
  if (view.problem && at === undefined) return <ProblemNote problem={view.problem} />;
  const slider = travelling ? <Slider events={log.data} at={at} onClose={() => setTravelling(false)} /> : null;
  if (!run) {
    return (
      <div className="flex h-full flex-col">
        <div className="flex-1">
          {view.state === "waiting" ? null : (
            <Empty title={at === undefined ? "There is no such run" : "The run had not been asked for yet"} />
          )}
        </div>
        {slider}
      </div>
    );
  }
  return (
    <div className="flex h-full flex-col" data-run={id}>
      <Head id={id} run={run} steps={steps} position={view.position} instant={instant} />
      <nav aria-label="Parts of the run" className="flex items-center gap-2 border-b border-line px-4 py-2">
        <Segmented<Tab>
          label="Part"
          value={tab}
          options={TABS}
          onChange={(next) => open({ tab: next === "timeline" ? undefined : next })}
        />
        <div className="grow" />
        {travelling ? null : (
          <button type="button" className="button" onClick={() => setTravelling(true)}>
            <svg viewBox="0 0 16 16" className="size-3.5" aria-hidden="true">
              <path
                d="M3 4v3.2h3.2M3.3 7A5.2 5.2 0 1 1 3 9.6M8 5.4v2.9l1.8 1.2"
                fill="none"
                stroke="currentColor"
                strokeWidth="1.3"
                strokeLinecap="round"
              />
            </svg>
            Time travel
          </button>
        )}
      </nav>
      {tab === "timeline" ? (
        <Steps run={run} steps={steps} chosen={search.step} onChoose={(step) => open({ step })} instant={instant} />
      ) : tab === "costs" ? (
        <Costs run={run} steps={steps} />
      ) : tab === "events" ? (
        <Events log={log} at={at} type={search.type} text={search.q} onChange={open} />
      ) : (
        <Details run={run} />
      )}
      {slider}
    </div>
  );
}

/** The moment that the page shows: now, or, in the past, that of the event it stands at. */
function useInstant(at: string | undefined, events: readonly LogEvent[], steps: readonly StepLine[]): number {
  const clock = useStore(now);
  return useMemo(() => {
    if (at === undefined) return clock;
    const event = /^\d+$/.test(at) ? events[stopAt(events, Number(at))] : undefined;
    if (event) return Date.parse(event.occurred_at ?? event.time);
    const times = steps.flatMap((step) => [step.started_at, step.ended_at]).filter((time) => time !== null);
    return Math.max(0, ...times.map((time) => Date.parse(time)));
  }, [at, clock, events, steps]);
}

interface HeadProps {
  id: string;
  run: RunLine;
  steps: readonly StepLine[];
  position: number | null | undefined;
  instant: number;
}

function Head({ id, run, steps, position, instant }: HeadProps) {
  const failed = steps.filter((step) => step.status === "failed").length;
  const tokens = run.input_tokens + run.output_tokens + run.cache_read_tokens + run.cache_write_tokens;
  const model = steps.findLast((step) => step.model)?.model;
  return (
    <header className="border-b border-line px-4 pt-3 pb-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <StatusMark status={run.status} />
        <span className="text-ink-2">{words(run.source)}</span>
        {model ? <span className="text-ink-2">{model}</span> : null}
        {run.branch ? <code className="text-ink-2">{run.branch}</code> : null}
        {run.pull_request ? (
          <a
            href={run.pull_request.url}
            rel="noreferrer noopener"
            target="_blank"
            className="text-accent underline underline-offset-2"
          >
            PR {run.pull_request.number} {run.pull_request.status}
          </a>
        ) : null}
        {run.ci ? <Chip tone={toneOf(run.ci.status)}>CI {run.ci.status}</Chip> : null}
        <span className="text-ink-3">
          started <Time at={run.started_at ?? run.created_at} />
        </span>
        <span className="grow" />
        <Proof run={id} position={position} ended={run.ended_at !== null} />
      </div>
      <h1 className="mt-1 line-clamp-2 max-w-5xl text-lg font-semibold" title={run.prompt}>
        {run.title ?? run.prompt}
      </h1>
      {run.error ? <p className="mt-1 text-bad">{run.error}</p> : null}
      <dl className="mt-2 flex flex-wrap gap-x-8 gap-y-2">
        <Figure label="Cost" note={run.calls_without_cost > 0 ? `${run.calls_without_cost} calls unpriced` : undefined}>
          {money(run.total_cost_usd)}
        </Figure>
        <Figure label="Took">
          {duration(run.duration_ms ?? (run.started_at ? instant - Date.parse(run.started_at) : null))}
        </Figure>
        <Figure label="Steps">
          {run.steps}
          {failed > 0 ? <span className="text-base text-bad"> {failed} failed</span> : null}
        </Figure>
        <Figure label="Messages">{compact(run.assistant_messages + run.user_messages)}</Figure>
        <Figure label="Tool calls">{compact(run.tool_calls)}</Figure>
        <Figure label="Tokens">{compact(tokens)}</Figure>
        <Figure label="From cache">
          {tokens > 0 ? `${Math.round((run.cache_read_tokens / tokens) * 100)}%` : "–"}
        </Figure>
        {run.quality_score === null ? null : <Figure label="Score">{score(run.quality_score)}</Figure>}
      </dl>
    </header>
  );
}

interface StepsProps {
  run: RunLine;
  steps: readonly StepLine[];
  chosen: string | undefined;
  onChoose: (step: string | undefined) => void;
  instant: number;
}

function Steps({ run, steps, chosen, onChoose, instant }: StepsProps) {
  const [full, setFull] = useState(true);
  const step = useMemo(() => {
    const named = steps.find((each) => each.step === chosen);
    return (
      named ??
      steps.findLast((each) => each.status === "running") ??
      steps.find((each) => each.tool_calls > 0) ??
      steps[0]
    );
  }, [steps, chosen]);
  const every = chosen === "all";
  if (steps.length === 0) {
    return <Empty title={run.status === "pending" ? "Waiting to start" : "No step has begun"}>{run.prompt}</Empty>;
  }
  const choose = (next: string) => onChoose(next);
  return (
    <div
      className={`grid min-h-0 flex-1 ${full ? "grid-rows-[minmax(140px,2fr)_minmax(0,3fr)] lg:grid-cols-[minmax(420px,46%)_minmax(0,1fr)] lg:grid-rows-1" : "grid-rows-[auto_minmax(0,1fr)]"}`}
    >
      <section
        aria-label="Timeline"
        className={`flex min-h-0 min-w-0 flex-col border-line ${full ? "max-lg:border-b lg:border-r" : "border-b"}`}
      >
        {full ? (
          <Timeline steps={steps} chosen={every ? undefined : step?.step} onChoose={choose} instant={instant} />
        ) : null}
        {full ? <LastScores steps={steps} onChoose={choose} /> : null}
        <div className="flex items-center gap-3 border-t border-line px-3 py-1">
          <div className="min-w-0 flex-1">
            <Strip steps={steps} chosen={every ? undefined : step?.step} onChoose={choose} instant={instant} />
          </div>
          <button type="button" className="button quiet h-6 text-sm" onClick={() => setFull(!full)}>
            {full ? "Compact" : "Full"}
          </button>
        </div>
      </section>
      <section aria-label="Messages of the step" className="flex min-h-0 min-w-0 flex-col bg-panel">
        {step ? (
          <StepHead
            step={step}
            index={steps.indexOf(step)}
            every={every}
            onEvery={() => onChoose(every ? step.step : "all")}
          />
        ) : null}
        {step?.sandbox ? (
          <Messages sandbox={step.sandbox} step={every ? undefined : step.step} running={step.status === "running"} />
        ) : (
          <Empty title="No messages">{step?.skipped ?? "This step has no sandbox of its own."}</Empty>
        )}
      </section>
    </div>
  );
}

function StepHead({
  step,
  index,
  every,
  onEvery,
}: {
  step: StepLine;
  index: number;
  every: boolean;
  onEvery: () => void;
}) {
  const iteration = step.loop_iteration === null ? null : `iteration ${step.loop_iteration}`;
  return (
    <header className="border-b border-line px-4 py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {every ? (
          <h2 className="font-semibold">Whole sandbox</h2>
        ) : (
          <>
            <h2 className="font-semibold">
              <span className="text-ink-3">{index + 1}</span> {words(step.role)}
            </h2>
            <StatusMark status={step.status} />
            <Outcome step={step} />
            <span className="text-ink-3">
              {[
                step.model,
                step.thinking_effort && step.thinking_effort !== "off" ? `effort ${step.thinking_effort}` : null,
                iteration,
                step.duration_ms === null ? null : duration(step.duration_ms),
                money(step.total_cost_usd),
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </>
        )}
        <button type="button" className="button quiet ml-auto h-6 text-sm" onClick={onEvery}>
          {every ? "Only the step" : "Whole sandbox"}
        </button>
      </div>
      {every ? null : <StepNotes step={step} />}
    </header>
  );
}

function StepNotes({ step }: { step: StepLine }) {
  return (
    <>
      {step.failure ? (
        <p className="mt-1 text-bad">
          {words(step.failure.kind)}: {step.failure.error}
        </p>
      ) : null}
      {step.verdict?.feedback ? (
        <p className="mt-1 max-h-24 overflow-y-auto text-ink-2">{step.verdict.feedback}</p>
      ) : null}
      {step.judgement ? (
        <p className="mt-1 text-ink-2">
          Winner <code>{step.judgement.winner}</code>: {step.judgement.rationale}
        </p>
      ) : null}
      {step.quality ? (
        <>
          <p className="mt-1 text-ink-2">{step.quality.summary}</p>
          <ScoreBars scores={step.quality.scores} className="mt-1.5 max-w-xl" />
        </>
      ) : null}
    </>
  );
}
