// A page of things: the list beside the one that is open.

import type { Problem } from "@waybill";
import { type ReactNode, useEffect, useRef } from "react";
import { Empty, ProblemNote } from "./bits";

export interface CatalogueProps<Row extends { id: string }> {
  title: string;
  /** Beside the title. */
  controls?: ReactNode;
  rows: readonly Row[];
  waiting: boolean;
  problem: Problem | undefined;
  current: string | undefined;
  onOpen: (id: string) => void;
  item: (row: Row) => ReactNode;
  /** Said where there is nothing at all. */
  empty: { title: string; next: ReactNode };
  /** Word on the button that makes one; absent where none can be made. */
  create?: string;
  /** Why nothing can be changed here. */
  why: string | undefined;
  onCreate?: () => void;
  /** The open one, or the form of a new one. */
  children: ReactNode;
  creating?: boolean;
}

/** Why there is no button to change anything. */
export function Why({ why }: { why: string | undefined }) {
  return why ? (
    <p className="rounded bg-sunk px-2 py-0.5 text-sm text-ink-2" data-testid="why">
      {why}
    </p>
  ) : null;
}

export function Catalogue<Row extends { id: string }>(props: CatalogueProps<Row>) {
  const { title, controls, rows, waiting, problem, current, onOpen, item, empty, why, creating = false } = props;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (current) list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  if (problem) return <ProblemNote problem={problem} />;
  const step = (by: number) => {
    const at = rows.findIndex((row) => row.id === current);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!next) return;
    onOpen(next.id);
    list.current?.querySelectorAll<HTMLButtonElement>("li > button")[rows.indexOf(next)]?.focus();
  };
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {controls}
        <div className="grow" />
        <Why why={why} />
        {props.create && why === undefined ? (
          <button type="button" className="button primary" onClick={props.onCreate}>
            {props.create}
          </button>
        ) : null}
      </header>
      {waiting ? null : rows.length === 0 && !creating ? (
        <Empty title={empty.title}>{empty.next}</Empty>
      ) : (
        <div className="grid min-h-0 flex-1 grid-rows-[minmax(100px,28%)_minmax(0,1fr)] md:grid-cols-[minmax(220px,26%)_minmax(0,1fr)] md:grid-rows-1">
          <ul
            ref={list}
            aria-label={title}
            className="min-h-0 overflow-y-auto border-line max-md:border-b md:border-r"
            onKeyDown={(event) => {
              const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
              if (!by) return;
              event.preventDefault();
              step(by);
            }}
          >
            {rows.map((row) => (
              <li key={row.id}>
                <button
                  type="button"
                  data-id={row.id}
                  aria-current={row.id === current && !creating ? "true" : undefined}
                  onClick={() => onOpen(row.id)}
                  className="w-full border-b border-line/70 px-4 py-2 text-left hover:bg-hover aria-[current]:bg-accent-soft"
                >
                  {item(row)}
                </button>
              </li>
            ))}
          </ul>
          <div className="min-h-0 min-w-0 overflow-y-auto bg-panel">{props.children}</div>
        </div>
      )}
    </div>
  );
}

/** Above the open one: its name, what it is, what can be done with it. */
export function Head({ name, facts, children }: { name: ReactNode; facts?: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line px-5 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="text-lg font-semibold [overflow-wrap:anywhere]">{name}</h2>
        {facts ? <div className="mt-0.5 flex flex-wrap items-center gap-2 text-sm text-ink-3">{facts}</div> : null}
      </div>
      {children ? <div className="flex flex-wrap gap-2">{children}</div> : null}
    </div>
  );
}

/** Name and value, one under the other. */
export function Facts({ facts }: { facts: ReadonlyArray<readonly [string, ReactNode]> }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3">{name}</dt>
          <dd className="[overflow-wrap:anywhere] whitespace-pre-wrap">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
