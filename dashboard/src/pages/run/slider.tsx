// Time travel through a run: every event is a stop, and the whole page goes along.

import type { LogEvent } from "@waybill";
import { useEffect, useMemo, useRef, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { timeMode } from "@/app/prefs";
import { count, eventWords } from "@/lib/format";
import { useStore } from "@/lib/store";
import { clock } from "@/lib/time";

/** How long the hand rests before the page follows. */
const SETTLE_MS = 60;
const PLAY_MS = 120;

/** The event that the page stands at: the last one at or before the position. */
export function stopAt(events: readonly LogEvent[], position: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.position ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

const MARKED = new Set(["StepStarted", "VerdictIssued", "LoopIterated", "ScoresIssued", "StepFailed"]);

export function Slider({
  events,
  at,
  onClose,
}: {
  events: readonly LogEvent[];
  at: string | undefined;
  onClose: () => void;
}) {
  const last = Math.max(0, events.length - 1);
  const placed = at !== undefined && /^\d+$/.test(at) ? stopAt(events, Number(at)) : last;
  const [hand, setHand] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const stop = Math.min(hand ?? placed, last);
  const change = useSearchChange();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const go = (to: number) => {
    const next = Math.max(0, Math.min(last, to));
    setHand(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const position = next === last ? undefined : String(events[next]?.position ?? "");
      change({ at: position }).then(() => setHand(undefined));
    }, SETTLE_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const advance = useRef(() => {});
  advance.current = () => (stop >= last ? setPlaying(false) : go(stop + Math.max(1, Math.round(last / 300))));
  useEffect(() => {
    if (!playing) return;
    const ticking = setInterval(() => advance.current(), PLAY_MS);
    return () => clearInterval(ticking);
  }, [playing]);
  const play = () => {
    if (!playing && stop >= last) go(0);
    setPlaying(!playing);
  };
  const event = events[stop];
  const mode = useStore(timeMode);
  return (
    <div className="flex items-center gap-2 border-t border-line bg-panel px-4 py-2" data-testid="time-slider">
      <button
        type="button"
        className="button quiet"
        aria-label="One event back"
        onClick={() => go(stop - 1)}
        disabled={stop === 0}
      >
        ‹
      </button>
      <button type="button" className="button w-16 justify-center" onClick={play} disabled={last === 0}>
        {playing ? "Pause" : "Play"}
      </button>
      <button
        type="button"
        className="button quiet"
        aria-label="One event on"
        onClick={() => go(stop + 1)}
        disabled={stop >= last}
      >
        ›
      </button>
      <div className="relative min-w-24 flex-1 pb-1.5">
        <input
          type="range"
          min={0}
          max={last}
          value={stop}
          aria-label="Position in the run"
          aria-valuetext={event ? `event ${stop + 1} of ${events.length}, ${eventWords(event.type)}` : undefined}
          onChange={(moved) => go(Number(moved.target.value))}
          className="block w-full accent-(--accent)"
        />
        <Marks events={events} />
      </div>
      <output className="w-72 truncate text-right text-sm max-sm:hidden">
        {event ? (
          <>
            <span className="font-medium">{eventWords(event.type)}</span>{" "}
            <span className="text-ink-3">
              {count(stop + 1)} of {count(events.length)} · {clock(Date.parse(event.occurred_at ?? event.time), mode)} ·
              #{event.position}
            </span>
          </>
        ) : (
          <span className="text-ink-3">reading the run’s events…</span>
        )}
      </output>
      <button
        type="button"
        className="button"
        onClick={() => {
          setPlaying(false);
          clearTimeout(timer.current);
          change({ at: undefined });
          onClose();
        }}
      >
        Back to now
      </button>
    </div>
  );
}

/** Where steps begin, verdicts fall and steps fail. */
function Marks({ events }: { events: readonly LogEvent[] }) {
  const marks = useMemo(
    () => events.flatMap((event, at) => (MARKED.has(event.type) ? [{ at, type: event.type }] : [])).slice(0, 2000),
    [events],
  );
  const last = Math.max(1, events.length - 1);
  return (
    <svg className="absolute inset-x-2 bottom-0 h-1.5 w-[calc(100%-16px)]" aria-hidden="true">
      {marks.map((mark) => (
        <rect
          key={mark.at}
          x={`${(mark.at / last) * 100}%`}
          width="1"
          height="6"
          className={
            mark.type === "StepFailed"
              ? "fill-(--bad)"
              : mark.type === "StepStarted"
                ? "fill-(--line-strong)"
                : "fill-(--violet)"
          }
        />
      ))}
    </svg>
  );
}
