// Runs side by side, and what a judge made of them.

import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { LogEvent } from "@waybill";
import { useMemo } from "react";
import { useSearchChange } from "@/app/navigate";
import { useProject } from "@/app/shell";
import { useEvents, useView } from "@/data/live";
import { count, counted, duration, money, score } from "@/lib/format";
import { markdown } from "@/lib/text";
import { Chip, Empty, ProblemNote, Section, StatusMark, Ticked, Time, toneOf } from "@/ui/bits";
import {
  best,
  type Candidate,
  candidates,
  isCandidate,
  type Judgement,
  judged,
  MEASURES,
  type Measure,
  SCORES,
} from "./figures";

/** Judgements are sought in so many of the last events. */
const WINDOW = 200_000;

const FORMS: Record<Measure["form"], (value: number | null) => string> = {
  score,
  money,
  duration,
  count: (value) => (value === null ? "–" : count(value)),
};

function useJudgements(project: string | undefined): readonly Judgement[] {
  const events = useEvents({ type: "JudgementIssued" }, { keep: 1000, window: WINDOW });
  return useMemo(
    () =>
      (events.data as ReadonlyArray<LogEvent<"JudgementIssued">>)
        .filter((event) => project !== undefined && (event.project === null || event.project === project))
        .map((event) => ({
          position: event.position,
          at: event.occurred_at ?? event.time,
          stream: event.stream,
          ...event.data,
        })),
    [events, project],
  );
}

export default function Compare() {
  const { slug } = useParams({ from: "/p/$slug/compare" });
  const search = useSearch({ from: "/p/$slug/compare" });
  const change = useSearchChange();
  const { project } = useProject();
  const params: Record<string, string> = project ? { project: project.id } : {};
  const runs = useView("runs", { params, enabled: project !== undefined });
  const quality = useView("quality", { params, enabled: project !== undefined });
  const judgements = useJudgements(project?.id);
  const ids = useMemo(() => search.runs?.split(",").filter(Boolean) ?? [], [search.runs]);
  const all = useMemo(() => candidates(ids, runs.rows, quality.rows.values()), [ids, runs, quality]);
  const judgement = useMemo(() => (all.length > 1 ? judged(judgements, all) : undefined), [judgements, all]);
  if (runs.problem) return <ProblemNote problem={runs.problem} />;
  const drop = (id: string) => change({ runs: ids.filter((each: string) => each !== id).join(",") || undefined });
  return (
    <div className="flex min-h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <h1 className="text-xl font-semibold tracking-tight">Compare</h1>
        {all.length > 0 ? <p className="text-ink-2">{counted(all.length, "run")}</p> : null}
        <div className="grow" />
        <Link to="/p/$slug/runs" params={{ slug }} className="button">
          Choose runs
        </Link>
      </header>
      {runs.state === "waiting" ? null : all.length < 2 ? (
        <Nothing judgements={judgements} slug={slug} runs={runs.rows} />
      ) : (
        <div className="space-y-4 p-4">
          {judgement ? <Verdict judgement={judgement} all={all} slug={slug} /> : null}
          <Table all={all} slug={slug} judgement={judgement} onDrop={drop} />
          {judgement ? null : (
            <p className="max-w-3xl text-ink-3">
              No judge has compared exactly these runs. A run that is asked for with them as its candidates, such as one
              of a workflow that ends with a judge, issues the judgement that is then shown here.
            </p>
          )}
        </div>
      )}
    </div>
  );
}

function Nothing({
  judgements,
  slug,
  runs,
}: {
  judgements: readonly Judgement[];
  slug: string;
  runs: ReturnType<typeof useView<"runs">>["rows"];
}) {
  const known = judgements.toReversed().map((each) => {
    const of = [...runs].filter(([id, run]) => each.candidates.some((name) => isCandidate(name, id, run)));
    return { each, of };
  });
  return (
    <>
      <Empty title="Nothing to compare yet">
        Tick two runs or more in{" "}
        <Link to="/p/$slug/runs" params={{ slug }} className="text-accent underline underline-offset-2">
          Runs
        </Link>
        , then press Compare. The address keeps the choice.
      </Empty>
      {known.length > 0 ? (
        <div className="mx-auto w-full max-w-3xl px-4 pb-6">
          <Section title="What judges compared" aside={`${known.length}`}>
            <ul>
              {known.map(({ each, of }) => (
                <li key={each.position} className="border-t border-line first:border-t-0">
                  <Link
                    to="/p/$slug/compare"
                    params={{ slug }}
                    search={{ runs: of.map(([id]) => id).join(",") }}
                    className="block px-3 py-2 hover:bg-hover"
                  >
                    <span className="block truncate font-medium">
                      {of.map(([, run]) => run.title ?? run.prompt_preview)[0] ?? "Branches"}
                    </span>
                    <span className="block truncate text-ink-2">{each.rationale}</span>
                    <span className="text-sm text-ink-3">
                      {each.candidates.length} candidates · <Time at={each.at} />
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </Section>
        </div>
      ) : null}
    </>
  );
}

function Verdict({ judgement, all, slug }: { judgement: Judgement; all: readonly Candidate[]; slug: string }) {
  const winner = all.find(({ id, run }) => isCandidate(judgement.winner, id, run));
  const judge = judgement.stream.replace(/^run-/, "");
  return (
    <section aria-label="Judgement" className="panel border-l-4 border-l-accent px-4 py-3">
      <p className="flex flex-wrap items-center gap-2">
        <Chip tone="good">winner</Chip>
        <strong className="font-semibold">
          {winner ? (winner.run.branch ?? winner.run.title ?? winner.id) : judgement.winner}
        </strong>
        <span className="text-ink-3">
          judged <Time at={judgement.at} /> by{" "}
          <Link
            to="/p/$slug/runs/$run"
            params={{ slug, run: judge }}
            className="text-accent underline underline-offset-2"
          >
            its run
          </Link>
        </span>
      </p>
      <div
        className="prose-agent mt-2 max-w-3xl"
        // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised to a short list of tags
        dangerouslySetInnerHTML={{ __html: markdown(judgement.rationale) }}
      />
    </section>
  );
}

interface TableProps {
  all: readonly Candidate[];
  slug: string;
  judgement: Judgement | undefined;
  onDrop: (id: string) => void;
}

function Table({ all, slug, judgement, onDrop }: TableProps) {
  const noted = (of: Candidate) =>
    judgement?.notes.find(({ candidate }) => isCandidate(candidate, of.id, of.run))?.note ?? of.summary;
  const wins = (of: Candidate) => judgement !== undefined && isCandidate(judgement.winner, of.id, of.run);
  const text = (label: string, value: (of: Candidate) => React.ReactNode) => (
    <tr className="border-t border-line/70">
      <th scope="row" className="sticky left-0 bg-panel px-3 py-1.5 text-left font-normal text-ink-3">
        {label}
      </th>
      {all.map((of) => (
        <td key={of.id} className="px-3 py-1.5 align-top">
          {value(of)}
        </td>
      ))}
    </tr>
  );
  return (
    <section aria-label="Side by side" tabIndex={0} className="panel relative overflow-x-auto">
      <table className="w-full min-w-max table-fixed border-collapse">
        <thead>
          <tr>
            <td className="sticky left-0 w-36 bg-panel" />
            {all.map((of) => (
              <th
                key={of.id}
                scope="col"
                className={`w-64 px-3 py-2 text-left align-top font-normal ${wins(of) ? "bg-accent-soft" : ""}`}
              >
                <span className="flex items-center justify-between gap-2">
                  <StatusMark status={of.run.status} />
                  <button
                    type="button"
                    className="button quiet h-6"
                    aria-label={`Leave ${of.run.branch ?? of.id} out`}
                    onClick={() => onDrop(of.id)}
                  >
                    ✕
                  </button>
                </span>
                <Link
                  to="/p/$slug/runs/$run"
                  params={{ slug, run: of.id }}
                  className="mt-1 line-clamp-2 font-medium underline-offset-2 hover:underline"
                >
                  {of.run.title ?? of.run.prompt_preview}
                </Link>
                {wins(of) ? <Chip tone="good">winner</Chip> : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {SCORES.map((measure) => (
            <Line key={measure.label} measure={measure} all={all} bars />
          ))}
          {MEASURES.map((measure) => (
            <Line key={measure.label} measure={measure} all={all} />
          ))}
          {text("CI", ({ run }) =>
            run.ci_status ? (
              <Chip tone={toneOf(run.ci_status)}>{run.ci_status}</Chip>
            ) : (
              <span className="text-ink-3">–</span>
            ),
          )}
          {text("model", ({ run }) => run.model ?? "–")}
          {text("branch", ({ run }) => (
            <span className="block truncate font-mono text-sm" title={run.branch ?? ""}>
              {run.branch ?? "–"}
            </span>
          ))}
          {text("started", ({ run }) => (
            <Time at={run.started_at} />
          ))}
          {text(judgement ? "the judge says" : "the evaluator says", (of) => (
            <span className="whitespace-pre-wrap">
              <Ticked text={noted(of) ?? of.run.error ?? "–"} />
            </span>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({ measure, all, bars = false }: { measure: Measure; all: readonly Candidate[]; bars?: boolean }) {
  const top = best(measure, all);
  return (
    <tr className="border-t border-line/70">
      <th scope="row" className="sticky left-0 bg-panel px-3 py-1.5 text-left font-normal text-ink-3">
        {measure.label}
      </th>
      {all.map((of) => {
        const value = measure.value(of);
        const isBest = top !== null && value === top;
        return (
          <td key={of.id} className="px-3 py-1.5">
            <span className="flex items-center gap-2">
              <span className={`w-16 ${isBest ? "font-semibold text-accent" : ""}`}>
                {FORMS[measure.form](value)}
                {isBest ? <span className="sr-only"> (best)</span> : null}
              </span>
              {bars && value !== null ? (
                <span className="h-1.5 flex-1 overflow-hidden rounded-full bg-sunk" aria-hidden="true">
                  <span
                    className={`block h-full rounded-full ${isBest ? "bg-(--bar)" : "bg-(--bar-quiet)"}`}
                    style={{ width: `${value}%` }}
                  />
                </span>
              ) : null}
            </span>
          </td>
        );
      })}
    </tr>
  );
}
