// Contexts: what sessions of a kind are told, with every version and the one in force.

import { useSearch } from "@tanstack/react-router";
import { type CommandBodies, newId } from "@waybill";
import { useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { useRights } from "@/app/rights";
import { useCommand } from "@/data/command";
import { type Listed, useList } from "@/data/lists";
import { useView } from "@/data/live";
import { Chip, ProblemNote, Segmented, Time } from "@/ui/bits";
import { Catalogue, Head } from "@/ui/catalogue";
import { Area, Field, Form, Pick } from "@/ui/form";
import { History } from "@/ui/history";

type Context = Listed<"contexts">;
const SESSIONS: ReadonlyArray<CommandBodies["context/create"]["session"]> = [
  "learning",
  "merging",
  "issue",
  "answering",
  "evaluating",
  "judging",
];

export default function Contexts() {
  const search = useSearch({ from: "/p/$slug/contexts" });
  const change = useSearchChange();
  const { rows, project, waiting, problem } = useList("contexts");
  const why = useRights(project?.id).why("settings");
  const [creating, setCreating] = useState(false);
  const command = useCommand();
  const current = rows.find((row) => row.id === search.id) ?? rows[0];
  const open = (id: string) => {
    setCreating(false);
    void change({ id });
  };
  return (
    <Catalogue<Context>
      title="Contexts"
      rows={rows}
      waiting={waiting}
      problem={problem}
      current={current?.id}
      onOpen={open}
      why={why}
      create="New context"
      onCreate={() => setCreating(true)}
      creating={creating}
      empty={{
        title: "No contexts yet",
        next: "A context is the system prompt and the CLAUDE.md of one kind of session. Make one, then choose it in a persona or in Settings.",
      }}
      item={(row) => (
        <>
          <span className="flex items-center gap-2">
            <span className="truncate font-medium">{row.name}</span>
            {row.archived ? <Chip>archived</Chip> : null}
          </span>
          <span className="block truncate text-xs text-ink-3">
            {row.session} · version {row.active_version} of {row.versions}
          </span>
        </>
      )}
    >
      {creating && project ? (
        <div className="px-5 py-4">
          <Form
            label="New context"
            busy={command.busy}
            problem={command.problem}
            submit="Make it"
            onCancel={() => setCreating(false)}
            onSubmit={async (given) => {
              const id = newId();
              const body = {
                project: project.id,
                name: given.text("name"),
                session: given.text("session") as (typeof SESSIONS)[number],
                system_prompt: given.text("system_prompt"),
                claude_md: given.text("claude_md"),
              };
              if (await command.send("context/create", id, body)) open(id);
            }}
          >
            <div className="flex flex-wrap gap-3">
              <Field name="name" label="Name" required autoFocus className="w-72" />
              <Pick name="session" label="For sessions of" options={SESSIONS} value="issue" />
            </div>
            <Texts />
          </Form>
        </div>
      ) : current ? (
        <One key={current.id} context={current} why={why} tab={search.tab} onTab={(tab) => change({ tab })} />
      ) : null}
    </Catalogue>
  );
}

function Texts({ system, claude }: { system?: string; claude?: string }) {
  return (
    <>
      <Area name="system_prompt" label="System prompt" rows={10} mono value={system} />
      <Area name="claude_md" label="CLAUDE.md" rows={8} mono value={claude} />
    </>
  );
}

/** Both texts as one, for comparing. */
export const joined = (system: string, claude: string): string =>
  `# System prompt\n${system}\n\n# CLAUDE.md\n${claude}`;

function One({
  context,
  why,
  tab,
  onTab,
}: {
  context: Context;
  why: string | undefined;
  tab: string | undefined;
  onTab: (tab: string | undefined) => void;
}) {
  const view = useView("context-history", { key: context.id });
  const all = useMemo(() => [...view.rows.values()], [view]);
  const current = all.find((each) => each.active);
  const { send, busy, problem } = useCommand();
  const may = why === undefined && !context.archived;
  const part = tab === "versions" ? "versions" : "text";
  return (
    <article aria-label={context.name}>
      <Head
        name={context.name}
        facts={
          <>
            <Chip>{context.session}</Chip>
            <span>version {context.active_version} is in force</span>
            <Time at={context.updated_at} />
          </>
        }
      >
        <Segmented
          label="Part"
          value={part}
          options={[
            { value: "text", label: "Text" },
            { value: "versions", label: `Versions ${all.length}` },
          ]}
          onChange={(next) => onTab(next === "text" ? undefined : next)}
        />
        {may ? (
          <button
            type="button"
            className="button danger"
            disabled={busy}
            onClick={() =>
              confirm("Take this context out of use, for good?") && send("context/archive", context.id, {})
            }
          >
            Archive
          </button>
        ) : null}
      </Head>
      <div className="space-y-3 px-5 py-4">
        {part === "versions" ? (
          <>
            {problem ? <ProblemNote problem={problem} /> : null}
            <History
              versions={all.map((each) => ({
                version: each.version,
                at: each.created_at,
                note: each.note,
                active: each.active,
                text: joined(each.system_prompt, each.claude_md),
              }))}
              actions={(each) =>
                may && !each.active ? (
                  <button
                    type="button"
                    className="button"
                    disabled={busy}
                    onClick={() => send("context/activate", context.id, { version: each.version })}
                  >
                    Put version {each.version} in force
                  </button>
                ) : null
              }
            />
          </>
        ) : !current ? null : may ? (
          <Form
            key={current.version}
            label="Text"
            busy={busy}
            problem={problem}
            submit="Save as the next version"
            onSubmit={async (given) => {
              await send("context/update", context.id, {
                system_prompt: given.text("system_prompt"),
                claude_md: given.text("claude_md"),
                note: given.maybe("note"),
              });
            }}
          >
            <Texts system={current.system_prompt} claude={current.claude_md} />
            <Field name="note" label="Why it changes (optional)" />
          </Form>
        ) : (
          <pre className="overflow-x-auto rounded-md border border-line bg-sunk px-3 py-2 whitespace-pre-wrap">
            {joined(current.system_prompt, current.claude_md)}
          </pre>
        )}
      </div>
    </article>
  );
}
