// Plans: what is proposed, item by item; approved or turned down, then turned into issues.

import { Link, useParams } from "@tanstack/react-router";
import { newId } from "@waybill";
import { useMemo, useState } from "react";
import { CataloguePage } from "@/catalogue/page";
import { useCommand } from "@/data/command";
import type { Listed } from "@/data/lists";
import { useView } from "@/data/live";
import { counted, shortId } from "@/lib/format";
import { markdown } from "@/lib/text";
import { Chip, ProblemNote, Time } from "@/ui/bits";
import { Head } from "@/ui/catalogue";
import { Area, Field, Form } from "@/ui/form";
import { type IssueText, TextFields, TextShown, TONES, textOf } from "../issues/text";

type Plan = Listed<"plans">;
const TONE = { proposed: "warn", approved: "good", rejected: "bad", completed: "good", archived: "quiet" } as const;

export default function Plans() {
  return (
    <CataloguePage
      view="plans"
      title="Plans"
      right="work"
      none="No plans yet"
      next="A planner’s run proposes one, or you write it. What you approve becomes issues."
      item={(row) => ({
        name: row.title,
        isLong: true,
        below: (
          <>
            <Chip tone={TONE[row.status]}>{row.status}</Chip>
            {counted(row.items, "item")}
            <Time at={row.updated_at} className="ml-auto" />
          </>
        ),
      })}
      making={{
        label: "New plan",
        submit: "Propose it",
        fields: (
          <>
            <Field name="plan" label="Title of the plan" required />
            <Area name="rationale" label="Why, and why so" required rows={3} />
            <h3 className="pt-2 font-medium">Its first item</h3>
            <TextFields />
          </>
        ),
        send: (given, { id, project, send }) =>
          send("plan/propose", id, {
            project,
            title: given.text("plan"),
            rationale: given.text("rationale"),
            items: [textOf(given)],
          }),
      }}
    >
      {(row, { project, why }) => <One key={row.id} plan={row} project={project} why={why} />}
    </CataloguePage>
  );
}

interface Item {
  item: number;
  text: IssueText;
  issue: string | null;
}

function useItems(plan: string) {
  const view = useView("plan-items", { key: plan });
  return useMemo(() => {
    const parts = [...view.rows.values()];
    const head = parts.flatMap((part) => ("plan" in part ? [part.plan] : []))[0];
    const items = new Map(parts.flatMap((part) => ("item" in part ? [[part.item.item, part.item] as const] : [])));
    const order = head?.order ?? [...items.keys()];
    return { head, items: order.map((number) => items.get(number)).filter((item) => item !== undefined) };
  }, [view]);
}

type Mode = { kind: "read" | "reject" | "add" } | { kind: "edit"; item: number };

function One({ plan, project, why }: { plan: Plan; project: string; why: string | undefined }) {
  const { head, items } = useItems(plan.id);
  const { send, busy, problem, clear } = useCommand();
  const [mode, setMode] = useState<Mode>({ kind: "read" });
  const to = (next: Mode) => {
    clear();
    setMode(next);
  };
  const may = why === undefined;
  const proposed = may && plan.status === "proposed";
  const convert = async (item: Item) => {
    const issue = newId();
    const origin = { plan: { item: item.item, plan: plan.id } };
    if (await send("issue/open", issue, { project, text: item.text, origin })) {
      await send("plan/convert-item", plan.id, { issue, item: item.item });
    }
  };
  const move = (at: number, by: number) => {
    const numbers = items.map((each) => each.item);
    const [number] = numbers.splice(at, 1);
    if (number !== undefined) numbers.splice(at + by, 0, number);
    void send("plan/reorder", plan.id, { items: numbers });
  };
  const done = items.length > 0 && items.every((each) => each.issue);
  return (
    <article aria-label={plan.title}>
      <Head
        name={plan.title}
        facts={
          <>
            <Chip tone={TONE[plan.status]}>{plan.status}</Chip>
            <span>
              {counted(plan.items, "item")}, {plan.items_converted} of them issues
            </span>
            <PlanRun plan={plan} />
            <Time at={plan.created_at} />
          </>
        }
      >
        {proposed && mode.kind === "read" ? (
          <>
            <button
              type="button"
              className="button primary"
              disabled={busy}
              onClick={() => send("plan/approve", plan.id, {})}
            >
              Approve
            </button>
            <button type="button" className="button danger" onClick={() => to({ kind: "reject" })}>
              Reject
            </button>
            <button type="button" className="button" onClick={() => to({ kind: "add" })}>
              Add an item
            </button>
          </>
        ) : null}
        {may && plan.status === "approved" && done ? (
          <button
            type="button"
            className="button primary"
            disabled={busy}
            onClick={() => send("plan/complete", plan.id, {})}
          >
            Complete
          </button>
        ) : null}
      </Head>
      <div className="space-y-4 px-5 py-4">
        {mode.kind === "read" && problem ? <ProblemNote problem={problem} /> : null}
        {mode.kind === "reject" ? (
          <Form
            label="Reject the plan"
            busy={busy}
            problem={problem}
            submit="Reject"
            onCancel={() => to({ kind: "read" })}
            onSubmit={async (given) => {
              if (await send("plan/reject", plan.id, { reason: given.text("reason") })) to({ kind: "read" });
            }}
          >
            <Field name="reason" label="Why" required autoFocus />
          </Form>
        ) : null}
        {head ? (
          <div
            className="prose-agent max-w-3xl"
            // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised to a short list of tags
            dangerouslySetInnerHTML={{ __html: markdown(head.rationale) }}
          />
        ) : null}
        {plan.note ? <p className="text-ink-2">{plan.note}</p> : null}
        <ol className="max-w-3xl space-y-3">
          {items.map((item, at) => (
            <li key={item.item} className="panel px-4 py-3">
              {mode.kind === "edit" && mode.item === item.item ? (
                <ItemForm
                  held={item.text}
                  busy={busy}
                  problem={problem}
                  onCancel={() => to({ kind: "read" })}
                  onSave={async (text) => {
                    if (await send("plan/edit-item", plan.id, { item: item.item, text })) to({ kind: "read" });
                  }}
                />
              ) : (
                <>
                  <div className="mb-2 flex flex-wrap items-center gap-2">
                    <h3 className="min-w-0 flex-1 font-medium">
                      {at + 1}. {item.text.title}
                    </h3>
                    <Chip tone={TONES[item.text.priority]}>{item.text.priority}</Chip>
                    {item.issue ? <IssueLink issue={item.issue} /> : null}
                    {proposed && mode.kind === "read" ? (
                      <>
                        <button
                          type="button"
                          className="button h-6"
                          aria-label={`Move item ${at + 1} up`}
                          disabled={at === 0 || busy}
                          onClick={() => move(at, -1)}
                        >
                          ↑
                        </button>
                        <button
                          type="button"
                          className="button h-6"
                          aria-label={`Move item ${at + 1} down`}
                          disabled={at === items.length - 1 || busy}
                          onClick={() => move(at, 1)}
                        >
                          ↓
                        </button>
                        <button
                          type="button"
                          className="button h-6"
                          onClick={() => to({ kind: "edit", item: item.item })}
                        >
                          Edit
                        </button>
                        <button
                          type="button"
                          className="button danger h-6"
                          disabled={busy}
                          onClick={() => send("plan/remove-item", plan.id, { item: item.item })}
                        >
                          Remove
                        </button>
                      </>
                    ) : null}
                    {may && plan.status === "approved" && !item.issue ? (
                      <button type="button" className="button h-6" disabled={busy} onClick={() => convert(item)}>
                        Make it an issue
                      </button>
                    ) : null}
                  </div>
                  <TextShown text={item.text} />
                </>
              )}
            </li>
          ))}
        </ol>
        {mode.kind === "add" ? (
          <ItemForm
            busy={busy}
            problem={problem}
            onCancel={() => to({ kind: "read" })}
            onSave={async (text) => {
              if (await send("plan/add-item", plan.id, { text })) to({ kind: "read" });
            }}
          />
        ) : null}
      </div>
    </article>
  );
}

function ItemForm({
  held,
  busy,
  problem,
  onSave,
  onCancel,
}: {
  held?: IssueText;
  busy: boolean;
  problem: ReturnType<typeof useCommand>["problem"];
  onSave: (text: IssueText) => Promise<void>;
  onCancel: () => void;
}) {
  return (
    <Form
      label="Item"
      busy={busy}
      problem={problem}
      submit="Save"
      onCancel={onCancel}
      onSubmit={(given) => onSave(textOf(given))}
    >
      <TextFields held={held} />
    </Form>
  );
}

function PlanRun({ plan }: { plan: Plan }) {
  const { slug } = useParams({ from: "/p/$slug/plans" });
  if (!plan.run) return <span>written by hand</span>;
  return (
    <Link to="/p/$slug/runs/$run" params={{ slug, run: plan.run }} className="text-accent underline underline-offset-2">
      run {shortId(plan.run)}
    </Link>
  );
}

function IssueLink({ issue }: { issue: string }) {
  const { slug } = useParams({ from: "/p/$slug/plans" });
  return (
    <Link
      to="/p/$slug/issues"
      params={{ slug }}
      search={{ id: issue }}
      className="text-accent underline underline-offset-2"
    >
      its issue
    </Link>
  );
}
