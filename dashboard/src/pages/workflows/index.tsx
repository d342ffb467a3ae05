// Workflows: what each does, the editor of its pipeline, and its versions.

import { Link, useParams, useSearch } from "@tanstack/react-router";
import { newId } from "@waybill";
import { useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { useRights } from "@/app/rights";
import { useCommand } from "@/data/command";
import { type Listed, useList, useNames } from "@/data/lists";
import { useView } from "@/data/live";
import { outline } from "@/lib/diff";
import { counted, words } from "@/lib/format";
import { Chip, Segmented, Time } from "@/ui/bits";
import { Catalogue, Head } from "@/ui/catalogue";
import { Field, Form } from "@/ui/form";
import { History } from "@/ui/history";
import { Editor } from "./editor";
import { type Draft, draftOf, emptyDraft, settingsOf } from "./pipeline";

type Workflow = Listed<"workflows">;

export default function Workflows() {
  const search = useSearch({ from: "/p/$slug/workflows" });
  const change = useSearchChange();
  const { rows, project, waiting, problem } = useList("workflows");
  const why = useRights(project?.id).why("work");
  const [creating, setCreating] = useState(false);
  const shown = useMemo(() => [...rows].sort((a, b) => Number(a.archived) - Number(b.archived)), [rows]);
  const current = shown.find((row) => row.id === search.id) ?? shown[0];
  const open = (id: string) => {
    setCreating(false);
    void change({ id });
  };
  return (
    <Catalogue<Workflow>
      title="Workflows"
      rows={shown}
      waiting={waiting}
      problem={problem}
      current={current?.id}
      onOpen={open}
      why={why}
      create="New workflow"
      onCreate={() => setCreating(true)}
      creating={creating}
      empty={{
        title: "No workflows yet",
        next: "A workflow says which agents work one after the other, and which of them go round in a loop. Make one, then ask for a run that follows it.",
      }}
      item={(row) => (
        <>
          <span className="flex items-center gap-2">
            <span className="truncate font-medium">{row.name}</span>
            {row.archived ? <Chip>archived</Chip> : null}
          </span>
          <span className="block truncate text-xs text-ink-3">
            {words(row.workflow_type)} · {counted(row.steps.length, "step")} · {counted(row.runs, "run")}
          </span>
        </>
      )}
    >
      {creating && project ? (
        <Create project={project.id} onDone={open} onCancel={() => setCreating(false)} />
      ) : current ? (
        <One key={current.id} workflow={current} why={why} tab={search.tab} onTab={(tab) => change({ tab })} />
      ) : null}
    </Catalogue>
  );
}

/** Personas that may work, for pickers. */
function usePersonas() {
  const { rows } = useList("personas");
  return useMemo(
    () => rows.filter((row) => row.status === "enabled").map((row) => [row.id, row.name] as const),
    [rows],
  );
}

function Create({
  project,
  onDone,
  onCancel,
}: {
  project: string;
  onDone: (id: string) => void;
  onCancel: () => void;
}) {
  const { send, busy, problem } = useCommand();
  const [draft, setDraft] = useState(emptyDraft);
  const names = useNames("personas");
  const personas = usePersonas();
  return (
    <div className="space-y-4 px-5 py-4">
      <Form
        label="New workflow"
        className="space-y-3"
        busy={busy}
        problem={problem}
        submit="Make it"
        onCancel={onCancel}
        onSubmit={async (given) => {
          const id = newId();
          const body = {
            project,
            name: given.text("name"),
            description: given.text("description"),
            definition: settingsOf(draft),
          };
          if (await send("workflow/create", id, body)) onDone(id);
        }}
      >
        <div className="flex flex-wrap gap-3">
          <Field name="name" label="Name" required autoFocus className="w-64" />
          <Field name="description" label="What it is good for" className="w-96 max-w-full" />
        </div>
        <Editor
          draft={draft}
          onChange={setDraft}
          names={names}
          personas={personas}
          busy={busy}
          problem={undefined}
          may
        />
      </Form>
    </div>
  );
}

interface OneProps {
  workflow: Workflow;
  why: string | undefined;
  tab: string | undefined;
  onTab: (tab: string | undefined) => void;
}

function One({ workflow, why, tab, onTab }: OneProps) {
  const { slug } = useParams({ from: "/p/$slug/workflows" });
  const versions = useView("workflow-versions", { key: workflow.id });
  const all = useMemo(() => [...versions.rows.values()], [versions]);
  const current = all.find((each) => each.current);
  const names = useNames("personas");
  const personas = usePersonas();
  const { send, busy, problem, clear } = useCommand();
  const [renaming, setRenaming] = useState(false);
  const may = why === undefined && !workflow.archived;
  const part = tab === "versions" ? "versions" : "pipeline";
  return (
    <article aria-label={workflow.name}>
      <Head
        name={workflow.name}
        facts={
          <>
            {workflow.description ? <span className="basis-full text-ink-2">{workflow.description}</span> : null}
            <Chip>{words(workflow.workflow_type)}</Chip>
            <span>version {workflow.version}</span>
            <Link to="/p/$slug/runs" params={{ slug }} className="underline underline-offset-2">
              {counted(workflow.runs, "run")}
            </Link>
            <Time at={workflow.updated_at} />
          </>
        }
      >
        <Segmented
          label="Part"
          value={part}
          options={[
            { value: "pipeline", label: "Pipeline" },
            { value: "versions", label: `Versions ${all.length}` },
          ]}
          onChange={(next) => onTab(next === "pipeline" ? undefined : next)}
        />
        {may ? (
          <>
            <button type="button" className="button" onClick={() => setRenaming(!renaming)}>
              Rename
            </button>
            <button
              type="button"
              className="button danger"
              disabled={busy}
              onClick={() =>
                confirm("Take this workflow out of use, for good?") && send("workflow/archive", workflow.id, {})
              }
            >
              Archive
            </button>
          </>
        ) : null}
      </Head>
      <div className="space-y-4 px-5 py-4">
        {renaming ? (
          <Form
            label="Rename the workflow"
            busy={busy}
            problem={problem}
            submit="Rename"
            onCancel={() => setRenaming(false)}
            onSubmit={async (given) => {
              const body = { name: given.text("name"), description: given.text("description") };
              if (await send("workflow/rename", workflow.id, body)) setRenaming(false);
            }}
          >
            <Field name="name" label="Name" value={workflow.name} required />
            <Field name="description" label="What it is good for" value={workflow.description} />
          </Form>
        ) : null}
        {part === "versions" ? (
          <History
            versions={all.map((each) => ({
              version: each.version,
              at: each.at,
              note: each.note,
              actor: each.actor,
              active: each.current,
              text: outline(each.content, names),
            }))}
          />
        ) : current ? (
          <Pipeline
            key={current.version}
            start={draftOf(current.content)}
            names={names}
            personas={personas}
            busy={busy}
            problem={renaming ? undefined : problem}
            onSave={
              may
                ? async (draft, note) => {
                    await send("workflow/define", workflow.id, { definition: settingsOf(draft), note });
                  }
                : undefined
            }
            onReset={clear}
          />
        ) : null}
      </div>
    </article>
  );
}

interface PipelineProps {
  start: Draft;
  names: ReadonlyMap<string, string>;
  personas: ReadonlyArray<readonly [string, string]>;
  busy: boolean;
  problem: ReturnType<typeof useCommand>["problem"];
  onSave: ((draft: Draft, note: string | null) => Promise<void>) | undefined;
  onReset: () => void;
}

/** Starts from the version in force; the next one replaces it when the log has it. */
function Pipeline({ start, onSave, onReset, ...rest }: PipelineProps) {
  const [first] = useState(start);
  const [draft, setDraft] = useState(first);
  return (
    <Editor
      draft={draft}
      onChange={setDraft}
      {...rest}
      may={onSave !== undefined}
      save={
        onSave
          ? {
              label: "Save as the next version",
              isChanged: draft !== first,
              onSave: (note) => void onSave(draft, note),
              onReset: () => {
                onReset();
                setDraft(first);
              },
            }
          : undefined
      }
    />
  );
}
