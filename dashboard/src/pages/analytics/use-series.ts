// Asking for a metric's figures.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { client } from "@/app/session";
import { pathOf, type Question, type Series } from "./series";

/** An answer, made anew when the question or `turn` changes; `undefined` asks nothing. */
export function useSeries(question: Question | undefined, turn: number) {
  const path = question ? pathOf(question, Date.now()) : "";
  return useQuery({
    queryKey: ["metric", path, turn],
    queryFn: ({ signal }) => client().http.json<Series>(path, signal),
    enabled: question !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}
