// Chains: issues, or sprints, that are worked on one after the other on one branch.

import { Link, useParams } from "@tanstack/react-router";
import { newId } from "@waybill";
import { type ReactNode, useMemo, useState } from "react";
import { useRights } from "@/app/rights";
import { useCommand } from "@/data/command";
import { type Listed, useList } from "@/data/lists";
import { useView } from "@/data/live";
import { shortId, words } from "@/lib/format";
import { Chip, ProblemNote, StatusMark, Time } from "@/ui/bits";
import { Catalogue, Head } from "@/ui/catalogue";
import { Field, Form, Pick, Ticks } from "@/ui/form";

type Chain = Listed<"chains">;
const POLICIES = ["pause", "continue", "retry", "stop"] as const;
const ENDED: readonly string[] = ["completed", "stopped", "cancelled"];

interface Props {
  controls: ReactNode;
  open: string | undefined;
  onOpen: (id: string) => void;
}

export function Chains({ controls, open, onOpen }: Props) {
  const { rows, project, waiting, problem } = useList("chains");
  const { rows: issues } = useList("issues");
  const why = useRights(project?.id).why("work");
  const [creating, setCreating] = useState(false);
  const command = useCommand();
  const current = rows.find((row) => row.id === open) ?? rows[0];
  const free = issues.filter((issue) => issue.status === "open");
  const show = (id: string) => {
    setCreating(false);
    onOpen(id);
  };
  return (
    <Catalogue<Chain>
      title="Issues"
      controls={controls}
      rows={rows}
      waiting={waiting}
      problem={problem}
      current={current?.id}
      onOpen={show}
      why={why}
      create="New chain"
      onCreate={() => setCreating(true)}
      creating={creating}
      empty={{
        title: "No chains yet",
        next: "A chain works through issues one after the other, all on one branch. Open a few issues, then make a chain of them.",
      }}
      item={(row) => (
        <>
          <span className="line-clamp-2 font-medium">{row.title}</span>
          <span className="mt-0.5 flex items-center gap-2 text-xs text-ink-3">
            <StatusMark status={row.status} />
            {row.paused ? <Chip tone="warn">paused</Chip> : null}
            <span className="ml-auto">
              {row.current} of {row.links}
            </span>
          </span>
        </>
      )}
    >
      {creating && project ? (
        <div className="px-5 py-4">
          <Form
            label="New chain"
            busy={command.busy}
            problem={command.problem}
            submit="Make it"
            onCancel={() => setCreating(false)}
            onSubmit={async (given) => {
              const id = newId();
              const picked = given.all("issues");
              const body = {
                project: project.id,
                title: given.text("title"),
                branch: given.text("branch"),
                issues: picked,
                on_failure: given.text("on_failure") as (typeof POLICIES)[number],
              };
              if (!(await command.send("work-chain/create", id, body))) return;
              for (const issue of picked) await command.send("issue/chain", issue, { chain: id });
              show(`work-chain-${id}`);
            }}
          >
            <div className="flex flex-wrap gap-3">
              <Field name="title" label="Title" required autoFocus className="w-72" />
              <Field name="branch" label="Branch of all its runs" required placeholder="waybill/…" className="w-64" />
              <Pick name="on_failure" label="When a run fails" options={POLICIES} value="pause" />
            </div>
            <Ticks
              name="issues"
              label="Open issues, in this order"
              options={free.map((issue) => [issue.id, issue.title] as const)}
              chosen={[]}
              none="No issue is open. Open one first."
            />
          </Form>
        </div>
      ) : current ? (
        <One key={current.id} chain={current} why={why} />
      ) : null}
    </Catalogue>
  );
}

function One({ chain, why }: { chain: Chain; why: string | undefined }) {
  const { send, busy, problem } = useCommand();
  const may = why === undefined && !ENDED.includes(chain.status);
  const of = chain.kind === "work" ? "work-chain" : "sprint-chain";
  // Both kinds stand in one view, so its keys are streams.
  const id = chain.id.slice(of.length + 1);
  const pause = () => {
    const reason = prompt("Why does it pause?");
    if (reason) void send(`${of}/pause`, id, { reason });
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
            <button
              type="button"
              className="button danger"
              disabled={busy}
              onClick={() => confirm("End this chain?") && send(`${of}/cancel`, id, {})}
            >
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
