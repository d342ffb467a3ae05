// The log up to a chosen position: a page of it that ends there.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { LogEvent } from "@waybill";
import { client } from "@/app/session";

/** Positions that are looked at before it; more where filters leave few. */
const BACK = 2_000;
const BACK_FILTERED = 50_000;
const PAGE_MAX = 10_000;

/** The events up to and including `until` that fit, as far as that window reaches; nothing is asked of no position. */
export function usePast(until: number | undefined, filters: Record<string, string>) {
  const back = Object.keys(filters).length > 0 ? BACK_FILTERED : BACK;
  return useQuery({
    queryKey: ["past", until, filters],
    queryFn: async ({ signal }) => {
      const last = until ?? 0;
      const first = last - back;
      const query = { ...filters, limit: PAGE_MAX, signal, ...(first >= 0 ? { after: first } : {}) };
      const page = await client().http.events(query);
      return page.events.filter((event: LogEvent) => event.position <= last);
    },
    enabled: until !== undefined,
    // What was written stays so.
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}
