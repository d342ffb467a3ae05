// Who did what to what: everything but what sessions say and use.

import { useVirtualizer } from "@tanstack/react-virtual";
import type { ViewRows } from "@waybill";
import { useMemo, useRef } from "react";
import { useView } from "@/data/live";
import { actorWords, count, eventWords } from "@/lib/format";
import { Empty, ProblemNote, Time } from "@/ui/bits";
import { Stream } from "@/ui/log";
import { type Filters, Pick } from "./index";

type Row = ViewRows["audit-trail"];

/** Newest first; keys are numbers. */
export function latest(rows: ReadonlyMap<string, Row>, search: Filters): Array<[string, Row]> {
  return [...rows]
    .filter(
      ([, row]) =>
        (!search.category || row.aggregate === search.category) &&
        (!search.actor || row.actor === search.actor) &&
        (!search.type || row.event === search.type),
    )
    .sort(([a], [b]) => Number(b) - Number(a));
}

interface Props {
  search: Filters;
  onChange: (part: { [name in keyof Filters]?: string | undefined }) => void;
}

export function Trail({ search, onChange }: Props) {
  const view = useView("audit-trail");
  const rows = useMemo(() => latest(view.rows, search), [view, search]);
  const choices = useMemo(() => {
    const tally = (field: (row: Row) => string) => {
      const counts = new Map<string, number>();
      for (const row of view.rows.values()) counts.set(field(row), (counts.get(field(row)) ?? 0) + 1);
      return [...counts].sort();
    };
    return {
      actors: tally((row) => row.actor),
      aggregates: tally((row) => row.aggregate),
      events: tally((row) => row.event),
    };
  }, [view]);
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => 28,
    overscan: 16,
  });
  if (view.problem) return <ProblemNote problem={view.problem} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-panel">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <Pick
          label="actor"
          value={search.actor}
          options={choices.actors}
          words={actorWords}
          onChange={(actor) => onChange({ actor })}
        />
        <Pick
          label="aggregate"
          value={search.category}
          options={choices.aggregates}
          onChange={(category) => onChange({ category })}
        />
        <Pick
          label="event"
          value={search.type}
          options={choices.events}
          words={eventWords}
          onChange={(type) => onChange({ type })}
        />
        <span className="text-ink-3">{count(rows.length)} acts, the newest 500 of each kind; the log keeps all</span>
      </div>
      {view.state !== "waiting" && rows.length === 0 ? <Empty title="Nobody did that" /> : null}
      <div
        ref={box}
        tabIndex={0}
        role="log"
        aria-label="Audit trail"
        aria-live="off"
        className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
      >
        <div className="relative min-w-[640px]" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map((item) => {
            const entry = rows[item.index];
            if (!entry) return null;
            const [key, row] = entry;
            return (
              <div
                key={key}
                style={{ transform: `translateY(${item.start}px)` }}
                data-position={key}
                className="absolute inset-x-0 top-0 grid h-7 grid-cols-[130px_170px_200px_minmax(0,1fr)_80px] items-center gap-x-3 border-b border-line/70 px-4"
              >
                <Time at={row.at} className="text-ink-2" />
                <span className="truncate" title={row.actor}>
                  {actorWords(row.actor)}
                </span>
                <span className="truncate font-medium">{eventWords(row.event)}</span>
                <Stream stream={row.stream} />
                <span className="text-right text-ink-3">version {row.version}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
