// Instants as the reader wants them: relative, local or UTC.

export type TimeMode = "relative" | "local" | "utc";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number): string => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** How long ago, or how far off, in one unit. */
export function relative(at: number, now: number): string {
  const gap = Math.abs(now - at);
  const text = (() => {
    if (gap < 5_000) return "now";
    if (gap < MINUTE) return `${Math.floor(gap / 1000)}s`;
    if (gap < HOUR) return `${Math.floor(gap / MINUTE)}m`;
    if (gap < DAY) return `${Math.floor(gap / HOUR)}h`;
    if (gap < 60 * DAY) return `${Math.floor(gap / DAY)}d`;
    if (gap < 730 * DAY) return `${Math.floor(gap / (30.44 * DAY))}mo`;
    return `${Math.floor(gap / (365.25 * DAY))}y`;
  })();
  if (text === "now") return text;
  return at <= now ? `${text} ago` : `in ${text}`;
}

/** Day and time, the year only where it is another one. */
export function absolute(at: number, mode: "local" | "utc", now: number, seconds = false): string {
  const date = new Date(at);
  const utc = mode === "utc";
  const [year, month, day, hour, minute, second] = utc
    ? [
        date.getUTCFullYear(),
        date.getUTCMonth(),
        date.getUTCDate(),
        date.getUTCHours(),
        date.getUTCMinutes(),
        date.getUTCSeconds(),
      ]
    : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  const thisYear = utc ? new Date(now).getUTCFullYear() : new Date(now).getFullYear();
  const clock = seconds ? `${two(hour)}:${two(minute)}:${two(second)}` : `${two(hour)}:${two(minute)}`;
  const years = year === thisYear ? "" : ` ${year}`;
  return `${day} ${MONTHS[month]}${years} ${clock}${utc ? " Z" : ""}`;
}

/** The time of day with seconds, for rows that follow each other closely. */
export function clock(at: number, mode: TimeMode): string {
  const date = new Date(at);
  return mode === "utc"
    ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
    : `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function shown(at: number, mode: TimeMode, now: number): string {
  return mode === "relative" ? relative(at, now) : absolute(at, mode, now);
}
