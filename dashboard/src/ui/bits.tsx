// The small parts that every page is set from.

import type { Problem } from "@waybill";
import { type ReactNode, useEffect, useRef } from "react";
import { now, timeMode } from "@/app/prefs";
import { useStore } from "@/lib/store";
import { absolute, shown } from "@/lib/time";

type Tone = "good" | "info" | "warn" | "bad" | "violet" | "quiet";

const SOFT: Record<Tone, string> = {
  good: "bg-accent-soft text-accent",
  info: "bg-info-soft text-info",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  violet: "bg-violet-soft text-violet",
  quiet: "bg-sunk text-ink-2",
};

/** A word on a tint. */
export function Chip({ tone = "quiet", title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span
      title={title}
      className={`inline-flex h-5 items-center gap-1 rounded px-1.5 text-xs font-medium whitespace-nowrap ${SOFT[tone]}`}
    >
      {children}
    </span>
  );
}

const TONES: Record<string, Tone> = {
  completed: "good",
  passing: "good",
  approved: "good",
  open: "info",
  merged: "violet",
  running: "info",
  pending: "warn",
  failed: "bad",
  failing: "bad",
  rejected: "bad",
  critical: "bad",
  important: "warn",
};

export const toneOf = (word: string): Tone => TONES[word] ?? "quiet";

const INK: Record<Tone, string> = {
  good: "text-accent",
  info: "text-info",
  warn: "text-warn",
  bad: "text-bad",
  violet: "text-violet",
  quiet: "text-ink-3",
};

/** How a run or step stands: a sign that reads without colour, and the word. */
export function StatusMark({ status, bare = false }: { status: string; bare?: boolean }) {
  const tone = toneOf(status);
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${INK[tone]}`}>
      <svg viewBox="0 0 12 12" className={`size-3 shrink-0 ${status === "running" ? "pulse" : ""}`} aria-hidden="true">
        {SIGNS[status] ?? <circle cx="6" cy="6" r="2" fill="currentColor" />}
      </svg>
      {bare ? <span className="sr-only">{status}</span> : <span className="font-medium">{status}</span>}
    </span>
  );
}

const ring = <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.5" />;
const SIGNS: Record<string, ReactNode> = {
  completed: (
    <path d="M2.2 6.4 4.9 9 9.8 3.4" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />
  ),
  failed: <path d="M3 3l6 6M9 3l-6 6" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />,
  running: (
    <>
      {ring}
      <circle cx="6" cy="6" r="2.2" fill="currentColor" />
    </>
  ),
  pending: ring,
  cancelled: (
    <>
      {ring}
      <path d="M3 9 9 3" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  skipped: <path d="M2 6h8" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />,
};

/** An instant in the form that the reader chose; the exact one on hover. */
export function Time({ at, className = "" }: { at: string | null | undefined; className?: string }) {
  const mode = useStore(timeMode);
  const instant = useStore(now);
  if (!at) return <span className="text-ink-3">–</span>;
  const ms = Date.parse(at);
  return (
    <time
      dateTime={at}
      title={`${absolute(ms, "local", instant, true)} · ${at}`}
      className={`whitespace-nowrap ${className}`}
    >
      {shown(ms, mode, instant)}
    </time>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className="kbd">{children}</kbd>;
}

/** Text in which backticks mark code, and nothing else is marked. */
export function Ticked({ text }: { text: string }) {
  return text.split(/`([^`\n]+)`/).map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no other name
      <code key={at} className="rounded bg-sunk px-1">
        {part}
      </code>
    ) : (
      part
    ),
  );
}

/** Nothing here yet, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="mx-auto max-w-md px-6 py-12 text-center">
      <p className="text-lg font-medium">{title}</p>
      {children ? <div className="mt-1 text-ink-2">{children}</div> : null}
    </div>
  );
}

/** What went wrong, with the server's hint. */
export function ProblemNote({ problem }: { problem: Problem }) {
  return (
    <div role="alert" className="rounded-lg border border-line bg-bad-soft px-3 py-2">
      <p className="text-bad">
        <span className="font-medium">{problem.title ?? problem.code.replaceAll("_", " ")}</span>: {problem.detail}
      </p>
      {problem.errors?.map((each) => (
        <p key={each.field} className="text-ink-2">
          <code>{each.field}</code> {each.detail}
        </p>
      ))}
      {problem.hint ? <p className="text-ink-2">{problem.hint}</p> : null}
    </div>
  );
}

/** A figure with its name above. */
export function Figure({ label, children, note }: { label: string; children: ReactNode; note?: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="eyebrow truncate">{label}</dt>
      <dd className="truncate text-lg font-medium">{children}</dd>
      {note ? <dd className="truncate text-xs text-ink-3">{note}</dd> : null}
    </div>
  );
}

/** A part of a page under a small heading. */
export function Section({
  title,
  aside,
  children,
  className = "",
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`panel flex min-w-0 flex-col ${className}`}>
      <header className="flex h-9 shrink-0 items-center justify-between gap-3 border-b border-line px-3">
        <h2 className="text-sm font-medium">{title}</h2>
        {aside ? <div className="text-xs text-ink-3">{aside}</div> : null}
      </header>
      {children}
    </section>
  );
}

/** The browser's own dialog: it keeps the focus inside and closes on Escape. */
export function Dialog({
  open,
  onClose,
  label,
  children,
  className = "",
}: {
  open: boolean;
  onClose: () => void;
  label: string;
  children: ReactNode;
  className?: string;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
      className={`panel m-auto mt-[12vh] w-[min(600px,calc(100vw-24px))] p-0 shadow-2xl shadow-(color:--shadow) backdrop:bg-black/30 ${className}`}
    >
      {open ? children : null}
    </dialog>
  );
}

/** A choice of a few. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: ReadonlyArray<{ value: T; label: ReactNode }>;
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="inline-flex h-7 min-w-0 items-stretch rounded-md border border-line-strong bg-panel p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className="inline-flex items-center gap-1 rounded px-2 text-sm text-ink-2 hover:text-ink aria-pressed:bg-hover aria-pressed:font-medium aria-pressed:text-ink"
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
