// Full-text search in everything that was said, for the palette.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { client } from "./session";

export interface Hit {
  position: number;
  stream: string;
  kind: string;
  project: string | null;
  run: string | null;
  snippet: { text: string };
}

interface Answer {
  /** Whether the index was level with the log. */
  complete: boolean;
  head: number | null;
  hits: Hit[];
}

const LETTERS_MIN = 3;
const SETTLE_MS = 150;
const ASKED = 24;
const SHOWN = 6;
/** How long the index is given to come level with the log. */
const WAIT_MS = 5000;

/** The best of what was found: what says the same in the same kind of place is there once. */
export function distinct(hits: readonly Hit[]): Hit[] {
  const seen = new Set<string>();
  return hits
    .filter((hit) => {
      const said = `${hit.kind} ${hit.snippet.text}`;
      return !seen.has(said) && seen.add(said);
    })
    .slice(0, SHOWN);
}

/** What the log holds of these words, best first; nothing while they are short or the server has no index. */
export function useFound(text: string): readonly Hit[] {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const wanted = settled.length >= LETTERS_MIN;
  const ask = (name: string, more: Record<string, string>, enabled: boolean) => ({
    queryKey: ["search", settled, name],
    queryFn: ({ signal }: { signal: AbortSignal }) => {
      const query = new URLSearchParams({ q: settled, limit: String(ASKED), ...more });
      return client().http.json<Answer>(`/v1/search?${query}`, signal);
    },
    enabled,
    placeholderData: keepPreviousData,
  });
  const first = useQuery(ask("now", {}, wanted));
  const { complete = true, head } = first.data ?? {};
  const until = { min_position: String(head ?? 0), wait: String(WAIT_MS) };
  // An index that lags is asked once more, when it has come as far as the log was.
  const second = useQuery(ask("level", until, wanted && !complete && !first.isPlaceholderData));
  const best = (!complete && second.data && !second.isPlaceholderData ? second : first).data?.hits;
  const shown = useMemo(() => distinct(best ?? []), [best]);
  return wanted && text.trim().length >= LETTERS_MIN ? shown : NONE;
}

const NONE: readonly Hit[] = [];

/** Where a hit is seen: in its run, among learnings, else in the log. */
export function placeOf(hit: Hit, slug: string | undefined): string {
  const at = hit.stream.indexOf("-");
  if (slug && hit.run) return `/p/${slug}/runs/${hit.run.replace(/^run-/, "")}`;
  if (slug && hit.stream.startsWith("learning-0")) return `/p/${slug}/learnings?learning=${hit.stream.slice(at + 1)}`;
  return `/audit?stream=${hit.stream}`;
}
