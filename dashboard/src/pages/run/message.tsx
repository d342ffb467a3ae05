// One message, tool call or tool answer. What agents say is text or sanitised markdown, never more.

import type { ViewRows } from "@waybill";
import { memo, type ReactNode } from "react";
import { timeMode } from "@/app/prefs";
import { bytes, duration, firstLine } from "@/lib/format";
import { useStore } from "@/lib/store";
import { ansi, argumentWords, diffLines, hasAnsi, markdown, pretty } from "@/lib/text";
import { clock } from "@/lib/time";

export type MessageRow = ViewRows["sandbox-messages"];

/** Characters that one message shows until all of it is asked for. */
const CUT = 6_000;

interface Props {
  row: MessageRow;
  open: boolean;
  whole: boolean;
  onToggle: () => void;
  onWhole: () => void;
}

export const Message = memo(function Message(props: Props) {
  const { row } = props;
  if (row.kind === "tool_call") {
    return (
      <Tool {...props} sign="→" name={row.tool ?? "tool"} summary={argumentWords(row.arguments ?? "")}>
        <Plain text={pretty(row.arguments ?? "")} {...props} />
      </Tool>
    );
  }
  if (row.kind === "tool_result") {
    const lines = row.content.split("\n").length;
    const size = row.content.length === 0 ? "empty" : lines > 1 ? `${lines} lines` : bytes(row.content.length);
    return (
      <Tool {...props} sign="←" name={row.tool ?? "tool"} summary={firstLine(row.content)} note={size}>
        <Plain text={row.content} {...props} />
      </Tool>
    );
  }
  return <Said {...props} />;
});

function Said(props: Props) {
  const { row } = props;
  const assistant = row.role === "assistant";
  return (
    <article className={`px-4 py-2.5 ${assistant ? "" : "bg-sunk/70"}`}>
      <header className="flex items-baseline gap-2">
        <h3 className={`text-sm font-semibold ${assistant ? "text-accent" : "text-ink"}`}>{row.role ?? "message"}</h3>
        <When at={row.at} />
        {row.stop_reason && row.stop_reason !== "toolUse" && row.stop_reason !== "stop" ? (
          <span className="text-xs text-warn">{row.stop_reason}</span>
        ) : null}
        {row.complete ? null : <span className="pulse text-xs text-info">writing</span>}
      </header>
      {row.thinking ? (
        <details className="mt-1 text-ink-3">
          <summary className="text-xs">thinking, {bytes(row.thinking.length)}</summary>
          <p className="mt-1 whitespace-pre-wrap border-l-2 border-line-strong pl-2.5">{row.thinking}</p>
        </details>
      ) : null}
      {row.content ? <Prose {...props} /> : assistant ? null : <p className="text-ink-3">empty</p>}
    </article>
  );
}

function Prose({ row, whole, onWhole }: Props) {
  const cut = !whole && row.content.length > CUT;
  const text = cut ? row.content.slice(0, CUT) : row.content;
  return (
    <>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised to a short list of tags */}
      <div className="prose-agent mt-0.5" dangerouslySetInnerHTML={{ __html: markdown(text) }} />
      {cut ? <More length={row.content.length} onWhole={onWhole} /> : null}
    </>
  );
}

function More({ length, onWhole }: { length: number; onWhole: () => void }) {
  return (
    <button type="button" className="mt-1 text-sm text-accent underline underline-offset-2" onClick={onWhole}>
      Show all {bytes(length)}
    </button>
  );
}

interface ToolProps extends Props {
  sign: string;
  name: string;
  summary: string;
  note?: string;
  children: ReactNode;
}

function Tool({ row, open, onToggle, sign, name, summary, note, children }: ToolProps) {
  const bad = row.is_error === true;
  return (
    <div className={sign === "→" ? "px-4 pt-1" : "px-4 pb-1"}>
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="flex h-6 w-full min-w-0 items-center gap-2 rounded px-1.5 text-left hover:bg-hover"
      >
        <span className={`w-3 shrink-0 text-center font-mono ${bad ? "text-bad" : "text-ink-3"}`} aria-hidden="true">
          {sign}
        </span>
        <span className={`shrink-0 font-mono text-sm ${bad ? "text-bad" : "text-ink-2"}`}>
          {sign === "←" ? <span className="sr-only">answer of </span> : null}
          {name}
        </span>
        <span className={`min-w-0 flex-1 truncate font-mono text-sm ${bad ? "text-bad" : "text-ink-3"}`}>
          {summary}
        </span>
        <span className="shrink-0 text-xs text-ink-3">
          {[note, row.duration_ms === null ? null : duration(row.duration_ms)].filter(Boolean).join(" · ")}
        </span>
      </button>
      {open ? <div className="my-1 ml-5">{children}</div> : null}
    </div>
  );
}

const DIFF_INK = {
  add: "text-accent bg-accent-soft",
  del: "text-bad bg-bad-soft",
  hunk: "text-info",
  same: "",
} as const;

/** Text as a terminal shows it: colours of escapes and of diffs, nothing else. */
function Plain({ text, whole, onWhole }: { text: string } & Pick<Props, "whole" | "onWhole">) {
  const cut = !whole && text.length > CUT;
  const part = cut ? text.slice(0, CUT) : text;
  const box =
    "overflow-x-auto rounded-md border border-line bg-sunk px-2.5 py-2 text-sm leading-[18px] whitespace-pre-wrap [overflow-wrap:anywhere]";
  if (text === "") return <p className="text-ink-3">empty</p>;
  const diff = hasAnsi(part) ? null : diffLines(part);
  return (
    <>
      {diff ? (
        <pre className={box}>
          {diff.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no other name
            <span key={at} className={`-mx-2.5 block px-2.5 ${DIFF_INK[line.kind]}`}>
              {line.text || " "}
            </span>
          ))}
        </pre>
      ) : hasAnsi(part) ? (
        // biome-ignore lint/security/noDangerouslySetInnerHtml: escaped, and sanitised to spans with classes
        <pre className={box} dangerouslySetInnerHTML={{ __html: ansi(part) }} />
      ) : (
        <pre className={box}>{part}</pre>
      )}
      {cut ? <More length={text.length} onWhole={onWhole} /> : null}
    </>
  );
}

function When({ at }: { at: string }) {
  const mode = useStore(timeMode);
  return (
    <time dateTime={at} title={at} className="text-xs text-ink-3">
      {clock(Date.parse(at), mode)}
    </time>
  );
}
