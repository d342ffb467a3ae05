// How far the screen can be trusted: live, catching up, or stale since when.

import { useEffect, useState } from "react";
import { useStatus } from "@/data/live";
import { count } from "@/lib/format";
import { absolute } from "@/lib/time";
import { client, signOut } from "./session";

const LOOKS = {
  connecting: ["bg-warn", "Connecting"],
  "catching-up": ["bg-warn", "Catching up"],
  live: ["bg-accent", "Live"],
  stale: ["bg-bad", "Stale"],
  refused: ["bg-bad", "Token refused"],
  closed: ["bg-bad", "Closed"],
} as const;

export function Badge() {
  const status = useStatus();
  // Catching up for an instant after each change of page is not worth a flicker.
  const [shown, setShown] = useState(status.phase);
  useEffect(() => {
    const timer = setTimeout(() => setShown(status.phase), status.phase === "catching-up" ? 400 : 0);
    return () => clearTimeout(timer);
  }, [status.phase]);
  useEffect(() => {
    if (status.phase === "refused") signOut();
  }, [status.phase]);
  const [dot, word] = LOOKS[shown];
  const stale = shown === "stale";
  return (
    <div
      className="shrink-0 rounded-md text-sm md:border-t md:border-line md:px-1.5 md:pt-3"
      data-phase={shown}
      role="status"
    >
      <span className="flex items-center gap-2 font-medium">
        <span className={`size-2 rounded-full ${dot} ${shown === "live" ? "" : "pulse"}`} aria-hidden="true" />
        {stale ? `Stale since ${absolute(status.since, "local", status.since, true).split(" ").at(-1)}` : word}
      </span>
      {stale ? (
        <button
          type="button"
          className="text-accent underline underline-offset-2"
          onClick={() => client().live.reconnect()}
        >
          Try again now
        </button>
      ) : (
        <span className="hidden text-ink-3 md:block" title={`Log ${status.log ?? ""}, epoch ${status.epoch ?? ""}`}>
          {status.head === null ? "no events yet" : `position ${count(status.head)}`}
        </span>
      )}
    </div>
  );
}
