// A project at a glance: what runs, what came out, what it cost, what waits for a person.

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { now } from "@/app/prefs";
import { useRights } from "@/app/rights";
import { client } from "@/app/session";
import { useProject } from "@/app/shell";
import { useStatus, useView } from "@/data/live";
import { axisMoney, compact, count, duration, money, percent, score, words } from "@/lib/format";
import { useStore } from "@/lib/store";
import { Chip, Empty, Figure, ProblemNote, Section, StatusMark, Ticked, Time, toneOf } from "@/ui/bits";
import { Chart } from "@/ui/chart";
import { daily, passRate, quality, spentOn } from "./figures";

const DAYS = 30;
const RECENT = 12;

export default function Overview() {
  const { slug } = useParams({ from: "/p/$slug/" });
  const { project, state } = useProject();
  if (!project) return state === "waiting" ? null : <Empty title={`There is no project ${slug}`} />;
  return <Board id={project.id} name={project.name} slug={slug} repository={project.repository_url} />;
}

interface BoardProps {
  id: string;
  name: string;
  slug: string;
  repository: string | null;
}

function Board({ id, name, slug, repository }: BoardProps) {
  const params = { project: id };
  const board = useView("project-dashboard", { key: id });
  const usage = useView("usage", { params });
  const scored = useView("quality", { params });
  const instant = useStore(now);
  const row = board.rows.get(id);
  const spend = useMemo(() => daily(usage.rows.values(), DAYS), [usage]);
  const scores = useMemo(() => quality(scored.rows.values(), 10), [scored]);
  if (board.problem) return <ProblemNote problem={board.problem} />;
  if (!row) return null;
  const rate = passRate(row);
  const ended = row.runs_completed + row.runs_failed + row.runs_cancelled;
  const today = spentOn(usage.rows.values(), instant);
  return (
    <div className="mx-auto max-w-[1400px] space-y-4 p-4">
      <header className="flex flex-wrap items-baseline gap-x-3">
        <h1 className="text-xl font-semibold tracking-tight">{name}</h1>
        {repository ? (
          <a
            href={repository}
            target="_blank"
            rel="noreferrer noopener"
            className="text-ink-2 underline underline-offset-2"
          >
            {repository.replace(/^https?:\/\//, "")}
          </a>
        ) : null}
        <span className="text-ink-3">
          last activity <Time at={row.last_activity_at} />
        </span>
      </header>
      <dl className="panel grid grid-cols-[repeat(auto-fit,minmax(124px,1fr))] gap-x-6 gap-y-3 px-4 py-3">
        <Figure label="Running">
          <span className={row.runs_running > 0 ? "text-info" : ""}>{count(row.runs_running)}</span>
          {row.runs_pending > 0 ? <span className="text-base text-ink-3"> +{row.runs_pending} waiting</span> : null}
        </Figure>
        <Figure label="Completed" note={`${count(row.runs_failed)} failed, ${count(row.runs_cancelled)} cancelled`}>
          {rate === null ? "–" : percent(rate)}{" "}
          <span className="text-base font-normal text-ink-3">of {count(ended)}</span>
        </Figure>
        <Figure label="Mean score" note={`${count(row.scored_runs)} scored runs`}>
          {score(row.quality_score)}
        </Figure>
        <Figure label="Verdicts" note="passed and sent back">
          <span className="text-accent">{count(row.verdicts_passed)}</span> <span className="text-ink-3">/</span>{" "}
          <span className={row.verdicts_failed > 0 ? "text-bad" : ""}>{count(row.verdicts_failed)}</span>
        </Figure>
        <Figure label="CI" note="passing and failing runs">
          {count(row.ci_passing)} <span className="text-ink-3">/</span> {count(row.ci_failing)}
        </Figure>
        <Figure label="Spent" note={`${money(today)} today`}>
          {row.calls_without_cost > 0 ? "≥ " : ""}
          {money(row.total_cost_usd)}
        </Figure>
        <Figure label="Tokens" note={`${compact(row.cache_read_tokens)} from cache`}>
          {compact(row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens)}
        </Figure>
        <Figure label="Agent messages" note={`${compact(row.tool_calls)} tool calls`}>
          {compact(row.assistant_messages)}
        </Figure>
      </dl>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(340px,2fr)]">
        <div className="grid gap-4">
          <Running id={id} slug={slug} />
          <Recent id={id} slug={slug} />
        </div>
        <div className="grid gap-4">
          <Section title="Spend by day" aside={`${spend.times.length} days, UTC`}>
            <div className="px-2 pb-1">
              {spend.times.length === 0 ? (
                <Nothing>No model has been called yet.</Nothing>
              ) : (
                <Chart
                  label="Spend by day"
                  times={spend.times}
                  height={150}
                  format={axisMoney}
                  series={[{ label: "spend", values: spend.spend, colour: "--bar", kind: "bars" }]}
                />
              )}
            </div>
          </Section>
          <Section title="Quality" aside="composite scores, mean of ten">
            <div className="px-2 pb-1">
              {scores.times.length === 0 ? (
                <Nothing>No evaluator has scored a run yet.</Nothing>
              ) : (
                <Chart
                  label="Quality over time"
                  times={scores.times}
                  height={150}
                  range={[0, 100]}
                  format={(value) => String(Math.round(value))}
                  series={[
                    { label: "composite", values: scores.composite, colour: "--bar-quiet", kind: "points" },
                    { label: "mean", values: scores.mean, colour: "--violet", kind: "line" },
                  ]}
                />
              )}
            </div>
          </Section>
          <Waiting id={id} slug={slug} />
          <Budgets />
          <Health />
        </div>
      </div>
    </div>
  );
}

function Nothing({ children }: { children: ReactNode }) {
  return <p className="px-2 py-6 text-center text-ink-3">{children}</p>;
}

function Running({ id, slug }: { id: string; slug: string }) {
  const view = useView("runs", { params: { project: id, status: "running" } });
  const instant = useStore(now);
  if (view.rows.size === 0) return null;
  return (
    <Section title="Running now" aside={`${view.rows.size}`}>
      <ul>
        {[...view.rows]
          .reverse()
          .slice(0, 8)
          .map(([run, row]) => (
            <li key={run} className="border-line not-last:border-b">
              <Link
                to="/p/$slug/runs/$run"
                params={{ slug, run }}
                className="grid grid-cols-[16px_minmax(0,1fr)_auto] items-center gap-3 px-3 py-2 sm:grid-cols-[16px_minmax(0,1fr)_auto_auto_auto] hover:bg-hover"
              >
                <StatusMark status="running" bare />
                <span className="truncate font-medium">{row.title ?? row.prompt_preview}</span>
                <span className="text-ink-3 max-sm:hidden">step {row.steps}</span>
                <span className="text-ink-3 max-sm:hidden">{row.model}</span>
                <span>
                  {money(row.total_cost_usd)}
                  <span className="text-ink-3">
                    {" "}
                    · {row.started_at ? duration(instant - Date.parse(row.started_at)) : "–"}
                  </span>
                </span>
              </Link>
            </li>
          ))}
      </ul>
    </Section>
  );
}

function Recent({ id, slug }: { id: string; slug: string }) {
  const view = useView("runs", { params: { project: id } });
  const rows = useMemo(
    () =>
      [...view.rows]
        .sort(([, a], [, b]) => ((a.started_at ?? a.created_at) < (b.started_at ?? b.created_at) ? 1 : -1))
        .slice(0, RECENT),
    [view],
  );
  return (
    <Section
      title="Recent runs"
      aside={
        <Link to="/p/$slug/runs" params={{ slug }} className="text-accent underline underline-offset-2">
          all {count(view.rows.size)}
        </Link>
      }
    >
      {view.state !== "waiting" && rows.length === 0 ? <Nothing>No run has begun yet.</Nothing> : null}
      <ul>
        {rows.map(([run, row]) => (
          <li key={run} className="border-line not-last:border-b">
            <Link
              to="/p/$slug/runs/$run"
              params={{ slug, run }}
              className="grid grid-cols-[16px_minmax(0,1fr)_auto] items-center gap-x-3 px-3 py-1.5 hover:bg-hover sm:grid-cols-[16px_minmax(0,1fr)_72px_52px_64px_72px]"
            >
              <StatusMark status={row.status} bare />
              <span className="truncate">{row.title ?? row.prompt_preview}</span>
              <span className="max-sm:hidden">
                {row.ci_status ? <Chip tone={toneOf(row.ci_status)}>{row.ci_status}</Chip> : null}
              </span>
              <span className="text-right max-sm:hidden">{score(row.quality_score)}</span>
              <span className="text-right">{money(row.total_cost_usd)}</span>
              <Time at={row.started_at ?? row.created_at} className="text-right text-ink-3 max-sm:hidden" />
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Waiting({ id, slug }: { id: string; slug: string }) {
  const view = useView("learning-queue", { params: { project: id } });
  const rows = [...view.rows].slice(0, 4);
  return (
    <Section
      title="Learnings that wait for review"
      aside={
        <Link to="/p/$slug/learnings" params={{ slug }} className="text-accent underline underline-offset-2">
          {view.rows.size > 0 ? `review ${view.rows.size}` : "all"}
        </Link>
      }
    >
      {rows.length === 0 ? <Nothing>None waits.</Nothing> : null}
      <ul>
        {rows.map(([learning, row]) => (
          <li key={learning} className="border-line not-last:border-b">
            <Link
              to="/p/$slug/learnings"
              params={{ slug }}
              search={{ learning }}
              className="flex items-center gap-2 px-3 py-1.5 hover:bg-hover"
            >
              <Chip tone={toneOf(row.severity)}>{row.severity}</Chip>
              <span className="min-w-0 flex-1 truncate">
                <Ticked text={row.description} />
              </span>
              <span className="text-xs text-ink-3">{row.category}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Budgets() {
  const view = useView("budget");
  const open = [...view.rows].filter(([, row]) => !row.closed);
  if (open.length === 0) return null;
  return (
    <Section title="Budget windows">
      <ul className="space-y-2 px-3 py-2.5">
        {open.slice(0, 5).map(([pool, row]) => {
          const share = row.level.capacity > 0 ? row.level.used / row.level.capacity : 0;
          return (
            <li key={pool}>
              <div className="flex justify-between gap-3">
                <span className="truncate font-medium">{row.name}</span>
                <span className="text-ink-2">
                  {percent(share)}{" "}
                  <span className="text-ink-3">
                    of {compact(row.level.capacity)} {words(row.unit)}
                  </span>
                </span>
              </div>
              <svg className="mt-1 block h-1.5 w-full" aria-hidden="true">
                <rect width="100%" height="6" rx="3" className="fill-(--sunk)" />
                <rect
                  width={`${Math.min(100, share * 100)}%`}
                  height="6"
                  rx="3"
                  className={share > 0.9 ? "fill-(--bad)" : share > 0.7 ? "fill-(--warn)" : "fill-(--bar)"}
                />
              </svg>
              {row.queued > 0 ? (
                <p className="mt-0.5 text-xs text-warn">{count(row.queue.length)} requests wait</p>
              ) : null}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** What everybody who is signed in is told, and the rest for whoever manages the installation. */
interface Ready {
  ready: boolean;
  problems?: string[];
  degraded?: string[];
  log: { head: number | null; durability: string; read_only: boolean };
  views: Array<{ name: string; position: number | null; rows?: number; state: string }>;
}

/** Asked once for each connection: what follows is told by the socket. */
function Health() {
  const { connections } = useStatus();
  const { me } = useRights(undefined);
  const path = me && (me.kind === "operator" || me.administrator) ? "/readyz" : "/v1/health";
  const ready = useQuery({
    queryKey: [path, connections],
    queryFn: ({ signal }) => client().http.json<Ready>(path, signal),
    placeholderData: (before) => before,
    enabled: me !== undefined,
  });
  const said = ready.data;
  if (!said) return null;
  const bad = said.views.filter((view) => view.state !== "live");
  const faults = [...(said.problems ?? []), ...(said.degraded ?? [])];
  const rows = said.views.reduce((sum, view) => sum + (view.rows ?? 0), 0);
  return (
    <Section title="Log and views" aside={said.log.durability}>
      <div className="px-3 py-2">
        <p className="flex items-center gap-2">
          <StatusMark status={bad.length === 0 && said.ready ? "completed" : "failed"} bare />
          {bad.length === 0
            ? `${said.views.length} views live`
            : `${bad.length} of ${said.views.length} views stand still`}
          {rows > 0 ? <span className="text-ink-3">{count(rows)} rows in memory</span> : null}
        </p>
        {bad.map((view) => (
          <p key={view.name} className="text-bad">
            {view.name}: {view.state}
          </p>
        ))}
        {faults.map((fault) => (
          <p key={JSON.stringify(fault)} className="text-warn">
            {typeof fault === "string" ? fault : JSON.stringify(fault)}
          </p>
        ))}
      </div>
    </Section>
  );
}
