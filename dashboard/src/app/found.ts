// Full-text search in everything that was said, for the palette.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client } from "./session";

export interface Hit {
  position: number;
  stream: string;
  kind: string;
  project: string | null;
  run: string | null;
  snippet: { text: string };
}

const LETTERS_MIN = 3;
const SETTLE_MS = 150;

/** What the log holds of these words, best first; nothing while they are short or the server has no index. */
export function useFound(text: string): readonly Hit[] {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const wanted = settled.length >= LETTERS_MIN;
  const found = useQuery({
    queryKey: ["search", settled],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ q: settled, limit: "6" });
      return client().http.json<{ hits: Hit[] }>(`/v1/search?${query}`, signal);
    },
    enabled: wanted,
    placeholderData: keepPreviousData,
  });
  return wanted && text.trim().length >= LETTERS_MIN ? (found.data?.hits ?? []) : [];
}

/** Where a hit is seen: in its run, among learnings, else in the log. */
export function placeOf(hit: Hit, slug: string | undefined): string {
  const at = hit.stream.indexOf("-");
  if (slug && hit.run) return `/p/${slug}/runs/${hit.run.replace(/^run-/, "")}`;
  if (slug && hit.stream.startsWith("learning-0")) return `/p/${slug}/learnings?learning=${hit.stream.slice(at + 1)}`;
  return `/audit?stream=${hit.stream}`;
}
