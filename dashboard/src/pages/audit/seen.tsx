// What this browser has seen of the log: each signed checkpoint must continue the one that was seen before.

import { useQuery } from "@tanstack/react-query";
import { client } from "@/app/session";
import { count } from "@/lib/format";
import { type Checkpoint, isConsistent } from "@/lib/merkle";
import { Section, StatusMark, Time } from "@/ui/bits";

export interface Seen {
  size: number;
  root: string;
  at: string;
}

const placeOf = (origin: string): string => `waybill.seen.${origin}`;

/** What was seen last; nothing where it is not of this form. */
export function parseSeen(text: string | null): Seen | undefined {
  try {
    const { size, root, at } = JSON.parse(text ?? "null") as Seen;
    return Number.isInteger(size) && typeof root === "string" && typeof at === "string"
      ? { size, root, at }
      : undefined;
  } catch {
    return undefined;
  }
}

interface Grown {
  before: Seen | undefined;
  isWhole: boolean;
}

async function grown(checkpoint: Checkpoint, signal: AbortSignal): Promise<Grown> {
  const { origin, size, root } = checkpoint;
  const before = parseSeen(localStorage.getItem(placeOf(origin)));
  const isWhole = !before || (await continues(before, { size, root }, signal));
  // What contradicts the past does not take its place.
  if (isWhole && (before?.size ?? -1) < size) {
    localStorage.setItem(placeOf(origin), JSON.stringify({ size, root, at: new Date().toISOString() }));
  }
  return { before, isWhole };
}

async function continues(before: Seen, now: { size: number; root: string }, signal: AbortSignal): Promise<boolean> {
  if (before.size >= now.size) return before.size === now.size && before.root === now.root;
  const path = `/v1/log/proof/consistency?from=${before.size}&to=${now.size}`;
  const { proof } = await client().http.json<{ proof: string[] }>(path, signal);
  return isConsistent(before, now, proof);
}

export function SeenBefore({ checkpoint }: { checkpoint: Checkpoint }) {
  const checked = useQuery({
    queryKey: ["seen", checkpoint.origin, checkpoint.size, checkpoint.root],
    queryFn: ({ signal }) => grown(checkpoint, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (held) => held,
  });
  const { data } = checked;
  return (
    <Section title="Since this browser last looked">
      <div className="px-3 py-3" data-testid="seen">
        {data === undefined ? (
          <p className="text-ink-3">{checked.error ? checked.error.message : "Asking for the proof…"}</p>
        ) : data.before === undefined ? (
          <p className="text-ink-2">
            This is the first checkpoint that this browser sees of this log. It is kept, and the next one is held
            against it.
          </p>
        ) : (
          <>
            <p className="flex items-center gap-2 font-medium">
              <StatusMark status={data.isWhole ? "completed" : "failed"} bare />
              {data.isWhole ? "The log has only grown" : "The log is not the one that was seen"}
            </p>
            <p className="mt-1 text-ink-2">
              {count(data.before.size)} events were seen <Time at={data.before.at} />.{" "}
              {data.isWhole
                ? "The tree of now begins with the tree of then: worked out here, from the server’s proof."
                : "The tree of now does not begin with the tree of then. Keep this browser’s data, and ask a witness."}
            </p>
          </>
        )}
      </div>
    </Section>
  );
}
