// Tasks that recur: when each runs next, ten times ahead, and what came of the runs so far.

import { Link, useParams } from "@tanstack/react-router";
import { newId } from "@waybill";
import { useState } from "react";
import { now } from "@/app/prefs";
import { CataloguePage } from "@/catalogue/page";
import { useCommand } from "@/data/command";
import { type Listed, useList } from "@/data/lists";
import { useView } from "@/data/live";
import { shortId } from "@/lib/format";
import { useStore } from "@/lib/store";
import { agreed } from "@/ui/ask";
import { Chip, ProblemNote, Section, Time } from "@/ui/bits";
import { Facts, Head } from "@/ui/catalogue";
import { Area, Field, Form, Pick } from "@/ui/form";
import {
  frequencyWords,
  KINDS,
  type Kind,
  kindOf,
  type Schedule,
  scheduleOf,
  timeOf,
  WEEKDAYS,
  zoned,
} from "./frequency";

type Task = Listed<"schedule">;

export default function Schedules() {
  return (
    <CataloguePage
      view="schedule"
      title="Schedules"
      right="work"
      none="No schedules yet"
      next="A schedule asks for a run again and again, at a time of day in a zone that you choose. Make one to see its next ten runs."
      item={(row) => ({
        name: row.name,
        mark:
          row.status === "active" ? null : <Chip tone={row.status === "paused" ? "warn" : "quiet"}>{row.status}</Chip>,
        below: <span className="truncate">{frequencyWords(row.schedule)}</span>,
      })}
      making={{
        label: "New schedule",
        submit: "Make it",
        fields: <NewFields />,
        send: (given, { id, project, send }) =>
          send("recurring-task/create", id, {
            project,
            name: given.text("name"),
            prompt: given.text("prompt"),
            workflow: given.maybe("workflow"),
            schedule: scheduleOf(given),
            missed: given.text("missed") as "skip" | "once",
            after: new Date().toISOString(),
          }),
      }}
    >
      {(row, { why }) => <One key={row.id} task={row} why={why} />}
    </CataloguePage>
  );
}

function NewFields() {
  const { rows } = useList("workflows");
  const workflows = rows.filter((each) => !each.archived).map((each) => [each.id, each.name] as const);
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <Field name="name" label="Name" required autoFocus className="w-64" />
        <Pick name="workflow" label="Workflow" options={workflows} none="none" />
        <Pick
          name="missed"
          label="Runs whose time passed"
          options={[
            ["skip", "are left out"],
            ["once", "are made up for once"],
          ]}
          value="skip"
        />
      </div>
      <Area name="prompt" label="What its runs are to do" rows={4} required />
      <When />
    </>
  );
}

function When({ held }: { held?: Schedule }) {
  const [kind, setKind] = useState<Kind>(held ? kindOf(held.frequency) : "daily");
  const zone = held?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const inner =
    held && kindOf(held.frequency) === kind ? (Object.values(held.frequency)[0] as Record<string, string>) : {};
  const today = new Date().toISOString().slice(0, 10);
  return (
    <div className="flex flex-wrap gap-3">
      <Pick name="kind" label="How often" options={KINDS} value={kind} onChange={(next) => setKind(next as Kind)} />
      {kind === "cron" ? (
        <Field
          name="cron"
          label="Minute, hour, day, month, weekday"
          required
          value={inner.text ?? "0 6 * * 1-5"}
          className="w-56"
        />
      ) : (
        <Field name="time" label="At" type="time" required value={(held && timeOf(held.frequency)) || "06:00"} />
      )}
      {kind === "weekly" || kind === "biweekly" ? (
        <Pick name="weekday" label="On" options={WEEKDAYS} value={inner.weekday ?? "monday"} />
      ) : null}
      {kind === "biweekly" || kind === "every_other_day" ? (
        <Field name="anchor" label="Counted from" type="date" required value={inner.anchor ?? today} />
      ) : null}
      {kind === "monthly" ? (
        <Field name="day" label="Day of the month" type="number" required value={inner.day ?? 1} className="w-32" />
      ) : null}
      <Field name="timezone" label="In the zone" required value={zone} placeholder="Europe/Berlin" className="w-48" />
    </div>
  );
}

function One({ task, why }: { task: Task; why: string | undefined }) {
  const { slug } = useParams({ from: "/p/$slug/schedules" });
  const { send, busy, problem, clear } = useCommand();
  const [editing, setEditing] = useState(false);
  const may = why === undefined && task.status !== "archived";
  const clock = () => new Date().toISOString();
  const trigger = async () => {
    const run = newId();
    await send("recurring-task/trigger-now", task.id, { run });
  };
  const archive = async () => {
    const title = "Put this schedule away?";
    if (await agreed({ title, text: "That is for good: it asks for no further run.", act: "Archive" }))
      await send("recurring-task/archive", task.id, {});
  };
  return (
    <article aria-label={task.name}>
      <Head
        name={task.name}
        facts={
          <>
            <Chip tone={task.status === "active" ? "good" : "warn"}>{task.status}</Chip>
            <span>{frequencyWords(task.schedule)}</span>
          </>
        }
      >
        {may ? (
          <>
            <button type="button" className="button" onClick={() => setEditing(!editing)}>
              Reschedule
            </button>
            {task.status === "active" ? (
              <button
                type="button"
                className="button"
                disabled={busy}
                onClick={() => send("recurring-task/pause", task.id, {})}
              >
                Pause
              </button>
            ) : (
              <button
                type="button"
                className="button"
                disabled={busy}
                onClick={() => send("recurring-task/resume", task.id, { at: clock() })}
              >
                Resume
              </button>
            )}
            <button type="button" className="button" disabled={busy} onClick={trigger}>
              Run now
            </button>
            <button type="button" className="button danger" disabled={busy} onClick={archive}>
              Archive
            </button>
          </>
        ) : null}
      </Head>
      <div className="space-y-4 px-5 py-4">
        {editing ? (
          <Form
            label="Reschedule"
            busy={busy}
            problem={problem}
            submit="Save"
            onCancel={() => {
              clear();
              setEditing(false);
            }}
            onSubmit={async (given) => {
              const body = { after: clock(), schedule: scheduleOf(given) };
              if (await send("recurring-task/reschedule", task.id, body)) setEditing(false);
            }}
          >
            <When held={task.schedule} />
          </Form>
        ) : problem ? (
          <ProblemNote problem={problem} />
        ) : null}
        <p className="max-w-3xl rounded-md border border-line bg-sunk px-3 py-2 whitespace-pre-wrap">
          {task.prompt_preview}
        </p>
        <div className="grid gap-4 lg:grid-cols-2">
          <Section title="Next ten runs" aside={task.schedule.timezone}>
            <Upcoming task={task} />
          </Section>
          <div className="space-y-4">
            <Section title="So far">
              <div className="px-3 py-2">
                <Facts
                  facts={[
                    ["Runs", task.runs],
                    ["Missed", task.runs_missed],
                    ["Missed ones", task.missed === "skip" ? "are left out" : "are made up for once"],
                    ["Last run", <Time key="t" at={task.last_run_at} />],
                  ]}
                />
              </div>
            </Section>
            <Past task={task.id} slug={slug} />
          </div>
        </div>
      </div>
    </article>
  );
}

function Upcoming({ task }: { task: Task }) {
  const { timezone } = task.schedule;
  const instant = useStore(now);
  if (task.upcoming.length === 0) {
    return <p className="px-3 py-2 text-ink-3">None is due{task.status === "paused" ? " while it is paused" : ""}.</p>;
  }
  let before: string | undefined;
  return (
    <ol className="px-3 py-1" data-testid="upcoming">
      {task.upcoming.map((at) => {
        const local = zoned(at, timezone);
        const shifted = before !== undefined && before !== local.offset;
        before = local.offset;
        return (
          <li
            key={at}
            className="grid grid-cols-[9rem_3rem_5.5rem_minmax(0,1fr)] items-center gap-2 border-t border-line/70 py-1 first:border-t-0"
          >
            <span>{local.day}</span>
            <span className="font-medium">{local.time}</span>
            <span className="text-xs text-ink-3">{local.offset}</span>
            <span className="flex items-center justify-end gap-2 text-right text-sm text-ink-3">
              {shifted ? <Chip tone="info">clocks change</Chip> : null}
              {Date.parse(at) < instant ? <Chip tone="warn">due</Chip> : null}
              <Time at={at} />
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Past({ task, slug }: { task: string; slug: string }) {
  const view = useView("recurring-runs", { key: task });
  const rows = [...view.rows].reverse();
  if (rows.length === 0) return null;
  return (
    <Section title="Runs" aside={rows.length}>
      <ul className="px-3 py-1">
        {rows.slice(0, 20).map(([key, row]) => (
          <li key={key} className="flex items-center gap-3 py-0.5">
            <Chip tone={row.kind === "missed" ? "warn" : "quiet"}>{row.kind}</Chip>
            {row.run ? (
              <Link
                to="/p/$slug/runs/$run"
                params={{ slug, run: row.run }}
                className="text-accent underline underline-offset-2"
              >
                run {shortId(row.run)}
              </Link>
            ) : (
              <span>{row.missed} runs</span>
            )}
            <Time at={row.at} className="ml-auto text-ink-3" />
          </li>
        ))}
      </ul>
    </Section>
  );
}
