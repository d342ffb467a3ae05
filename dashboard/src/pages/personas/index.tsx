// Personas: what each agent is set up with, and every version of that.

import { useSearch } from "@tanstack/react-router";
import { type CommandBodies, newId, type ViewRows } from "@waybill";
import { useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { useRights } from "@/app/rights";
import { useCommand } from "@/data/command";
import { type Listed, useList, useNames } from "@/data/lists";
import { useView } from "@/data/live";
import { outline } from "@/lib/diff";
import { words } from "@/lib/format";
import { Chip, Segmented, Time } from "@/ui/bits";
import { Catalogue, Head } from "@/ui/catalogue";
import { Area, Field, Form, type Given, Pick, Tick, Ticks } from "@/ui/form";
import { History } from "@/ui/history";
import { EFFORTS } from "../workflows/words";
import { servers, serverText } from "./servers";

type Persona = Listed<"personas">;
type Configuration = ViewRows["persona-versions"]["content"];
type Settings = CommandBodies["persona/configure"]["configuration"];

const TYPES: ReadonlyArray<Settings["persona_type"]> = [
  "designer",
  "checker",
  "reviewer",
  "optimizer",
  "prompter",
  "investigator",
  "deep-dive",
  "planner",
  "evaluator",
  "judge",
  "answerer",
  "custom",
];

/** The form's fields as the command wants them. */
export function settingsOf(given: Given): Settings {
  const type = given.text("persona_type") as Settings["persona_type"];
  return {
    persona_type: type,
    instructions: given.text("instructions"),
    model: given.maybe("model"),
    cli_tool: given.maybe("cli_tool"),
    thinking_effort: given.maybe("thinking_effort") as Settings["thinking_effort"] & string,
    context: given.maybe("context"),
    quality_threshold: type === "evaluator" ? given.number("quality_threshold") : null,
    sandboxed: given.on("sandboxed"),
    learnings: given.on("learnings"),
    allowed_tools: given.lines("allowed_tools"),
    mcp_servers: servers(given.text("mcp_servers")),
    skills: given.all("skills"),
    commands: given.all("commands"),
    scripts: given.all("scripts"),
  };
}

export default function Personas() {
  const search = useSearch({ from: "/p/$slug/personas" });
  const change = useSearchChange();
  const { rows, project, waiting, problem } = useList("personas");
  const why = useRights(project?.id).why("settings");
  const [creating, setCreating] = useState(false);
  const command = useCommand();
  const current = rows.find((row) => row.id === search.id) ?? rows[0];
  const open = (id: string) => {
    setCreating(false);
    void change({ id });
  };
  return (
    <Catalogue<Persona>
      title="Personas"
      rows={rows}
      waiting={waiting}
      problem={problem}
      current={current?.id}
      onOpen={open}
      why={why}
      create="New persona"
      onCreate={() => setCreating(true)}
      creating={creating}
      empty={{
        title: "No personas yet",
        next: "A persona is an agent with its instructions, model, tools and limits. Make one, then build a persona pipeline from it in Workflows.",
      }}
      item={(row) => (
        <>
          <span className="flex items-center gap-2">
            <span className="truncate font-medium">{row.name}</span>
            {row.status === "enabled" ? null : <Chip>{row.status}</Chip>}
          </span>
          <span className="block truncate text-xs text-ink-3">
            {words(row.persona_type)} · {row.model ?? "model of the workflow"} · version {row.version}
          </span>
        </>
      )}
    >
      {creating && project ? (
        <div className="px-5 py-4">
          <Form
            label="New persona"
            busy={command.busy}
            problem={command.problem}
            submit="Make it"
            onCancel={() => setCreating(false)}
            onSubmit={async (given) => {
              const id = newId();
              const body = { project: project.id, name: given.text("name"), configuration: settingsOf(given) };
              if (await command.send("persona/create", id, body)) open(id);
            }}
          >
            <Field name="name" label="Name" required autoFocus />
            <Fields />
          </Form>
        </div>
      ) : current ? (
        <One key={current.id} persona={current} why={why} tab={search.tab} onTab={(tab) => change({ tab })} />
      ) : null}
    </Catalogue>
  );
}

function One({
  persona,
  why,
  tab,
  onTab,
}: {
  persona: Persona;
  why: string | undefined;
  tab: string | undefined;
  onTab: (tab: string | undefined) => void;
}) {
  const versions = useView("persona-versions", { key: persona.id });
  const all = useMemo(() => [...versions.rows.values()], [versions]);
  const current = all.find((each) => each.current);
  const names = useNames("contexts", "assets");
  const { send, busy, problem } = useCommand();
  const may = why === undefined && persona.status !== "archived";
  const part = tab === "versions" ? "versions" : "configuration";
  return (
    <article aria-label={persona.name}>
      <Head
        name={persona.name}
        facts={
          <>
            <Chip>{words(persona.persona_type)}</Chip>
            <Chip tone={persona.status === "enabled" ? "good" : "quiet"}>{persona.status}</Chip>
            <span>version {persona.version}</span>
            <Time at={persona.updated_at} />
          </>
        }
      >
        <Segmented
          label="Part"
          value={part}
          options={[
            { value: "configuration", label: "Configuration" },
            { value: "versions", label: `Versions ${all.length}` },
          ]}
          onChange={(next) => onTab(next === "configuration" ? undefined : next)}
        />
        {may ? (
          <>
            <button
              type="button"
              className="button"
              disabled={busy}
              onClick={() => send(persona.status === "enabled" ? "persona/disable" : "persona/enable", persona.id, {})}
            >
              {persona.status === "enabled" ? "Disable" : "Enable"}
            </button>
            <button
              type="button"
              className="button danger"
              disabled={busy}
              onClick={() =>
                confirm("Take this persona out of use, for good?") && send("persona/archive", persona.id, {})
              }
            >
              Archive
            </button>
          </>
        ) : null}
      </Head>
      <div className="px-5 py-4">
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
        ) : !current ? null : may ? (
          <Form
            key={current.version}
            label="Configuration"
            busy={busy}
            problem={problem}
            submit="Save as the next version"
            onSubmit={async (given) => {
              await send("persona/configure", persona.id, {
                configuration: settingsOf(given),
                note: given.maybe("note"),
              });
            }}
          >
            <Fields held={current.content} />
            <Field name="note" label="Why it changes (optional)" />
          </Form>
        ) : (
          <pre className="overflow-x-auto rounded-md border border-line bg-sunk px-3 py-2 whitespace-pre-wrap">
            {outline(current.content, names)}
          </pre>
        )}
      </div>
    </article>
  );
}

function Fields({ held }: { held?: Configuration }) {
  const { rows: contexts } = useList("contexts");
  const { rows: assets } = useList("assets");
  const [type, setType] = useState<string>(held?.persona_type ?? "designer");
  const of = (kind: string, chosen: readonly string[] = []) =>
    assets
      .filter((asset) => asset.kind === kind && (!asset.archived || chosen.includes(asset.id)))
      .map((asset) => [asset.id, asset.name] as const);
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        <Pick name="persona_type" label="What it is for" options={TYPES} value={type} onChange={setType} />
        <Field name="model" label="Model" value={held?.model} placeholder="that of the workflow" />
        <Field name="cli_tool" label="Agent’s program" value={held?.cli_tool} placeholder="that of the workflow" />
        <Pick
          name="thinking_effort"
          label="Effort"
          options={EFFORTS}
          value={held?.thinking_effort}
          none="as the workflow"
        />
        <Pick
          name="context"
          label="Works under the context"
          options={contexts
            .filter((each) => !each.archived || each.id === held?.context)
            .map((each) => [each.id, each.name] as const)}
          value={held?.context}
          none="none"
        />
        {type === "evaluator" ? (
          <Field
            name="quality_threshold"
            label="Composite that its scores must reach"
            type="number"
            step="0.01"
            value={held?.quality_threshold}
          />
        ) : null}
      </div>
      <Area name="instructions" label="What its system prompt says besides" rows={8} value={held?.instructions} />
      <div className="flex flex-wrap gap-x-6 gap-y-1">
        <Tick name="sandboxed" label="works in a sandbox" on={held?.sandboxed ?? true} />
        <Tick name="learnings" label="is told the project’s learnings" on={held?.learnings ?? true} />
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <Area
          name="allowed_tools"
          label="Tools it may use, one a line; all where empty"
          rows={3}
          mono
          value={held?.allowed_tools.join("\n")}
        />
        <Area
          name="mcp_servers"
          label="Tool servers, one a line: name = command or URL [VARIABLES]"
          rows={3}
          mono
          value={held?.mcp_servers.map(serverText).join("\n")}
        />
      </div>
      <Ticks
        name="skills"
        label="Skills"
        options={of("skill", held?.skills)}
        chosen={held?.skills ?? []}
        none="No skills in Assets."
      />
      <Ticks
        name="commands"
        label="Commands"
        options={of("command", held?.commands)}
        chosen={held?.commands ?? []}
        none="No commands in Assets."
      />
      <Ticks
        name="scripts"
        label="Scripts"
        options={of("script", held?.scripts)}
        chosen={held?.scripts ?? []}
        none="No scripts in Assets."
      />
    </>
  );
}
