// Every run of a project: filters and order in the address, rows as they change.

import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { useProject } from "@/app/shell";
import { useView } from "@/data/live";
import { compact, count, money } from "@/lib/format";
import { Empty, ProblemNote } from "@/ui/bits";
import { Menu } from "@/ui/menu";
import { COLUMNS, chosen, USUAL } from "./columns";
import { type RunSearch, select, tally, totals } from "./query";
import { RunTable } from "./table";
import { SavedViews } from "./views";

export default function Runs() {
  const { slug } = useParams({ from: "/p/$slug/runs" });
  const search = useSearch({ from: "/p/$slug/runs" });
  const { project } = useProject();
  const view = useView("runs", { params: project ? { project: project.id } : {}, enabled: project !== undefined });
  const wanted = useDeferredValue(search);
  const runs = useMemo(() => select(view.rows, wanted), [view, wanted]);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const change = useSearchChange();
  if (view.problem) return <ProblemNote problem={view.problem} />;
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <h1 className="text-xl font-semibold tracking-tight">Runs</h1>
        <Summary runs={runs} marked={marked} slug={slug} onClear={() => setMarked(new Set())} />
        <div className="grow" />
        <Filters rows={view} search={search} onChange={change} />
      </header>
      {view.state !== "waiting" && view.rows.size === 0 ? (
        <Empty title="No runs yet">
          Import a recorded session, or start a workflow:
          <pre className="panel mt-4 px-3 py-2 text-left">waybill import pi SESSION.jsonl --project {slug}</pre>
        </Empty>
      ) : view.state !== "waiting" && runs.length === 0 ? (
        <Empty title="No run fits">
          <button
            type="button"
            className="button mt-2"
            onClick={() => change({ q: undefined, status: undefined, model: undefined, source: undefined })}
          >
            Show all {count(view.rows.size)}
          </button>
        </Empty>
      ) : (
        <RunTable
          runs={runs}
          slug={slug}
          columns={chosen(search.columns)}
          sort={search.sort}
          onSort={(sort) => change({ sort })}
          marked={marked}
          onMark={setMarked}
        />
      )}
    </div>
  );
}

function Summary({
  runs,
  marked,
  slug,
  onClear,
}: {
  runs: ReturnType<typeof select>;
  marked: ReadonlySet<string>;
  slug: string;
  onClear: () => void;
}) {
  const some = useMemo(() => (marked.size > 0 ? runs.filter((run) => marked.has(run.id)) : runs), [runs, marked]);
  const sum = useMemo(() => totals(some), [some]);
  return (
    <p className="flex items-center gap-2 text-ink-2" aria-live="off">
      <span>
        {count(sum.runs)} {marked.size > 0 ? "selected" : sum.runs === 1 ? "run" : "runs"}
      </span>
      {sum.running > 0 ? <span className="text-info">{sum.running} running</span> : null}
      <span>
        {sum.unpriced > 0 ? "≥ " : ""}
        {money(sum.cost)}
      </span>
      <span>{compact(sum.tokens)} tokens</span>
      {marked.size > 1 ? (
        <Link
          to="/p/$slug/compare"
          params={{ slug }}
          search={{ runs: [...marked].join(",") }}
          className="button primary h-6"
        >
          Compare
        </Link>
      ) : null}
      {marked.size > 0 ? (
        <button type="button" className="text-accent underline underline-offset-2" onClick={onClear}>
          clear
        </button>
      ) : null}
    </p>
  );
}

const STATUSES = ["running", "pending", "completed", "failed", "cancelled"];

interface FilterProps {
  rows: ReturnType<typeof useView<"runs">>;
  search: RunSearch & { columns?: string };
  onChange: (part: RunSearch & { columns?: string | undefined }) => void;
}

function Filters({ rows, search, onChange }: FilterProps) {
  const models = useMemo(() => tally(rows.rows.values(), (run) => run.model), [rows]);
  const sources = useMemo(() => tally(rows.rows.values(), (run) => run.source), [rows]);
  const ids = search.columns?.split(",") ?? USUAL;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <input
        type="search"
        className="field w-52"
        placeholder="Filter by text"
        aria-label="Filter runs by text"
        value={search.q ?? ""}
        onChange={(event) => onChange({ q: event.target.value || undefined })}
      />
      <Select
        label="Status"
        value={search.status}
        options={STATUSES.map((each) => [each, each])}
        onChange={(status) => onChange({ status })}
      />
      <Select
        label="Model"
        value={search.model}
        options={models.map(([name, n]) => [name, `${name} (${n})`])}
        onChange={(model) => onChange({ model })}
      />
      {sources.length > 1 ? (
        <Select
          label="Source"
          value={search.source}
          options={sources.map(([name, n]) => [name, `${name} (${n})`])}
          onChange={(source) => onChange({ source })}
        />
      ) : null}
      <Menu label="Columns">
        {COLUMNS.filter((column) => column.id !== "title").map((column) => (
          <label key={column.id} className="flex items-center gap-2 rounded px-1.5 py-0.5 hover:bg-hover">
            <input
              type="checkbox"
              className="accent-(--accent)"
              checked={ids.includes(column.id)}
              onChange={(event) => {
                const next = COLUMNS.filter((each) =>
                  each.id === column.id ? event.target.checked : ids.includes(each.id) || each.id === "title",
                ).map((each) => each.id);
                const text = next.join(",");
                onChange({ columns: text === USUAL.join(",") ? undefined : text });
              }}
            />
            {column.label}
          </label>
        ))}
      </Menu>
      <SavedViews search={search as Record<string, string | undefined>} />
    </div>
  );
}

function Select({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string | undefined;
  options: ReadonlyArray<readonly [string, string]>;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <select
      aria-label={label}
      className={`field max-w-44 ${value ? "border-accent text-accent" : "text-ink-2"}`}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{`Any ${label.toLowerCase()}`}</option>
      {options.map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  );
}
