// Chains: issues, or sprints, that are worked on one after the other on one branch.

import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { CataloguePage } from "@/catalogue/page";
import { useCommand } from "@/data/command";
import { type Listed, useList } from "@/data/lists";
import { useView } from "@/data/live";
import { shortId, words } from "@/lib/format";
import { agreed, written } from "@/ui/ask";
import { Chip, ProblemNote, StatusMark, Time } from "@/ui/bits";
import { Head } from "@/ui/catalogue";
import { NewChain, ofIssues, ofSprints } from "./new-chain";

type Chain = Listed<"chains">;
const ENDED: readonly string[] = ["completed", "stopped", "cancelled"];

export function Chains({ controls }: { controls: ReactNode }) {
  return (
    <CataloguePage
      view="chains"
      title="Issues"
      controls={controls}
      right="work"
      none="No chains yet"
      next="A chain works through issues one after the other on one branch, or through sprints with a pull request each. Open a few issues, then make a chain of them."
      item={(row) => ({
        name: row.title,
        isLong: true,
        below: (
          <>
            <StatusMark status={row.status} />
            {row.paused ? <Chip tone="warn">paused</Chip> : null}
            <span className="ml-auto">
              {row.current} of {row.links}
            </span>
          </>
        ),
      })}
      making={{
        label: "New chain",
        submit: "Make it",
        fields: <NewChain />,
        send: (given, making) => (given.text("of") === "sprints" ? ofSprints(given, making) : ofIssues(given, making)),
      }}
    >
      {(row, { why }) => <One key={row.id} chain={row} why={why} />}
    </CataloguePage>
  );
}

function One({ chain, why }: { chain: Chain; why: string | undefined }) {
  const { send, busy, problem } = useCommand();
  const may = why === undefined && !ENDED.includes(chain.status);
  const of = chain.kind === "work" ? "work-chain" : "sprint-chain";
  // Both kinds stand in one view, so its keys are streams.
  const id = chain.id.slice(of.length + 1);
  const pause = async () => {
    const reason = await written({ title: "Pause this chain?", act: "Pause", line: "Why" });
    if (reason) await send(`${of}/pause`, id, { reason });
  };
  const cancel = async () => {
    const text = "A run that works on it is not stopped; none begins after it.";
    if (await agreed({ title: "End this chain?", text, act: "End it" })) await send(`${of}/cancel`, id, {});
  };
  return (
    <article aria-label={chain.title}>
      <Head
        name={chain.title}
        facts={
          <>
            <StatusMark status={chain.status} />
            <Chip>{chain.kind} chain</Chip>
            {chain.branch ? <code>{chain.branch}</code> : null}
            <span>when a run fails: {words(chain.on_failure)}</span>
            <Time at={chain.updated_at} />
          </>
        }
      >
        {may ? (
          <>
            {chain.status === "planned" ? (
              <button
                type="button"
                className="button primary"
                disabled={busy}
                onClick={() => send(`${of}/start`, id, {})}
              >
                Start
              </button>
            ) : null}
            {chain.status !== "planned" && !chain.paused ? (
              <button type="button" className="button" disabled={busy} onClick={pause}>
                Pause
              </button>
            ) : null}
            {chain.paused ? (
              <button type="button" className="button" disabled={busy} onClick={() => send(`${of}/resume`, id, {})}>
                Resume
              </button>
            ) : null}
            <button type="button" className="button danger" disabled={busy} onClick={cancel}>
              Cancel it
            </button>
          </>
        ) : null}
      </Head>
      <div className="space-y-3 px-5 py-4">
        {problem ? <ProblemNote problem={problem} /> : null}
        {chain.paused ? <p className="rounded bg-warn-soft px-3 py-2 text-warn">Paused: {chain.paused}</p> : null}
        {chain.reason ? <p className="text-ink-2">{chain.reason}</p> : null}
        {chain.kind === "work" ? <WorkItems chain={id} /> : <Sprints chain={id} />}
      </div>
    </article>
  );
}

interface Link1 {
  key: string;
  title: string;
  status: string;
  current: boolean;
  attempts: number;
  run: string | null;
  skipped: string | null;
}

function WorkItems({ chain }: { chain: string }) {
  const view = useView("work-chain-items", { key: chain });
  const { rows: issues } = useList("issues");
  const links = useMemo(() => {
    const titles = new Map(issues.map((issue) => [issue.id, issue.title]));
    return [...view.rows].map(
      ([key, row]): Link1 => ({
        key,
        title: titles.get(row.issue) ?? shortId(row.issue),
        status: row.skipped ? "skipped" : (row.outcome ?? (row.run ? "running" : "pending")),
        current: row.current,
        attempts: row.attempts,
        run: row.run,
        skipped: row.skipped,
      }),
    );
  }, [view, issues]);
  return <Links links={links} />;
}

function Sprints({ chain }: { chain: string }) {
  const view = useView("sprint-chain-sprints", { key: chain });
  const links = [...view.rows].map(
    ([key, row]): Link1 => ({
      key,
      title: row.prompt ?? `Sprint ${row.sprint}`,
      status: row.skipped ? "skipped" : (row.outcome ?? (row.run ? "running" : "pending")),
      current: row.current,
      attempts: row.attempts,
      run: row.run,
      skipped: row.skipped,
    }),
  );
  return <Links links={links} />;
}

function Links({ links }: { links: readonly Link1[] }) {
  const { slug } = useParams({ strict: false }) as { slug: string };
  return (
    <ol className="max-w-3xl">
      {links.map((each, index) => (
        <li key={each.key} className="relative flex gap-3 pb-3" aria-current={each.current ? "step" : undefined}>
          {index < links.length - 1 ? (
            <span className="absolute top-6 bottom-0 left-[11px] w-px bg-line-strong" aria-hidden="true" />
          ) : null}
          <span
            className={`z-10 grid size-6 shrink-0 place-items-center rounded-full border text-xs ${each.current ? "border-accent bg-accent-soft text-accent" : "border-line-strong bg-panel text-ink-3"}`}
          >
            {index + 1}
          </span>
          <div className="min-w-0 flex-1">
            <p className={`line-clamp-2 ${each.current ? "font-medium" : ""}`}>{each.title}</p>
            <p className="flex flex-wrap items-center gap-3 text-sm text-ink-3">
              <StatusMark status={each.status} />
              {each.attempts > 1 ? <span>{each.attempts} tries</span> : null}
              {each.run ? (
                <Link
                  to="/p/$slug/runs/$run"
                  params={{ slug, run: each.run }}
                  className="text-accent underline underline-offset-2"
                >
                  run {shortId(each.run)}
                </Link>
              ) : null}
              {each.skipped ? <span>{each.skipped}</span> : null}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
