// The run's own events, filtered, raw.

import type { LogEvent, Snapshot } from "@waybill";
import { useMemo } from "react";
import { count, eventWords } from "@/lib/format";
import { Empty } from "@/ui/bits";
import { EventList } from "@/ui/log";

interface Props {
  log: Snapshot<readonly LogEvent[]>;
  at: string | undefined;
  type: string | undefined;
  text: string | undefined;
  onChange: (part: { type?: string | undefined; q?: string | undefined }) => void;
}

export function Events({ log, at, type, text, onChange }: Props) {
  const until = at !== undefined && /^\d+$/.test(at) ? Number(at) : Number.POSITIVE_INFINITY;
  const types = useMemo(() => {
    const counts = new Map<string, number>();
    for (const event of log.data) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]);
  }, [log]);
  const shown = useMemo(() => {
    const wanted = text?.toLowerCase();
    return log.data.filter(
      (event) =>
        event.position <= until &&
        (!type || event.type === type) &&
        (!wanted || JSON.stringify(event.data).toLowerCase().includes(wanted)),
    );
  }, [log, type, text, until]);
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-panel">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <input
          type="search"
          className="field w-56"
          placeholder="Filter by text"
          aria-label="Filter events by text"
          value={text ?? ""}
          onChange={(event) => onChange({ q: event.target.value || undefined })}
        />
        <select
          className="field"
          aria-label="Type of event"
          value={type ?? ""}
          onChange={(event) => onChange({ type: event.target.value || undefined })}
        >
          <option value="">Every type</option>
          {types.map(([name, n]) => (
            <option key={name} value={name}>
              {eventWords(name)} ({n})
            </option>
          ))}
        </select>
        <span className="text-ink-3">{count(shown.length)} events</span>
      </div>
      {log.state !== "waiting" && shown.length === 0 ? (
        <Empty title="No event fits" />
      ) : (
        <EventList events={shown} streams={false} />
      )}
    </div>
  );
}
