// What was said in a step, or in the whole sandbox: only what is on screen exists.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { useView } from "@/data/live";
import { count } from "@/lib/format";
import { Empty, ProblemNote, Segmented } from "@/ui/bits";
import { Message, type MessageRow } from "./message";

type Show = "all" | "said" | "tools";

interface Props {
  sandbox: string;
  /** Only this step's, where given. */
  step: string | undefined;
  /** Whether it is still going on: then the end stays in view. */
  running: boolean;
}

export function Messages({ sandbox, step, running }: Props) {
  const view = useView("sandbox-messages", { key: sandbox, params: step ? { step } : {} });
  const [show, setShow] = useState<Show>("all");
  // The first ones are read while the others come.
  const held = view.arriving ?? view.rows;
  // The map is the same one while it grows: the view around it is what changes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const rows = useMemo(() => ordered(held, show), [view, show]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const tools = useMemo(() => {
    let count = 0;
    for (const row of held.values()) if (row.kind !== "message") count += 1;
    return count;
  }, [view]);
  if (view.problem) return <ProblemNote problem={view.problem} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center justify-between gap-2 border-b border-line px-4 py-1.5">
        <span className="text-sm text-ink-3">
          {view.arriving
            ? "The first of them; the others come"
            : `${count(held.size - tools)} messages, ${count(tools)} tool lines`}
        </span>
        <Segmented
          label="What to show"
          value={show}
          onChange={setShow}
          options={[
            { value: "all", label: "All" },
            { value: "said", label: "Said" },
            { value: "tools", label: "Tools" },
          ]}
        />
      </div>
      {view.state !== "waiting" && rows.length === 0 ? (
        <Empty title="Nothing was said here" />
      ) : (
        <List key={`${sandbox} ${step}`} rows={rows} follow={running} />
      )}
    </div>
  );
}

/** By their numbers: the order of texts is another one. */
export function ordered(rows: ReadonlyMap<string, MessageRow>, show: Show): Array<[string, MessageRow]> {
  const kept =
    show === "all" ? [...rows] : [...rows].filter(([, row]) => (row.kind === "message") === (show === "said"));
  // They come in order but after some cuts: looking costs less than sorting.
  const sorted = kept.every(([key], at) => at === 0 || Number(kept[at - 1]?.[0]) < Number(key));
  return sorted ? kept : kept.sort(([a], [b]) => Number(a) - Number(b));
}

function guess(row: MessageRow | undefined): number {
  if (row?.kind !== "message") return 28;
  // A guess is enough, and must be cheap: it is made for every row.
  return 46 + Math.min(60, Math.ceil(row.content.length / 80)) * 20;
}

function List({ rows, follow }: { rows: ReadonlyArray<[string, MessageRow]>; follow: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set());
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => guess(rows[index]?.[1]),
    getItemKey: (index) => rows[index]?.[0] ?? index,
    overscan: 8,
  });
  const last = rows.length - 1;
  const atEnd = useRef(true);
  useEffect(() => {
    if (follow && atEnd.current && last >= 0) list.scrollToIndex(last, { align: "end" });
  }, [follow, last, list]);
  const toggled = (set: ReadonlySet<string>, key: string) => {
    const next = new Set(set);
    if (!next.delete(key)) next.add(key);
    return next;
  };
  return (
    <div
      ref={box}
      tabIndex={0}
      role="log"
      aria-label="Messages"
      aria-live="off"
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < 60;
      }}
      className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
    >
      <div className="relative" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => {
          const entry = rows[item.index];
          if (!entry) return null;
          const [key, row] = entry;
          return (
            <div
              key={item.key}
              ref={list.measureElement}
              data-index={item.index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Message
                row={row}
                open={open.has(key)}
                whole={whole.has(key)}
                onToggle={() => setOpen((set) => toggled(set, key))}
                onWhole={() => setWhole((set) => toggled(set, key))}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
