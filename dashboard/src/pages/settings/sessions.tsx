// What each kind of session is set up with.

import { useState } from "react";
import { useCommand } from "@/data/command";
import { useList, useNames } from "@/data/lists";
import { Chip, Section } from "@/ui/bits";
import { Facts } from "@/ui/catalogue";
import { Area, Field, Form, Pick, Ticks } from "@/ui/form";
import { EFFORTS } from "../workflows/words";
import type { Session } from "./rows";

const KINDS: ReadonlyArray<Session["session"]> = ["learning", "merging", "issue", "answering", "evaluating", "judging"];

export function Sessions({ project, may, sessions }: { project: string; may: boolean; sessions: readonly Session[] }) {
  const [editing, setEditing] = useState<Session["session"]>();
  const names = useNames("contexts", "assets");
  return (
    <div className="space-y-4">
      {KINDS.map((kind) => {
        const held = sessions.find((each) => each.session === kind);
        return (
          <Section
            key={kind}
            title={kind}
            aside={
              may && editing !== kind ? (
                <button
                  type="button"
                  className="button h-6"
                  aria-label={`Set up ${kind}`}
                  onClick={() => setEditing(kind)}
                >
                  Set up
                </button>
              ) : null
            }
          >
            <div className="px-3 py-2">
              {editing === kind ? (
                <Edit project={project} kind={kind} held={held} onDone={() => setEditing(undefined)} />
              ) : held ? (
                <Facts
                  facts={[
                    ["Context", held.context ? (names.get(held.context) ?? held.context) : "none"],
                    [
                      "Model",
                      `${held.default_model ?? "the platform’s default"}${held.default_effort ? `, ${held.default_effort} effort` : ""}`,
                    ],
                    [
                      "Before it",
                      held.setup_commands.length > 0 ? (
                        <code key="c">{held.setup_commands.join("\n")}</code>
                      ) : (
                        "nothing"
                      ),
                    ],
                    [
                      "Given",
                      <span key="g" className="flex flex-wrap gap-1">
                        {[...held.skills, ...held.commands, ...held.scripts].map((id) => (
                          <Chip key={id}>{names.get(id) ?? id}</Chip>
                        ))}
                        {held.skills.length + held.commands.length + held.scripts.length === 0 ? "nothing" : null}
                      </span>,
                    ],
                  ]}
                />
              ) : (
                <p className="text-ink-3">As the platform sets it up.</p>
              )}
            </div>
          </Section>
        );
      })}
    </div>
  );
}

function Edit({
  project,
  kind,
  held,
  onDone,
}: {
  project: string;
  kind: Session["session"];
  held: Session | undefined;
  onDone: () => void;
}) {
  const { send, busy, problem } = useCommand();
  const { rows: contexts } = useList("contexts");
  const { rows: assets } = useList("assets");
  const of = (wanted: string) =>
    assets.filter((each) => each.kind === wanted && !each.archived).map((each) => [each.id, each.name] as const);
  return (
    <Form
      label={`Set up ${kind}`}
      busy={busy}
      problem={problem}
      submit="Save"
      onCancel={onDone}
      onSubmit={async (given) => {
        const body = {
          session: kind,
          context: given.maybe("context"),
          default_model: given.maybe("default_model"),
          default_effort: given.maybe("default_effort") as (typeof EFFORTS)[number] | null,
          setup_commands: given.lines("setup_commands"),
          skills: given.all("skills"),
          commands: given.all("commands"),
          scripts: given.all("scripts"),
        };
        if (await send("project/configure-session", project, body)) onDone();
      }}
    >
      <div className="flex flex-wrap gap-3">
        <Pick
          name="context"
          label="Context"
          options={contexts
            .filter((each) => !each.archived)
            .map((each) => [each.id, `${each.name} (${each.session})`] as const)}
          value={held?.context}
          none="none"
        />
        <Field name="default_model" label="Model" value={held?.default_model} placeholder="the platform’s default" />
        <Pick name="default_effort" label="Effort" options={EFFORTS} value={held?.default_effort} none="its default" />
      </div>
      <Area
        name="setup_commands"
        label="Shell commands before it, one a line"
        rows={3}
        mono
        value={held?.setup_commands.join("\n")}
      />
      <Ticks
        name="skills"
        label="Skills"
        options={of("skill")}
        chosen={held?.skills ?? []}
        none="No skills in Assets."
      />
      <Ticks
        name="commands"
        label="Commands"
        options={of("command")}
        chosen={held?.commands ?? []}
        none="No commands in Assets."
      />
      <Ticks
        name="scripts"
        label="Scripts"
        options={of("script")}
        chosen={held?.scripts ?? []}
        none="No scripts in Assets."
      />
    </Form>
  );
}
