// Views and events in components: live from the socket, or as of a position over HTTP.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { Connection, EventOptions, LogEvent, Position, Problem, Snapshot, Status, ViewRows } from "@waybill";
import { WaybillError } from "@waybill";
import { useCallback, useMemo, useRef, useSyncExternalStore } from "react";
import { client } from "@/app/session";

/** What a component gets of a view. */
export interface Rows<Row> {
  rows: ReadonlyMap<string, Row>;
  /** While it is `waiting`: the rows that have come so far, where any have. */
  arriving: ReadonlyMap<string, Row> | undefined;
  position: Position | undefined;
  /** `waiting`: nothing yet; `held`: whole, maybe behind; `live`; `past`: as of a chosen position; `refused`. */
  state: "waiting" | "held" | "live" | "past" | "refused";
  problem: Problem | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: it is empty, so it is one of any rows
const NONE: ReadonlyMap<string, any> = new Map();
// biome-ignore lint/suspicious/noExplicitAny: as above
const WAITING: Snapshot<ReadonlyMap<string, any>> = {
  data: NONE,
  position: undefined,
  state: "waiting",
  problem: undefined,
  arriving: undefined,
};

interface Leased<Data> {
  subscription: { readonly snapshot: Snapshot<Data>; subscribe(listener: () => void): () => void };
  release(): void;
}

/** Follows what `lease` opens for as long as the component shows; `null` follows nothing. */
function useLease<Data>(lease: (() => Leased<Data>) | null, nothing: Snapshot<Data>): Snapshot<Data> {
  // Released at once: it lingers, so that the first picture already shows what is held.
  const first = useMemo(() => {
    if (!lease) return null;
    const opened = lease();
    opened.release();
    return opened.subscription;
  }, [lease]);
  const held = useRef(first);
  held.current = first;
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!lease) return () => undefined;
      const opened = lease();
      held.current = opened.subscription;
      const end = opened.subscription.subscribe(listener);
      return () => {
        end();
        opened.release();
      };
    },
    [lease],
  );
  return useSyncExternalStore(subscribe, () => held.current?.snapshot ?? nothing);
}

/** The position or time that the whole page is shown at; `undefined` for now. */
export function useAt(): string | undefined {
  return useSearch({ strict: false, select: (search: { at?: string }) => search.at });
}

export interface ViewOptions {
  key?: string | undefined;
  params?: Record<string, string>;
  /** Whether it is wanted at all. */
  enabled?: boolean;
  /** `false`: always live, whatever position the page is shown at. */
  travels?: boolean;
}

/** Rows of a view: live, or as of `?at=` where the address has one. */
export function useView<N extends keyof ViewRows>(name: N, options: ViewOptions = {}): Rows<ViewRows[N]> {
  const { key, params = {}, enabled = true, travels = true } = options;
  const chosen = useAt();
  const at = travels ? chosen : undefined;
  const text = JSON.stringify(params);
  const lease = useMemo(() => {
    if (!enabled || at !== undefined) return null;
    const filters = JSON.parse(text) as Record<string, string>;
    return () => client().live.view(name, key === undefined ? { params: filters } : { key, params: filters });
  }, [name, key, text, enabled, at]);
  const live = useLease<ReadonlyMap<string, ViewRows[N]>>(lease, WAITING);
  const past = useQuery({
    queryKey: ["view", name, key, text, at],
    queryFn: async ({ signal }) => {
      const page = await client().http.view(name, {
        at: at ?? "",
        filters: JSON.parse(text) as Record<string, string>,
        signal,
        ...(key === undefined ? {} : { key }),
      });
      return { rows: new Map(page.rows.map((row) => [row.key, row.row])), position: page.position };
    },
    enabled: enabled && at !== undefined,
    // What was so then stays so.
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    retry: (times, error) => times < 2 && error instanceof WaybillError && error.isTransient,
  });
  return useMemo(() => {
    if (at === undefined) {
      const { data, arriving, position, state, problem } = live;
      return { rows: data, arriving, position, state, problem };
    }
    const problem = past.error instanceof WaybillError ? past.error.problem : undefined;
    const arriving = undefined;
    if (problem) return { rows: NONE, arriving, position: undefined, state: "refused", problem };
    if (!past.data) return { rows: NONE, arriving, position: undefined, state: "waiting", problem: undefined };
    return { rows: past.data.rows, arriving, position: past.data.position, state: "past", problem: undefined };
  }, [at, live, past.data, past.error]);
}

const NO_EVENTS: Snapshot<readonly LogEvent[]> = {
  data: [],
  position: undefined,
  state: "waiting",
  problem: undefined,
  arriving: undefined,
};

/** Events of the log, live. */
export function useEvents(
  params: Record<string, string>,
  options: EventOptions & { enabled?: boolean } = {},
): Snapshot<readonly LogEvent[]> {
  const { enabled = true, keep, from, window } = options;
  const text = JSON.stringify(params);
  const lease = useMemo(() => {
    if (!enabled) return null;
    const wanted: EventOptions = {};
    if (keep !== undefined) wanted.keep = keep;
    if (from !== undefined) wanted.from = from;
    if (window !== undefined) wanted.window = window;
    return () => client().live.events(JSON.parse(text) as Record<string, string>, wanted);
  }, [text, enabled, keep, from, window]);
  return useLease(lease, NO_EVENTS);
}

/** How the connection stands. */
export function useStatus(): Status {
  const live: Connection = client().live;
  const subscribe = useCallback((listener: () => void) => live.subscribe(listener), [live]);
  return useSyncExternalStore(subscribe, () => live.status);
}
