// Numbers and durations as the screen shows them: short, tabular, and never more exact than they are.

const whole = new Intl.NumberFormat("en");
const compacted = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const count = (value: number): string => whole.format(value);

export const compact = (value: number): string => (value < 10_000 ? whole.format(value) : compacted.format(value));

/** US dollars; small amounts keep two digits that mean something. */
export function money(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return "–";
  if (usd !== 0 && Math.abs(usd) < 0.01) return `$${usd.toPrecision(2)}`;
  return `$${cents.format(usd)}`;
}

/** US dollars as an axis names them. */
export const axisMoney = (usd: number): string =>
  usd === 0
    ? "$0"
    : `$${usd < 1 ? usd.toFixed(2) : usd < 10 && !Number.isInteger(usd) ? usd.toFixed(1) : whole.format(Math.round(usd))}`;

/** A score of 0 to 100, or a dash. */
export const score = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : value.toFixed(1).replace(/\.0$/, "");

export const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** Milliseconds in two units at most. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(Math.floor(seconds % 60))}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${pad(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** A length of bytes. */
export function bytes(length: number): string {
  if (length < 1024) return `${length} B`;
  if (length < 1024 * 1024) return `${(length / 1024).toFixed(1)} KiB`;
  return `${(length / 1024 / 1024).toFixed(1)} MiB`;
}

/** `1 run`, `2 runs`. */
export const counted = (value: number, word: string): string =>
  `${whole.format(value)} ${word}${value === 1 ? "" : "s"}`;

/** `api-key-01J…` as its kind and the end of its id. */
export function actorWords(actor: string): string {
  const match = /^(.*)-([0-9A-Z]{26})$/.exec(actor);
  return match ? `${match[1]?.replaceAll("-", " ")} ${shortId(match[2] ?? "")}` : actor;
}

/** The last characters of an id: its beginning is time, and much the same among neighbours. */
export const shortId = (id: string): string => (id.length > 8 ? id.slice(-6) : id);

/** `designer_and_checker` and `deep-dive` as words. */
export const words = (name: string): string => name.replace(/[_-]/g, " ");

/** `StepMessageAppended` as words. */
export const eventWords = (name: string): string =>
  name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
const ESCAPES = /\u001b\[[0-9;]*[A-Za-z]/g;

/** The first line without a terminal's colours, cut to some length. */
export function firstLine(text: string, length = 160): string {
  const line = text.replace(ESCAPES, "").trimStart().split("\n", 1)[0] ?? "";
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
