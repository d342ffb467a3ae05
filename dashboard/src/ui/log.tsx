// A list of events: virtual, each opens to its JSON, and to the request that gives it.

import { useVirtualizer } from "@tanstack/react-virtual";
import type { LogEvent } from "@waybill";
import { useRef, useState } from "react";
import { timeMode } from "@/app/prefs";
import { eventWords, firstLine, shortId, words } from "@/lib/format";
import { useStore } from "@/lib/store";
import { clock } from "@/lib/time";

/** The request that answers with this one event. */
export function curl(event: LogEvent, origin: string): string {
  const after = event.position === 0 ? "" : `after=${event.position - 1}&`;
  return `curl -H "Authorization: Bearer $WAYBILL_TOKEN" '${origin}/v1/events?${after}limit=1'`;
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** What an event says in a line: its first telling fields; ids tell nothing. */
export function gist(event: LogEvent): string {
  const fields = Object.entries(event.data as unknown as Record<string, unknown>);
  return fields
    .filter(([, value]) => value !== null && value !== "" && typeof value !== "object" && !ULID.test(String(value)))
    .slice(0, 5)
    .map(([name, value]) => `${words(name)} ${firstLine(String(value).replaceAll("\n", " "), 80)}`)
    .join(" · ");
}

export function EventList({ events, streams = true }: { events: readonly LogEvent[]; streams?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<number>();
  const mode = useStore(timeMode);
  const list = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => 28,
    getItemKey: (index) => events[index]?.position ?? index,
    overscan: 12,
  });
  return (
    <div
      ref={box}
      tabIndex={0}
      role="log"
      aria-label="Events"
      aria-live="off"
      className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
    >
      <div className="relative min-w-[640px]" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => {
          const event = events[item.index];
          if (!event) return null;
          const opened = open === event.position;
          return (
            <div
              key={item.key}
              ref={list.measureElement}
              data-index={item.index}
              data-position={event.position}
              className="absolute inset-x-0 top-0 border-b border-line/70"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <button
                type="button"
                aria-expanded={opened}
                onClick={() => setOpen(opened ? undefined : event.position)}
                className={`grid h-7 w-full items-center gap-x-3 px-4 text-left hover:bg-hover ${
                  streams
                    ? "grid-cols-[64px_64px_176px_168px_minmax(0,1fr)]"
                    : "grid-cols-[64px_64px_176px_minmax(0,1fr)]"
                }`}
              >
                <span className="text-right text-ink-3">#{event.position}</span>
                <span className="text-ink-2">{clock(Date.parse(event.occurred_at ?? event.time), mode)}</span>
                <span className="truncate font-medium">{eventWords(event.type)}</span>
                {streams ? <Stream stream={event.stream} /> : null}
                <span className="truncate text-ink-3">{gist(event)}</span>
              </button>
              {opened ? <Opened event={event} /> : null}
            </div>
          );
        })}
      </div>
    </div>
  );
}

export function Stream({ stream }: { stream: string }) {
  const at = stream.lastIndexOf("-");
  return (
    <code className="truncate text-ink-2" title={stream}>
      {stream.slice(0, at)} <span className="text-ink-3">{shortId(stream.slice(at + 1))}</span>
    </code>
  );
}

function Opened({ event }: { event: LogEvent }) {
  const text = JSON.stringify(event, null, 2);
  return (
    <div className="px-4 pb-3">
      <div className="flex gap-2 py-1">
        <Copy text={text}>Copy JSON</Copy>
        <Copy text={curl(event, location.origin)}>Copy as curl</Copy>
      </div>
      <pre className="max-h-96 overflow-auto whitespace-pre-wrap [overflow-wrap:anywhere] rounded-md border border-line bg-sunk px-3 py-2 text-sm leading-[18px]">
        {text}
      </pre>
    </div>
  );
}

/** A button that says that it has copied. */
export function Copy({ text, children }: { text: string; children: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" className="button h-6 text-sm" onClick={copy}>
      {done ? "Copied" : children}
    </button>
  );
}
