// What a reader prefers: colours and the form of times.

import { kept, store } from "@/lib/store";
import type { TimeMode } from "@/lib/time";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export const theme = kept<Theme>("waybill.theme", THEMES, "system");

export const TIME_MODES: readonly TimeMode[] = ["relative", "local", "utc"];
export const timeMode = kept<TimeMode>("waybill.time", TIME_MODES, "relative");

/** The clock that relative times are told by; it moves every ten seconds. */
export const now = store(Date.now());
setInterval(() => now.set(Date.now()), 10_000);

function paint(): void {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
theme.subscribe(paint);
paint();
