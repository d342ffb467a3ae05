// Skills, commands and scripts: their text, their versions, and which of them is in force.

import { useSearch } from "@tanstack/react-router";
import { newId, type ViewRows } from "@waybill";
import { useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { useRights } from "@/app/rights";
import { useCommand } from "@/data/command";
import { type Listed, useList } from "@/data/lists";
import { useView } from "@/data/live";
import { Chip, ProblemNote, Segmented, Time } from "@/ui/bits";
import { Catalogue, Head } from "@/ui/catalogue";
import { Area, Field, Form, Pick } from "@/ui/form";
import { History, type Version } from "@/ui/history";
import { type Content, contentOf, filesText, type Kind, kindOf, textOf } from "./content";

type Asset = Listed<"assets">;
type Row = ViewRows["asset-versions"];
const KINDS: readonly Kind[] = ["skill", "command", "script"];

export default function Assets() {
  const search = useSearch({ from: "/p/$slug/assets" });
  const change = useSearchChange();
  const { rows, project, waiting, problem } = useList("assets");
  const why = useRights(project?.id).why("settings");
  const [creating, setCreating] = useState(false);
  const kind = KINDS.find((each) => each === search.kind);
  const shown = useMemo(() => rows.filter((row) => !kind || row.kind === kind), [rows, kind]);
  const current = shown.find((row) => row.id === search.id) ?? shown[0];
  const open = (id: string) => {
    setCreating(false);
    void change({ id });
  };
  return (
    <Catalogue<Asset>
      title="Assets"
      controls={
        <Segmented
          label="Kind"
          value={kind ?? "all"}
          options={["all", ...KINDS].map((value) => ({ value, label: value === "all" ? "All" : `${value}s` }))}
          onChange={(next) => change({ kind: next === "all" ? undefined : next, id: undefined })}
        />
      }
      rows={shown}
      waiting={waiting}
      problem={problem}
      current={current?.id}
      onOpen={open}
      why={why}
      create="New asset"
      onCreate={() => setCreating(true)}
      creating={creating}
      empty={{
        title: kind ? `No ${kind}s yet` : "No assets yet",
        next: "Skills, commands and scripts are written here in versions. Publish one, and personas can be given it.",
      }}
      item={(row) => (
        <>
          <span className="flex items-center gap-2">
            <span className="truncate font-medium">{row.name}</span>
            {row.archived ? <Chip>archived</Chip> : row.active_version === null ? <Chip tone="warn">draft</Chip> : null}
          </span>
          <span className="block truncate text-xs text-ink-3">
            {row.kind} · {row.active_version === null ? "none in force" : `version ${row.active_version}`} of{" "}
            {row.versions}
          </span>
        </>
      )}
    >
      {creating && project ? (
        <Create project={project.id} kind={kind ?? "skill"} onDone={open} onCancel={() => setCreating(false)} />
      ) : current ? (
        <One key={current.id} asset={current} why={why} tab={search.tab} onTab={(tab) => change({ tab })} />
      ) : null}
    </Catalogue>
  );
}

function Create({
  project,
  kind: first,
  onDone,
  onCancel,
}: {
  project: string;
  kind: Kind;
  onDone: (id: string) => void;
  onCancel: () => void;
}) {
  const { send, busy, problem } = useCommand();
  const [kind, setKind] = useState<Kind>(first);
  return (
    <div className="px-5 py-4">
      <Form
        label="New asset"
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
            content: contentOf(kind, given),
          };
          if (await send("asset/create", id, body)) onDone(id);
        }}
      >
        <div className="flex flex-wrap gap-3">
          <Pick name="kind" label="Kind" options={KINDS} value={kind} onChange={(next) => setKind(next as Kind)} />
          <Field name="name" label="Name" required autoFocus className="w-64" />
        </div>
        <Field name="description" label="What it is good for" />
        <Fields key={kind} kind={kind} />
      </Form>
    </div>
  );
}

function Fields({ kind, held }: { kind: Kind; held?: Content }) {
  if (kind === "skill") {
    const files = held && "skill" in held ? held.skill.files : [{ path: "SKILL.md", content: "" }];
    return (
      <Area
        name="files"
        label="Files, each under a line === path ==="
        rows={16}
        mono
        required
        value={filesText(files)}
      />
    );
  }
  if (kind === "command") {
    const text = held && "command" in held ? held.command.expression : "";
    return <Area name="expression" label="What it expands to" rows={6} mono required value={text} />;
  }
  const script = held && "script" in held ? held.script : undefined;
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <Pick name="language" label="Written in" options={["shell", "python"]} value={script?.language ?? "shell"} />
        <Pick
          name="moment"
          label="Runs"
          options={["before_start", "after_completion", "on_demand"]}
          value={script?.moment ?? "before_start"}
        />
      </div>
      <Area name="source" label="Source" rows={14} mono required value={script?.source} />
    </>
  );
}

function One({
  asset,
  why,
  tab,
  onTab,
}: {
  asset: Asset;
  why: string | undefined;
  tab: string | undefined;
  onTab: (tab: string | undefined) => void;
}) {
  const view = useView("asset-versions", { key: asset.id });
  const all = useMemo(() => [...view.rows.values()].sort((a, b) => a.version - b.version), [view]);
  const latest = all.at(-1);
  const { send, busy, problem } = useCommand();
  const may = why === undefined && !asset.archived;
  const part = tab === "versions" ? "versions" : "text";
  return (
    <article aria-label={asset.name}>
      <Head
        name={asset.name}
        facts={
          <>
            {asset.description_preview ? (
              <span className="basis-full text-ink-2">{asset.description_preview}</span>
            ) : null}
            <Chip>{asset.kind}</Chip>
            {asset.active_version === null ? (
              <Chip tone="warn">nothing in force: publish a version</Chip>
            ) : (
              <span>version {asset.active_version} is in force</span>
            )}
            <Time at={asset.updated_at} />
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
            onClick={() => confirm("Take this asset out of use, for good?") && send("asset/archive", asset.id, {})}
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
              versions={all.map(versionOf)}
              actions={(each) =>
                may ? (
                  <Acts
                    row={all.find((row) => row.version === each.version)}
                    asset={asset.id}
                    send={send}
                    busy={busy}
                  />
                ) : null
              }
            />
          </>
        ) : !latest ? null : may ? (
          <Form
            key={latest.version}
            label="Text"
            busy={busy}
            problem={problem}
            submit="Save as the next version"
            onSubmit={async (given) => {
              await send("asset/add-version", asset.id, {
                content: contentOf(kindOf(latest.content), given),
                note: given.maybe("note"),
              });
            }}
          >
            <p className="text-sm text-ink-3">
              This is version {latest.version}, the last one{latest.published ? "" : ", not published yet"}.
            </p>
            <Fields kind={kindOf(latest.content)} held={latest.content} />
            <Field name="note" label="Why it changes (optional)" />
          </Form>
        ) : (
          <pre className="overflow-x-auto rounded-md border border-line bg-sunk px-3 py-2 whitespace-pre-wrap">
            {textOf(latest.content)}
          </pre>
        )}
      </div>
    </article>
  );
}

function versionOf(row: Row): Version {
  return {
    version: row.version,
    at: row.created_at,
    note: row.withdrawn ? `withdrawn: ${row.withdrawn}` : row.note,
    active: row.active,
    text: textOf(row.content),
    marks: row.active ? null : row.published ? <Chip tone="info">published</Chip> : <Chip>draft</Chip>,
  };
}

interface ActsProps {
  row: Row | undefined;
  asset: string;
  send: ReturnType<typeof useCommand>["send"];
  busy: boolean;
}

function Acts({ row, asset, send, busy }: ActsProps) {
  if (!row || row.active) return null;
  const { version } = row;
  if (!row.published) {
    return (
      <button
        type="button"
        className="button primary"
        disabled={busy}
        onClick={() => send("asset/publish", asset, { version })}
      >
        Publish version {version}
      </button>
    );
  }
  const withdraw = () => {
    const reason = prompt("Why is its publication taken back?");
    if (reason) void send("asset/withdraw", asset, { version, reason });
  };
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={busy}
        onClick={() => send("asset/activate", asset, { version })}
      >
        Put version {version} in force
      </button>
      <button type="button" className="button danger" disabled={busy} onClick={withdraw}>
        Withdraw
      </button>
    </>
  );
}
