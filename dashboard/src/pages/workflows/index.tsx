// Workflows: what each does, the editor of its pipeline, and its versions.

import { Link, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { CataloguePage, type Opened } from "@/catalogue/page";
import { configured, Versioned } from "@/catalogue/versioned";
import { useCommand } from "@/data/command";
import { type Listed, useList, useNames } from "@/data/lists";
import { useView } from "@/data/live";
import { counted, words } from "@/lib/format";
import { Chip, Time } from "@/ui/bits";
import { Field, Form } from "@/ui/form";
import { Editor } from "./editor";
import { type Draft, draftOf, emptyDraft, settingsOf } from "./pipeline";

type Workflow = Listed<"workflows">;
type Definition = ReturnType<typeof settingsOf>;

const inUseFirst = (rows: readonly Workflow[]) => rows.toSorted((a, b) => Number(a.archived) - Number(b.archived));

export default function Workflows() {
  return (
    <CataloguePage
      view="workflows"
      title="Workflows"
      right="work"
      arrange={inUseFirst}
      none="No workflows yet"
      next="A workflow says which agents work one after the other, and which of them go round in a loop. Make one, then ask for a run that follows it."
      item={(row) => ({
        name: row.name,
        mark: row.archived ? <Chip>archived</Chip> : null,
        below: `${words(row.workflow_type)} · ${counted(row.steps.length, "step")} · ${counted(row.runs, "run")}`,
      })}
      making={{
        label: "New workflow",
        submit: "Make it",
        fields: <NewFields />,
        send: (given, { id, project, send }) =>
          send("workflow/create", id, {
            project,
            name: given.text("name"),
            description: given.text("description"),
            definition: JSON.parse(given.text("definition")) as Definition,
          }),
      }}
    >
      {(row, opened) => <One key={row.id} workflow={row} opened={opened} />}
    </CataloguePage>
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

function NewFields() {
  const [draft, setDraft] = useState(emptyDraft);
  const names = useNames("personas");
  const personas = usePersonas();
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <Field name="name" label="Name" required autoFocus className="w-64" />
        <Field name="description" label="What it is good for" className="w-96 max-w-full" />
      </div>
      <input type="hidden" name="definition" value={JSON.stringify(settingsOf(draft))} />
      <Editor
        draft={draft}
        onChange={setDraft}
        names={names}
        personas={personas}
        busy={false}
        problem={undefined}
        may
      />
    </>
  );
}

function One({ workflow, opened }: { workflow: Workflow; opened: Opened }) {
  const { slug } = useParams({ from: "/p/$slug/workflows" });
  const versions = useView("workflow-versions", { key: workflow.id });
  const all = useMemo(() => [...versions.rows.values()], [versions]);
  const current = all.find((each) => each.current);
  const names = useNames("personas");
  const personas = usePersonas();
  const commanding = useCommand();
  const { send, busy, problem, clear } = commanding;
  const [renaming, setRenaming] = useState(false);
  const may = opened.why === undefined && !workflow.archived;
  return (
    <Versioned
      word="workflow"
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
      opened={opened}
      may={may}
      commanding={commanding}
      onArchive={() => send("workflow/archive", workflow.id, {})}
      acts={
        <button type="button" className="button" onClick={() => setRenaming(!renaming)}>
          Rename
        </button>
      }
      part="Pipeline"
      versions={configured(all, names)}
    >
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
      {current ? (
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
    </Versioned>
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
