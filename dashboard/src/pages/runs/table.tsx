// The table itself: only the rows on screen exist.

import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, useRef, useState } from "react";
import type { Column } from "./columns";
import { nextSort, type Run, sorting } from "./query";

const ROW = 34;

interface Props {
  runs: readonly Run[];
  slug: string;
  columns: readonly Column[];
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  marked: ReadonlySet<string>;
  onMark: (marked: ReadonlySet<string>) => void;
}

export function RunTable(props: Props) {
  const { runs, columns } = props;
  const box = useRef<HTMLDivElement>(null);
  const [focus, setFocus] = useState(0);
  const navigate = useNavigate();
  const rows = useVirtualizer({
    count: runs.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (index) => runs[index]?.id ?? index,
  });
  const tracks: CSSProperties = { gridTemplateColumns: `32px ${columns.map((column) => column.width).join(" ")}` };
  const toggle = (id: string) => {
    const next = new Set(props.marked);
    if (!next.delete(id)) next.add(id);
    props.onMark(next);
  };
  const press = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target instanceof HTMLInputElement) return;
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const run = runs[focus];
    if (step) {
      event.preventDefault();
      const next = Math.max(0, Math.min(runs.length - 1, focus + step));
      setFocus(next);
      rows.scrollToIndex(next);
    } else if (event.key === "x" && run) toggle(run.id);
    else if (event.key === "Enter" && run && event.target === event.currentTarget) {
      navigate({ to: "/p/$slug/runs/$run", params: { slug: props.slug, run: run.id } });
    }
  };
  return (
    <div
      ref={box}
      role="table"
      aria-label="Runs"
      aria-rowcount={runs.length + 1}
      tabIndex={0}
      onKeyDown={press}
      className="group/table min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
    >
      <Head {...props} tracks={tracks} />
      <div role="rowgroup" className="relative w-max min-w-full" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const run = runs[item.index];
          if (!run) return null;
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              data-run={run.id}
              data-current={item.index === focus || undefined}
              style={{ ...tracks, height: ROW, transform: `translateY(${item.start}px)` }}
              className="absolute inset-x-0 top-0 grid cursor-default items-center border-b border-line/70 px-2 hover:bg-hover group-focus-visible/table:data-current:bg-hover"
            >
              <span role="cell" className="grid place-items-center">
                <input
                  type="checkbox"
                  className="accent-(--accent)"
                  aria-label={`Select ${run.title ?? run.id}`}
                  checked={props.marked.has(run.id)}
                  onChange={() => toggle(run.id)}
                />
              </span>
              {columns.map((column) => (
                <span
                  key={column.id}
                  role="cell"
                  className={`min-w-0 truncate px-2 ${column.numeric ? "text-right" : ""}`}
                >
                  {column.cell(run, props.slug)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head({ columns, sort, onSort, tracks, runs, marked, onMark }: Props & { tracks: CSSProperties }) {
  const { by, descending } = sorting(sort);
  const all = runs.length > 0 && marked.size >= runs.length;
  return (
    <div role="rowgroup" className="sticky top-0 z-10 w-max min-w-full bg-page">
      <div role="row" aria-rowindex={1} style={tracks} className="grid h-8 items-center border-b border-line px-2">
        <span role="columnheader" className="grid place-items-center">
          <input
            type="checkbox"
            className="accent-(--accent)"
            aria-label="Select all runs shown"
            checked={all}
            onChange={() => onMark(new Set(all ? [] : runs.map((run) => run.id)))}
          />
        </span>
        {columns.map((column) => {
          const sorted = column.id === by ? (descending ? "descending" : "ascending") : "none";
          return (
            <span
              key={column.id}
              role="columnheader"
              aria-sort={sorted}
              className={`min-w-0 ${column.numeric ? "text-right" : ""}`}
            >
              <button
                type="button"
                onClick={() => onSort(nextSort(sort, column.id, column.numeric ?? false))}
                className={`h-6 max-w-full truncate rounded px-2 text-xs font-medium hover:bg-hover ${sorted === "none" ? "text-ink-3" : "text-ink"}`}
              >
                {column.label}
                {sorted === "none" ? "" : descending ? " ↓" : " ↑"}
              </button>
            </span>
          );
        })}
      </div>
    </div>
  );
}
