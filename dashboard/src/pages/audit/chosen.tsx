// Chosen events: what a figure or a proof names by its positions.

import { useQuery } from "@tanstack/react-query";
import { WaybillError } from "@waybill";
import { client } from "@/app/session";
import { counted } from "@/lib/format";
import { Empty, ProblemNote } from "@/ui/bits";
import { EventList } from "@/ui/log";

const CHOSEN_MAX = 64;

/** Positions in order, each once; what is no position is left out. */
export function positionsOf(text: string): number[] {
  const given = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => /^\d{1,15}$/.test(part))
    .map(Number);
  return [...new Set(given)].sort((a, b) => a - b).slice(0, CHOSEN_MAX);
}

export function Chosen({ positions, onAll }: { positions: string; onAll: () => void }) {
  const wanted = positionsOf(positions);
  const found = useQuery({
    queryKey: ["chosen", wanted],
    queryFn: async ({ signal }) => {
      const one = async (position: number) => {
        const page = await client().http.events({ limit: 1, signal, ...(position > 0 ? { after: position - 1 } : {}) });
        return page.events.filter((event) => event.position === position);
      };
      return (await Promise.all(wanted.map(one))).flat();
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-panel">
      <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
        <span className="text-ink-2">{counted(wanted.length, "chosen event")}</span>
        <button type="button" className="button" onClick={onAll}>
          Show the whole log
        </button>
      </div>
      {found.error instanceof WaybillError ? (
        <div className="p-4">
          <ProblemNote problem={found.error.problem} />
        </div>
      ) : found.data?.length === 0 ? (
        <Empty title="No such event">
          The address names positions that the log does not have, or that you may not read.
        </Empty>
      ) : (
        <EventList events={found.data ?? []} />
      )}
    </div>
  );
}
