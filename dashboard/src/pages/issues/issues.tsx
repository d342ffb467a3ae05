// The issues of a project: open, reword, resolve, dismiss, reopen.

import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { CataloguePage } from "@/catalogue/page";
import { useCommand } from "@/data/command";
import type { Listed } from "@/data/lists";
import { useView } from "@/data/live";
import { shortId, words } from "@/lib/format";
import { Chip, ProblemNote, StatusMark, Time } from "@/ui/bits";
import { Head } from "@/ui/catalogue";
import { Field, Form } from "@/ui/form";
import { TextFields, TextShown, TONES, textOf } from "./text";

type Issue = Listed<"issues">;
const STATUSES: ReadonlyArray<Issue["status"]> = ["open", "in_chain", "running", "in_review", "resolved", "dismissed"];
const CLOSED: readonly string[] = ["resolved", "dismissed"];
const ORDER = ["critical", "high", "medium", "low"];

/** What waits first, the most urgent of it first; what is closed last. */
export function ordered(rows: readonly Issue[], status: string | undefined): Issue[] {
  const closed = (row: Issue) => Number(CLOSED.includes(row.status));
  return rows
    .filter((row) => !status || row.status === status)
    .sort(
      (a, b) =>
        closed(a) - closed(b) ||
        ORDER.indexOf(a.priority) - ORDER.indexOf(b.priority) ||
        b.updated_at.localeCompare(a.updated_at),
    );
}

interface Props {
  controls: ReactNode;
  status: string | undefined;
  onStatus: (status: string | undefined) => void;
}

export function Issues({ controls, status, onStatus }: Props) {
  const arrange = useCallback((rows: readonly Issue[]) => ordered(rows, status), [status]);
  return (
    <CataloguePage
      view="issues"
      title="Issues"
      controls={
        <>
          {controls}
          <select
            className="field"
            aria-label="Status"
            value={status ?? ""}
            onChange={(event) => onStatus(event.target.value || undefined)}
          >
            <option value="">Any status</option>
            {STATUSES.map((each) => (
              <option key={each} value={each}>
                {words(each)}
              </option>
            ))}
          </select>
        </>
      }
      right="work"
      arrange={arrange}
      none={status ? `No issue is ${words(status)}` : "No issues yet"}
      next="Open one by hand, or let an issue session or a plan find them. Put several into a chain to have them worked on one after the other."
      item={(row) => ({
        name: row.title,
        isLong: true,
        below: (
          <>
            <Chip tone={TONES[row.priority]}>{row.priority}</Chip>
            {words(row.status)}
            <Time at={row.updated_at} className="ml-auto" />
          </>
        ),
      })}
      making={{
        label: "New issue",
        submit: "Open it",
        fields: <TextFields />,
        send: (given, { id, project, send }) => send("issue/open", id, { project, text: textOf(given) }),
      }}
    >
      {(row, { why }) => <One key={row.id} issue={row} why={why} />}
    </CataloguePage>
  );
}

type Mode = "read" | "edit" | "dismiss" | "reopen";

function One({ issue, why }: { issue: Issue; why: string | undefined }) {
  const { slug } = useParams({ strict: false }) as { slug: string };
  const view = useView("issue-history", { key: issue.id });
  const { head, runs } = useMemo(() => {
    const parts = [...view.rows.values()];
    return {
      head: parts.flatMap((part) => ("issue" in part ? [part.issue] : []))[0],
      runs: parts.flatMap((part) => ("run" in part ? [part.run] : [])),
    };
  }, [view]);
  const { send, busy, problem, clear } = useCommand();
  const [mode, setMode] = useState<Mode>("read");
  const to = (next: Mode) => {
    clear();
    setMode(next);
  };
  const closed = CLOSED.includes(issue.status);
  return (
    <article aria-label={issue.title}>
      <Head
        name={issue.title}
        facts={
          <>
            <Chip tone={TONES[issue.priority]}>{issue.priority}</Chip>
            <Chip tone={issue.status === "resolved" ? "good" : "quiet"}>{words(issue.status)}</Chip>
            <span>{originWords(issue)}</span>
            <Time at={issue.created_at} />
          </>
        }
      >
        {why === undefined && mode === "read" ? (
          <>
            {closed || issue.status === "in_review" ? (
              <button type="button" className="button" onClick={() => to("reopen")}>
                Reopen
              </button>
            ) : null}
            {closed ? null : (
              <>
                <button type="button" className="button" onClick={() => to("edit")}>
                  Edit
                </button>
                <button
                  type="button"
                  className="button"
                  disabled={busy}
                  onClick={() => send("issue/resolve", issue.id, {})}
                >
                  Resolve
                </button>
                <button type="button" className="button danger" onClick={() => to("dismiss")}>
                  Dismiss
                </button>
              </>
            )}
          </>
        ) : null}
      </Head>
      <div className="space-y-4 px-5 py-4">
        {mode === "edit" && head ? (
          <Form
            label="Reword the issue"
            busy={busy}
            problem={problem}
            submit="Save"
            onCancel={() => to("read")}
            onSubmit={async (given) => {
              if (await send("issue/edit", issue.id, { text: textOf(given) })) to("read");
            }}
          >
            <TextFields held={head.text} />
          </Form>
        ) : null}
        {mode === "dismiss" || mode === "reopen" ? (
          <Form
            label={mode === "dismiss" ? "Dismiss the issue" : "Reopen the issue"}
            busy={busy}
            problem={problem}
            submit={mode === "dismiss" ? "Dismiss" : "Reopen"}
            onCancel={() => to("read")}
            onSubmit={async (given) => {
              const body = { reason: given.text("reason") };
              const route = mode === "dismiss" ? "issue/dismiss" : "issue/reopen";
              if (await send(route, issue.id, body)) to("read");
            }}
          >
            <Field name="reason" label="Why" required autoFocus />
          </Form>
        ) : null}
        {mode === "read" && problem ? <ProblemNote problem={problem} /> : null}
        {mode !== "edit" && head ? <TextShown text={head.text} /> : null}
        {issue.note ? (
          <p className="text-ink-2">
            <span className="eyebrow mr-2">Note</span>
            {issue.note}
          </p>
        ) : null}
        {runs.length > 0 ? (
          <div>
            <h3 className="eyebrow">Runs that worked on it</h3>
            <ul className="mt-1 space-y-1">
              {runs.map((run) => (
                <li key={run.run} className="flex flex-wrap items-center gap-3">
                  <StatusMark status={run.outcome ?? "running"} />
                  <Link
                    to="/p/$slug/runs/$run"
                    params={{ slug, run: run.run }}
                    className="text-accent underline underline-offset-2"
                  >
                    run {shortId(run.run)}
                  </Link>
                  <Time at={run.started_at} className="text-ink-3" />
                </li>
              ))}
            </ul>
          </div>
        ) : null}
      </div>
    </article>
  );
}

function originWords(issue: Issue): string {
  if (issue.origin === "hand") return "opened by hand";
  return "plan" in issue.origin ? "from a plan" : "found in a session";
}
