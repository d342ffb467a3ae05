// What agents of each role read: learnings that were approved, compiled, version by version, and which is in force.

import type { CommandBodies } from "@waybill";
import { type ReactNode, useMemo } from "react";
import { CataloguePage, type Opened } from "@/catalogue/page";
import { useCommand } from "@/data/command";
import { type Listed, useList } from "@/data/lists";
import { useView } from "@/data/live";
import { counted, words } from "@/lib/format";
import { Chip, ProblemNote, Section, Ticked, Time } from "@/ui/bits";
import { Head } from "@/ui/catalogue";
import { Field, Form, Pick } from "@/ui/form";
import { History, type Version } from "@/ui/history";
import { ROLES } from "../workflows/words";

type Document = Listed<"learning-documents">;
type Compile = CommandBodies["learning-document/compile"];

/** What the next version includes: what the last one does and is still approved, and what is approved since. */
export function included(document: Document, standing: ReadonlyMap<string, string>): string[] {
  const ids = [...document.latest_learnings, ...document.missing];
  // One of another project applies everywhere, and is not among this project's: the server knows how it stands.
  return ids.filter((id) => (standing.get(id) ?? "approved") === "approved");
}

export function Documents({ controls }: { controls: ReactNode }) {
  const { rows } = useList("learning-documents");
  const roles = useMemo(() => ROLES.filter((role) => !rows.some((row) => row.role === role)), [rows]);
  return (
    <CataloguePage
      view="learning-documents"
      title="Learnings"
      controls={controls}
      right="settings"
      arrange={(all) => all.toSorted((a, b) => a.role.localeCompare(b.role))}
      none="No role has a document yet"
      next="Agents read the learnings that are approved as one document for their role. Open the first; each version of it is kept."
      item={(row) => ({
        name: words(row.role),
        mark: row.missing.length > 0 ? <Chip tone="warn">{row.missing.length} new</Chip> : null,
        below: row.active_version === null ? "no version yet" : `version ${row.active_version} in force`,
      })}
      making={{
        label: "New document",
        submit: "Open it",
        fields: <Pick name="role" label="Of the role" options={roles} value={roles[0]} />,
        send: (given, { id, project, send }) =>
          send("learning-document/open", id, { project, role: given.text("role") as Document["role"] }),
      }}
    >
      {(row, opened) => <One key={row.id} document={row} opened={opened} />}
    </CataloguePage>
  );
}

function One({ document, opened }: { document: Document; opened: Opened }) {
  const view = useView("learning-versions", { key: document.id });
  const all = useMemo(() => [...view.rows.values()], [view]);
  const { send, busy, problem } = useCommand();
  const may = opened.why === undefined;
  const versions: Version[] = all.map((each) => ({
    version: each.version,
    at: each.created_at,
    note: each.note,
    active: each.active,
    text: each.markdown,
    marks: <Chip>{counted(each.learnings.length, "learning")}</Chip>,
  }));
  return (
    <article aria-label={`Document of the ${words(document.role)}`}>
      <Head
        name={`What every ${words(document.role)} reads`}
        facts={
          <>
            <Chip tone={document.active_version === null ? "warn" : "good"}>
              {document.active_version === null ? "nothing yet" : `version ${document.active_version} in force`}
            </Chip>
            <span>{counted(document.latest_learnings.length, "learning")} in the latest</span>
            {document.left_out.length > 0 ? <span>{document.left_out.length} left out</span> : null}
            <Time at={document.updated_at} />
          </>
        }
      />
      <div className="space-y-4 px-5 py-4">
        {may ? <Next document={document} latest={all.find((each) => each.version === document.versions)} /> : null}
        {problem ? <ProblemNote problem={problem} /> : null}
        <History
          versions={versions}
          actions={({ version, active }) =>
            may && !active ? (
              <button
                type="button"
                className="button"
                disabled={busy}
                onClick={() => send("learning-document/activate", document.id, { version })}
              >
                Put version {version} in force
              </button>
            ) : null
          }
        />
      </div>
    </article>
  );
}

/** Compiles the next version, where there is something to compile. */
function Next({ document, latest }: { document: Document; latest: { left_out: Compile["leaves_out"] } | undefined }) {
  const own = useView("learnings", { params: { project: document.project } });
  const { send, busy, problem } = useCommand();
  const [missing, learnings] = useMemo(() => {
    const standing = new Map([...own.rows].map(([id, row]) => [id, row.status]));
    return [
      document.missing.map((id) => ({ id, text: own.rows.get(id)?.description ?? "one of another project" })),
      included(document, standing),
    ];
  }, [own, document]);
  const retired = learnings.length < document.latest_learnings.length + document.missing.length;
  if (missing.length === 0 && !retired) return null;
  return (
    <Section title="The next version takes in">
      <ul className="list-disc space-y-1 px-8 pt-3">
        {missing.map(({ id, text }) => (
          <li key={id}>
            <Ticked text={text} />
          </li>
        ))}
        {retired ? <li className="text-ink-2">without those that are approved no more</li> : null}
      </ul>
      <Form
        label="Compile the next version"
        className="space-y-3 px-3 py-3"
        busy={busy}
        problem={problem}
        submit="Compile and put in force"
        resets
        onSubmit={async (given) => {
          const body: Compile = { learnings, leaves_out: latest?.left_out ?? null, note: given.maybe("note") };
          return (await send("learning-document/compile", document.id, body)) !== undefined;
        }}
      >
        <Field name="note" label="Why (optional)" className="max-w-xl" />
      </Form>
    </Section>
  );
}
