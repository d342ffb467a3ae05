// What agents learned: a queue to review by keyboard, and what became of the rest.

import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { Problem, ViewRows } from "@waybill";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { useRights } from "@/app/rights";
import { useProject } from "@/app/shell";
import { useCommand } from "@/data/command";
import { useView } from "@/data/live";
import { percent, shortId } from "@/lib/format";
import { Chip, Empty, Kbd, ProblemNote, Segmented, Ticked, Time, toneOf } from "@/ui/bits";
import { Why } from "@/ui/catalogue";
import { Documents } from "./documents";
import { type Edited, EditForm } from "./edit";

type Learning = ViewRows["learnings"] & { id: string };
const TABS = ["pending", "approved", "rejected", "retired"] as const;
type Tab = (typeof TABS)[number];
const LABELS: Record<Tab | "documents", string> = {
  pending: "Waiting",
  approved: "Approved",
  rejected: "Rejected",
  retired: "Retired",
  documents: "Documents",
};
const WEIGHT: Record<string, number> = { critical: 0, important: 1, minor: 2 };

/** Those of a tab: what matters most first, then what came first. */
export function listed(rows: ReadonlyMap<string, ViewRows["learnings"]>, tab: Tab): Learning[] {
  const kept: Learning[] = [];
  for (const [id, row] of rows) if (row.status === tab) kept.push({ id, ...row });
  return kept.sort(
    (a, b) => (WEIGHT[a.severity] ?? 3) - (WEIGHT[b.severity] ?? 3) || (a.created_at < b.created_at ? -1 : 1),
  );
}

export default function Learnings() {
  const { slug } = useParams({ from: "/p/$slug/learnings" });
  const search = useSearch({ from: "/p/$slug/learnings" });
  const change = useSearchChange();
  const { project } = useProject();
  const view = useView("learnings", { params: project ? { project: project.id } : {}, enabled: project !== undefined });
  const why = useRights(project?.id).why("settings");
  const tab = TABS.find((each) => each === search.tab) ?? "pending";
  const rows = useMemo(() => listed(view.rows, tab), [view, tab]);
  const counts = useMemo(() => {
    const all = [...view.rows.values()];
    return Object.fromEntries(TABS.map((each) => [each, all.filter((row) => row.status === each).length]));
  }, [view]);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.id === search.learning),
  );
  const current = rows[at];
  const open = useCallback((learning: string | undefined) => void change({ learning }), [change]);
  const controls = (
    <Segmented<Tab | "documents">
      label="How they stand"
      value={search.tab === "documents" ? "documents" : tab}
      onChange={(next) => change({ tab: next === "pending" ? undefined : next, learning: undefined, id: undefined })}
      options={[...TABS, "documents" as const].map((each) => ({
        value: each,
        label: (
          <>
            {LABELS[each]} <span className="text-ink-3">{counts[each]}</span>
          </>
        ),
      }))}
    />
  );
  if (search.tab === "documents") return <Documents controls={controls} />;
  if (view.problem) return <ProblemNote problem={view.problem} />;
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <h1 className="text-xl font-semibold tracking-tight">Learnings</h1>
        {controls}
        <p className="ml-auto flex items-center gap-1.5 text-sm text-ink-3 max-md:hidden">
          <Kbd>j</Kbd> <Kbd>k</Kbd> move
          {tab === "pending" && why === undefined ? (
            <>
              <Kbd>a</Kbd> approve <Kbd>r</Kbd> reject <Kbd>e</Kbd> edit
            </>
          ) : null}
        </p>
        <Why why={why} />
      </header>
      {view.state === "waiting" ? null : rows.length === 0 || !current ? (
        <Empty title={tab === "pending" ? "Nothing waits for review" : `None ${LABELS[tab].toLowerCase()}`}>
          {tab === "pending"
            ? "What agents learn while they run comes here, for you to let it apply or to turn it down."
            : null}
        </Empty>
      ) : (
        <div className="grid min-h-0 flex-1 grid-rows-[minmax(120px,1fr)_minmax(0,2fr)] md:grid-cols-[minmax(260px,36%)_minmax(0,1fr)] md:grid-rows-1">
          <Queue rows={rows} at={at} onOpen={open} />
          <Review
            key={current.id}
            learning={current}
            next={rows[at + 1] ?? rows[at - 1]}
            slug={slug}
            onOpen={open}
            rows={rows}
            at={at}
            may={why === undefined}
          />
        </div>
      )}
    </div>
  );
}

function Queue({ rows, at, onOpen }: { rows: readonly Learning[]; at: number; onOpen: (id: string) => void }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <ul ref={list} className="min-h-0 overflow-y-auto border-line max-md:border-b md:border-r" aria-label="Learnings">
      {rows.map((row, index) => (
        <li key={row.id}>
          <button
            type="button"
            aria-current={index === at ? "true" : undefined}
            onClick={() => onOpen(row.id)}
            className="w-full border-b border-line/70 px-4 py-2 text-left hover:bg-hover aria-[current]:bg-accent-soft"
          >
            <span className="line-clamp-2">
              <Ticked text={row.description} />
            </span>
            <span className="mt-1 flex items-center gap-2 text-xs text-ink-3">
              <Chip tone={toneOf(row.severity)}>{row.severity}</Chip>
              {row.category}
              <span>{percent(row.confidence)} sure</span>
              <Time at={row.created_at} className="ml-auto" />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface ReviewProps {
  learning: Learning;
  next: Learning | undefined;
  rows: readonly Learning[];
  at: number;
  slug: string;
  onOpen: (id: string | undefined) => void;
  /** Whether the reader may decide on it. */
  may: boolean;
}

type Mode = "read" | "reject" | "edit";

function Review({ learning, next, rows, at, slug, onOpen, may }: ReviewProps) {
  const [mode, setMode] = useState<Mode>("read");
  const { send, busy, problem, clear } = useCommand();
  const waits = may && learning.status === "pending";
  const decide = useCallback(
    async (route: "learning/approve" | "learning/reject", body: { reason: string } | Record<string, never>) => {
      const answer = await send(route, learning.id, body as { reason: string });
      // The row leaves the list when the log says so; the next one is shown then.
      if (answer) onOpen(next?.id);
    },
    [send, learning.id, next, onOpen],
  );
  const keys = useRef<(event: KeyboardEvent) => void>(() => {});
  keys.current = (event) => {
    const target = event.target as HTMLElement;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || mode !== "read" || busy) return;
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step) onOpen(rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.id);
    else if (waits && event.key === "a") void decide("learning/approve", {});
    else if (waits && event.key === "r") setMode("reject");
    else if (waits && event.key === "e") setMode("edit");
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => keys.current(event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  const save = async (edited: Edited) => {
    if (await send("learning/edit", learning.id, edited)) setMode("read");
  };
  const leave = () => {
    clear();
    setMode("read");
  };
  return (
    <article className="flex min-h-0 flex-col bg-panel" aria-label="Learning" aria-busy={busy}>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
        {mode === "edit" ? (
          <EditForm learning={learning} busy={busy} problem={problem} onSave={save} onCancel={leave} />
        ) : (
          <Reading learning={learning} slug={slug} />
        )}
      </div>
      {waits && mode !== "edit" ? (
        <Decision mode={mode} busy={busy} problem={problem} onMode={setMode} onLeave={leave} onDecide={decide} />
      ) : null}
    </article>
  );
}

function Reading({ learning, slug }: { learning: Learning; slug: string }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 text-sm text-ink-3">
        <Chip tone={toneOf(learning.severity)}>{learning.severity}</Chip>
        <Chip>{learning.category}</Chip>
        {learning.global ? <Chip tone="violet">every project</Chip> : null}
        <span>{percent(learning.confidence)} sure</span>
        <span>
          {learning.source === "agent"
            ? "learned during a run"
            : learning.source === "human"
              ? "by a person"
              : "extracted after a run"}
        </span>
        <span>{learning.roles.length > 0 ? `for ${learning.roles.join(", ")}` : "for every role"}</span>
        {learning.run ? (
          <Link
            to="/p/$slug/runs/$run"
            params={{ slug, run: learning.run }}
            search={learning.step ? { step: learning.step } : {}}
            className="text-accent underline underline-offset-2"
          >
            run {shortId(learning.run)}
          </Link>
        ) : null}
        <Time at={learning.created_at} />
      </div>
      <h2 className="mt-3 max-w-3xl text-lg font-semibold whitespace-pre-wrap">
        <Ticked text={learning.description} />
      </h2>
      <dl className="mt-4 max-w-3xl space-y-4">
        <div>
          <dt className="eyebrow">When</dt>
          <dd className="whitespace-pre-wrap">
            <Ticked text={learning.trigger} />
          </dd>
        </div>
        <div>
          <dt className="eyebrow">Then</dt>
          <dd className="whitespace-pre-wrap">
            <Ticked text={learning.correct_behaviour} />
          </dd>
        </div>
        {learning.note ? (
          <div>
            <dt className="eyebrow">{learning.status === "rejected" ? "Rejected because" : "Note"}</dt>
            <dd className="whitespace-pre-wrap">{learning.note}</dd>
          </div>
        ) : null}
        {learning.reviewed_at ? (
          <div>
            <dt className="eyebrow">Reviewed</dt>
            <dd>
              <Time at={learning.reviewed_at} />
            </dd>
          </div>
        ) : null}
      </dl>
    </>
  );
}

interface DecisionProps {
  mode: Mode;
  busy: boolean;
  problem: Problem | undefined;
  onMode: (mode: Mode) => void;
  onLeave: () => void;
  onDecide: (route: "learning/approve" | "learning/reject", body: { reason: string } | Record<string, never>) => void;
}

function Decision({ mode, busy, problem, onMode, onLeave, onDecide }: DecisionProps) {
  return (
    <footer className="space-y-2 border-t border-line px-5 py-3">
      {problem ? <ProblemNote problem={problem} /> : null}
      {mode === "reject" ? (
        <form
          className="flex gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            onDecide("learning/reject", { reason: String(new FormData(event.currentTarget).get("reason")) });
          }}
          onKeyDown={(event) => event.key === "Escape" && onLeave()}
        >
          <input
            autoFocus
            required
            name="reason"
            className="field flex-1"
            placeholder="Why not?"
            aria-label="Reason of the rejection"
          />
          <button type="submit" className="button danger" disabled={busy}>
            Reject <Kbd>Enter</Kbd>
          </button>
          <button type="button" className="button" onClick={onLeave}>
            Cancel <Kbd>Esc</Kbd>
          </button>
        </form>
      ) : (
        <div className="flex gap-2">
          <button
            type="button"
            className="button primary"
            disabled={busy}
            onClick={() => onDecide("learning/approve", {})}
          >
            Approve <Kbd>a</Kbd>
          </button>
          <button type="button" className="button danger" disabled={busy} onClick={() => onMode("reject")}>
            Reject <Kbd>r</Kbd>
          </button>
          <button type="button" className="button" disabled={busy} onClick={() => onMode("edit")}>
            Edit <Kbd>e</Kbd>
          </button>
        </div>
      )}
    </footer>
  );
}
