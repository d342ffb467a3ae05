// Personas: what each agent is set up with, and every version of that.

import type { CommandBodies, ViewRows } from "@waybill";
import { useMemo, useState } from "react";
import { CataloguePage, type Opened } from "@/catalogue/page";
import { configured, NextVersion, Versioned } from "@/catalogue/versioned";
import { useCommand } from "@/data/command";
import { type Listed, useList, useNames } from "@/data/lists";
import { useView } from "@/data/live";
import { outline } from "@/lib/diff";
import { words } from "@/lib/format";
import { Chip, Time } from "@/ui/bits";
import { Area, Field, type Given, Pick, Tick, Ticks } from "@/ui/form";
import { EFFORTS, PERSONA_TYPES } from "../workflows/words";
import { servers, serverText } from "./servers";

type Persona = Listed<"personas">;
type Configuration = ViewRows["persona-versions"]["content"];
type Settings = CommandBodies["persona/configure"]["configuration"];

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
  return (
    <CataloguePage
      view="personas"
      title="Personas"
      right="settings"
      none="No personas yet"
      next="A persona is an agent with its instructions, model, tools and limits. Make one, then build a persona pipeline from it in Workflows."
      item={(row) => ({
        name: row.name,
        mark: row.status === "enabled" ? null : <Chip>{row.status}</Chip>,
        below: `${words(row.persona_type)} · ${row.model ?? "model of the workflow"} · version ${row.version}`,
      })}
      making={{
        label: "New persona",
        submit: "Make it",
        fields: (
          <>
            <Field name="name" label="Name" required autoFocus />
            <Fields />
          </>
        ),
        send: (given, { id, project, send }) =>
          send("persona/create", id, { project, name: given.text("name"), configuration: settingsOf(given) }),
      }}
    >
      {(row, opened) => <One key={row.id} persona={row} opened={opened} />}
    </CataloguePage>
  );
}

function One({ persona, opened }: { persona: Persona; opened: Opened }) {
  const versions = useView("persona-versions", { key: persona.id });
  const all = useMemo(() => [...versions.rows.values()], [versions]);
  const current = all.find((each) => each.current);
  const names = useNames("contexts", "assets");
  const commanding = useCommand();
  const { send, busy } = commanding;
  const may = opened.why === undefined && persona.status !== "archived";
  const enabled = persona.status === "enabled";
  return (
    <Versioned
      word="persona"
      name={persona.name}
      facts={
        <>
          <Chip>{words(persona.persona_type)}</Chip>
          <Chip tone={enabled ? "good" : "quiet"}>{persona.status}</Chip>
          <span>version {persona.version}</span>
          <Time at={persona.updated_at} />
        </>
      }
      opened={opened}
      may={may}
      commanding={commanding}
      onArchive={() => send("persona/archive", persona.id, {})}
      acts={
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => send(enabled ? "persona/disable" : "persona/enable", persona.id, {})}
        >
          {enabled ? "Disable" : "Enable"}
        </button>
      }
      part="Configuration"
      versions={configured(all, names)}
    >
      {current ? (
        <NextVersion
          key={current.version}
          label="Configuration"
          may={may}
          commanding={commanding}
          text={outline(current.content, names)}
          onSave={(given, note) => send("persona/configure", persona.id, { configuration: settingsOf(given), note })}
        >
          <Fields held={current.content} />
        </NextVersion>
      ) : null}
    </Versioned>
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
        <Pick name="persona_type" label="What it is for" options={PERSONA_TYPES} value={type} onChange={setType} />
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
