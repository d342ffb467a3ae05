// Skills, commands and scripts: their text, their versions, and which of them is in force.

import { useSearch } from "@tanstack/react-router";
import type { ViewRows } from "@waybill";
import { useCallback, useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { CataloguePage, type Opened } from "@/catalogue/page";
import { NextVersion, Versioned } from "@/catalogue/versioned";
import { type Commanding, useCommand } from "@/data/command";
import type { Listed } from "@/data/lists";
import { useView } from "@/data/live";
import { written } from "@/ui/ask";
import { Chip, Segmented, Time } from "@/ui/bits";
import { Area, Field, Pick } from "@/ui/form";
import type { Version } from "@/ui/history";
import { type Content, contentOf, filesText, type Kind, kindOf, textOf } from "./content";

type Asset = Listed<"assets">;
type Row = ViewRows["asset-versions"];
const KINDS: readonly Kind[] = ["skill", "command", "script"];

export default function Assets() {
  const search = useSearch({ from: "/p/$slug/assets" });
  const change = useSearchChange();
  const kind = KINDS.find((each) => each === search.kind);
  const arrange = useCallback(
    (rows: readonly Asset[]) => rows.filter((row) => kind === undefined || row.kind === kind),
    [kind],
  );
  return (
    <CataloguePage
      view="assets"
      title="Assets"
      controls={
        <Segmented
          label="Kind"
          value={kind ?? "all"}
          options={["all", ...KINDS].map((value) => ({ value, label: value === "all" ? "All" : `${value}s` }))}
          onChange={(next) => change({ kind: next === "all" ? undefined : next, id: undefined })}
        />
      }
      right="settings"
      arrange={arrange}
      none={kind ? `No ${kind}s yet` : "No assets yet"}
      next="Skills, commands and scripts are written here in versions. Publish one, and personas can be given it."
      item={(row) => ({
        name: row.name,
        mark: row.archived ? (
          <Chip>archived</Chip>
        ) : row.active_version === null ? (
          <Chip tone="warn">draft</Chip>
        ) : null,
        below: `${row.kind} · ${row.active_version === null ? "none in force" : `version ${row.active_version}`} of ${row.versions}`,
      })}
      making={{
        label: "New asset",
        submit: "Make it",
        fields: <NewFields first={kind ?? "skill"} />,
        send: (given, { id, project, send }) =>
          send("asset/create", id, {
            project,
            name: given.text("name"),
            description: given.text("description"),
            content: contentOf(given.text("kind") as Kind, given),
          }),
      }}
    >
      {(row, opened) => <One key={row.id} asset={row} opened={opened} />}
    </CataloguePage>
  );
}

function NewFields({ first }: { first: Kind }) {
  const [kind, setKind] = useState<Kind>(first);
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <Pick name="kind" label="Kind" options={KINDS} value={kind} onChange={(next) => setKind(next as Kind)} />
        <Field name="name" label="Name" required autoFocus className="w-64" />
      </div>
      <Field name="description" label="What it is good for" />
      <Fields key={kind} kind={kind} />
    </>
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

function One({ asset, opened }: { asset: Asset; opened: Opened }) {
  const view = useView("asset-versions", { key: asset.id });
  const all = useMemo(() => [...view.rows.values()].sort((a, b) => a.version - b.version), [view]);
  const latest = all.at(-1);
  const commanding = useCommand();
  const { send, busy } = commanding;
  const may = opened.why === undefined && !asset.archived;
  return (
    <Versioned
      word="asset"
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
      opened={opened}
      may={may}
      commanding={commanding}
      onArchive={() => send("asset/archive", asset.id, {})}
      part="Text"
      versions={all.map(versionOf)}
      versionActs={(each) =>
        may ? (
          <Acts row={all.find((row) => row.version === each.version)} asset={asset.id} send={send} busy={busy} />
        ) : null
      }
    >
      {latest ? (
        <NextVersion
          key={latest.version}
          label="Text"
          may={may}
          commanding={commanding}
          text={textOf(latest.content)}
          onSave={(given, note) =>
            send("asset/add-version", asset.id, { content: contentOf(kindOf(latest.content), given), note })
          }
        >
          <p className="text-sm text-ink-3">
            This is version {latest.version}, the last one{latest.published ? "" : ", not published yet"}.
          </p>
          <Fields kind={kindOf(latest.content)} held={latest.content} />
        </NextVersion>
      ) : null}
    </Versioned>
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
  send: Commanding["send"];
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
  const withdraw = async () => {
    const title = `Take back the publication of version ${version}?`;
    const reason = await written({ title, act: "Withdraw", line: "Why" });
    if (reason) await send("asset/withdraw", asset, { version, reason });
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
