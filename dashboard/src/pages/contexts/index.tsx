// Contexts: what sessions of a kind are told, with every version and the one in force.

import type { CommandBodies } from "@waybill";
import { useMemo } from "react";
import { CataloguePage, type Opened } from "@/catalogue/page";
import { NextVersion, Versioned } from "@/catalogue/versioned";
import { useCommand } from "@/data/command";
import type { Listed } from "@/data/lists";
import { useView } from "@/data/live";
import { Chip, Time } from "@/ui/bits";
import { Area, Field, Pick } from "@/ui/form";

type Context = Listed<"contexts">;
type Session = CommandBodies["context/create"]["session"];
const SESSIONS: readonly Session[] = ["learning", "merging", "issue", "answering", "evaluating", "judging"];

export default function Contexts() {
  return (
    <CataloguePage
      view="contexts"
      title="Contexts"
      right="settings"
      none="No contexts yet"
      next="A context is the system prompt and the CLAUDE.md of one kind of session. Make one, then choose it in a persona or in Settings."
      item={(row) => ({
        name: row.name,
        mark: row.archived ? <Chip>archived</Chip> : null,
        below: `${row.session} · version ${row.active_version} of ${row.versions}`,
      })}
      making={{
        label: "New context",
        submit: "Make it",
        fields: (
          <>
            <div className="flex flex-wrap gap-3">
              <Field name="name" label="Name" required autoFocus className="w-72" />
              <Pick name="session" label="For sessions of" options={SESSIONS} value="issue" />
            </div>
            <Texts />
          </>
        ),
        send: (given, { id, project, send }) =>
          send("context/create", id, {
            project,
            name: given.text("name"),
            session: given.text("session") as Session,
            system_prompt: given.text("system_prompt"),
            claude_md: given.text("claude_md"),
          }),
      }}
    >
      {(row, opened) => <One key={row.id} context={row} opened={opened} />}
    </CataloguePage>
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

function One({ context, opened }: { context: Context; opened: Opened }) {
  const view = useView("context-history", { key: context.id });
  const all = useMemo(() => [...view.rows.values()], [view]);
  const current = all.find((each) => each.active);
  const commanding = useCommand();
  const { send, busy } = commanding;
  const may = opened.why === undefined && !context.archived;
  return (
    <Versioned
      word="context"
      name={context.name}
      facts={
        <>
          <Chip>{context.session}</Chip>
          <span>version {context.active_version} is in force</span>
          <Time at={context.updated_at} />
        </>
      }
      opened={opened}
      may={may}
      commanding={commanding}
      onArchive={() => send("context/archive", context.id, {})}
      part="Text"
      versions={all.map((each) => ({
        version: each.version,
        at: each.created_at,
        note: each.note,
        active: each.active,
        text: joined(each.system_prompt, each.claude_md),
      }))}
      versionActs={(each) =>
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
    >
      {current ? (
        <NextVersion
          key={current.version}
          label="Text"
          may={may}
          commanding={commanding}
          text={joined(current.system_prompt, current.claude_md)}
          onSave={(given, note) =>
            send("context/update", context.id, {
              system_prompt: given.text("system_prompt"),
              claude_md: given.text("claude_md"),
              note,
            })
          }
        >
          <Texts system={current.system_prompt} claude={current.claude_md} />
        </NextVersion>
      ) : null}
    </Versioned>
  );
}
