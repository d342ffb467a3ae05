// The log itself: as it grows, who did what, and what proves it.

import { useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { useAt, useEvents, useStatus } from "@/data/live";
import { count, eventWords } from "@/lib/format";
import { Empty, ProblemNote, Segmented } from "@/ui/bits";
import { EventList } from "@/ui/log";
import { Checkpoints } from "./checkpoints";
import { Chosen } from "./chosen";
import { Exports } from "./exports";
import { usePast } from "./past";
import { Trail } from "./trail";

const TABS = [
  { value: "log", label: "Log" },
  { value: "trail", label: "Trail" },
  { value: "proof", label: "Proof" },
  { value: "exports", label: "Exports" },
] as const;
type Tab = (typeof TABS)[number]["value"];

export default function Audit() {
  const search = useSearch({ from: "/audit" });
  const tab = TABS.find((each) => each.value === search.tab)?.value ?? "log";
  const change = useSearchChange();
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <h1 className="text-xl font-semibold tracking-tight">Audit</h1>
        <Segmented<Tab>
          label="Part"
          value={tab}
          options={TABS}
          onChange={(next) => change({ tab: next === "log" ? undefined : next })}
        />
      </header>
      {tab === "log" && search.positions ? (
        <Chosen positions={search.positions} onAll={() => change({ positions: undefined })} />
      ) : tab === "log" ? (
        <Tail search={search} onChange={change} />
      ) : tab === "trail" ? (
        <Trail search={search} onChange={change} />
      ) : tab === "proof" ? (
        <Checkpoints />
      ) : (
        <Exports />
      )}
    </div>
  );
}

export interface Filters {
  category?: string;
  type?: string;
  stream?: string;
  actor?: string;
  /** Chosen events, by their positions. */
  positions?: string;
}

interface TailProps {
  search: Filters;
  onChange: (part: { [name in keyof Filters]?: string | undefined }) => void;
}

const KEEP = 2000;
/** How far back a filter looks, in positions. */
const WINDOW = 200_000;

/** The filters that the server takes, as far as they are set. */
export function asked(search: Filters): Record<string, string> {
  const given = (["category", "type", "stream"] as const).map((name) => [name, search[name]] as const);
  return Object.fromEntries(given.filter((entry): entry is [(typeof entry)[0], string] => Boolean(entry[1])));
}

function Tail({ search, onChange }: TailProps) {
  const [paused, setPaused] = useState(false);
  const at = useAt();
  const status = useStatus();
  const params = asked(search);
  const filtered = Object.keys(params).length > 0;
  // A stream is looked up; other filters are held against the last events of the whole log, however many fit.
  const live = useEvents(params, {
    keep: KEEP,
    ...(params.stream ? { from: null } : filtered ? { window: WINDOW } : {}),
  });
  const frozen = useRef(live.data);
  if (!paused) frozen.current = live.data;
  const held = frozen.current;
  const until = at !== undefined && /^\d+$/.test(at) ? Number(at) : undefined;
  const past = usePast(until, params);
  const events = useMemo(() => (until === undefined ? held : (past.data ?? [])).toReversed(), [held, until, past.data]);
  const seen = useMemo(() => {
    const types = new Map<string, number>();
    const categories = new Map<string, number>();
    for (const event of held) {
      types.set(event.type, (types.get(event.type) ?? 0) + 1);
      const category = event.stream.slice(0, event.stream.lastIndexOf("-"));
      categories.set(category, (categories.get(category) ?? 0) + 1);
    }
    return { types: [...types].sort(), categories: [...categories].sort() };
  }, [held]);
  const missed = live.data.length > 0 && paused ? (live.data.at(-1)?.position ?? 0) - (held.at(-1)?.position ?? 0) : 0;
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-panel">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <Pick
          label="aggregate"
          value={search.category}
          options={seen.categories}
          onChange={(category) => onChange({ category })}
        />
        <Pick
          label="type"
          value={search.type}
          options={seen.types}
          words={eventWords}
          onChange={(type) => onChange({ type })}
        />
        <input
          type="search"
          className="field w-64 font-mono"
          placeholder="run-01J…"
          aria-label="Stream"
          defaultValue={search.stream ?? ""}
          onKeyDown={(event) =>
            event.key === "Enter" && onChange({ stream: event.currentTarget.value.trim() || undefined })
          }
          onBlur={(event) => onChange({ stream: event.currentTarget.value.trim() || undefined })}
        />
        <span className="text-ink-3">
          {count(events.length)} shown
          {until !== undefined
            ? ` up to ${count(until)}`
            : filtered && !params.stream
              ? ` of the last ${count(WINDOW)}`
              : ""}
          , {status.head === null ? "empty log" : `head ${count(status.head)}`}
        </span>
        <span className="grow" />
        <button type="button" className="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? (missed > 0 ? `Resume, ${count(missed)} further` : "Resume") : "Pause"}
        </button>
      </div>
      {live.problem ? (
        <div className="p-4">
          <ProblemNote problem={live.problem} />
        </div>
      ) : (until === undefined ? live.state !== "waiting" : past.isSuccess) && events.length === 0 ? (
        <Empty title="No event fits">Newest events come first; change the filters to see others.</Empty>
      ) : (
        <EventList events={events} />
      )}
    </div>
  );
}

interface PickProps {
  label: string;
  value: string | undefined;
  options: ReadonlyArray<readonly [string, number]>;
  words?: (name: string) => string;
  onChange: (value: string | undefined) => void;
}

export function Pick({ label, value, options, words = (name) => name, onChange }: PickProps) {
  const known = options.some(([name]) => name === value);
  return (
    <select
      className={`field max-w-56 ${value ? "border-accent text-accent" : "text-ink-2"}`}
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{`Any ${label}`}</option>
      {value && !known ? <option value={value}>{words(value)}</option> : null}
      {options.map(([name, n]) => (
        <option key={name} value={name}>
          {words(name)} ({n})
        </option>
      ))}
    </select>
  );
}
