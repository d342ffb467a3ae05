// The metric that is open: its figures, its definition, and both under other weights.

import { newId, WaybillError } from "@waybill";
import { useEffect, useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { client } from "@/app/session";
import { useProject } from "@/app/shell";
import type { Opened } from "@/catalogue/page";
import { NextVersion, Versioned } from "@/catalogue/versioned";
import { useCommand } from "@/data/command";
import { useNames } from "@/data/lists";
import { useAt, useStatus } from "@/data/live";
import { outline } from "@/lib/diff";
import { count, shortId, words } from "@/lib/format";
import { Chip, ProblemNote, Segmented, Time } from "@/ui/bits";
import { DefinitionField, definitionOf, type Metric } from "./definition";
import { ByDay, Groups, type Naming } from "./figures";
import { type Definition, DIMENSIONS, type Dimension, type Question } from "./series";
import { useSeries } from "./use-series";
import { Against, type Versus } from "./weights";

export interface AnalyticsSearch {
  by?: string;
  period?: string;
  weights?: string;
  old?: string;
  new?: string;
}

/** Ids of groups as names. */
function useNaming(by: Dimension): Naming {
  const names = useNames("personas", "workflows");
  const { all, project } = useProject();
  return useMemo(() => {
    const projects = new Map(all.map((each) => [each.id, each.name]));
    return (group) => {
      if (by === "whole" || by === "day") return group && by === "day" ? group : (project?.name ?? "all");
      if (group === null) return "unknown";
      return names.get(group) ?? projects.get(group) ?? (/^[0-9A-Z]{26}$/.test(group) ? shortId(group) : group);
    };
  }, [by, names, all, project]);
}

interface Props {
  metric: Metric;
  opened: Opened;
  search: AnalyticsSearch;
}

export function One({ metric, opened, search }: Props) {
  const commanding = useCommand();
  const { send } = commanding;
  const own = metric.project !== "";
  const may = opened.why === undefined;
  const current = metric.definitions.at(-1);
  return (
    <Versioned
      word="metric"
      name={metric.name}
      facts={
        <>
          <span className="basis-full text-ink-2">{metric.summary}</span>
          {own ? <Chip tone="info">version {metric.version}</Chip> : <Chip>comes with the program</Chip>}
          {own ? <Time at={metric.updated_at} /> : null}
        </>
      }
      opened={opened}
      may={may && own}
      commanding={commanding}
      onArchive={() => send("metric/archive", metric.id, {})}
      part="Figures"
      versions={metric.definitions.map((definition, at) => ({
        version: at + 1,
        at: at === 0 ? metric.created_at : at === metric.definitions.length - 1 ? metric.updated_at : null,
        note: null,
        active: at === metric.definitions.length - 1,
        text: outline(definition, new Map()),
      }))}
    >
      <Figures metric={metric} opened={opened} search={search} may={may} />
      {own && current ? (
        <details className="panel">
          <summary className="px-3 py-2 font-medium">Its definition</summary>
          <div className="border-t border-line px-3 py-3">
            <NextVersion
              key={metric.version}
              label="Definition"
              may={may}
              commanding={commanding}
              text={outline(current, new Map())}
              onSave={(given, note) => send("metric/revise", metric.id, { definition: definitionOf(given), note })}
            >
              <DefinitionField held={current} />
            </NextVersion>
          </div>
        </details>
      ) : null}
    </Versioned>
  );
}

const PERIODS = [
  { value: "all", label: "All" },
  { value: "quarter", label: "90 days" },
  { value: "month", label: "30 days" },
  { value: "week", label: "7 days" },
];

function Figures({ metric, opened, search, may }: Props & { may: boolean }) {
  const change = useSearchChange();
  const at = useAt();
  const by = DIMENSIONS.find((each) => each === search.by) ?? "model";
  const [turn, setTurn] = useState(0);
  const until = at !== undefined && !/^\d+$/.test(at) ? at : undefined;
  const question: Question = { metric: metric.name, project: opened.project, by, period: search.period, until };
  const whole = useSeries(question, turn);
  const daily = useSeries({ ...question, daily: true }, turn);
  const naming = useNaming(by);
  const refused = whole.error ?? daily.error;
  const chosen = search.weights !== undefined || search.old !== undefined;
  const versus: Versus = { weights: search.weights, old: search.old, new: search.new };
  const against = whole.data ? (
    <Against
      metric={metric}
      question={question}
      turn={turn}
      held={whole.data}
      versus={versus}
      naming={naming}
      onChange={(next) => change(next)}
      onRecord={may ? (definition, note) => record(metric, opened.project, definition, note) : undefined}
    />
  ) : null;
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center gap-2">
        <Segmented<Dimension>
          label="Told apart by"
          value={by}
          options={DIMENSIONS.map((value) => ({ value, label: words(value) }))}
          onChange={(next) => change({ by: next === "model" ? undefined : next })}
        />
        <Segmented
          label="Period"
          value={search.period ?? "all"}
          options={PERIODS}
          onChange={(next) => change({ period: next === "all" ? undefined : next })}
        />
        <Freshness position={whole.data?.position ?? null} onAnew={() => setTurn(turn + 1)} />
      </div>
      {at !== undefined && until === undefined ? (
        <p className="rounded bg-sunk px-3 py-2 text-ink-2">
          Metrics are asked for up to a time, not a position: these are of the whole log.
        </p>
      ) : null}
      {refused instanceof WaybillError ? <ProblemNote problem={refused.problem} /> : null}
      {whole.data && daily.data ? (
        <>
          {chosen ? against : null}
          <ByDay rows={daily.data.rows} by={by} definition={daily.data.definition} naming={naming} />
          <Groups rows={whole.data.rows} by={by} definition={whole.data.definition} naming={naming} />
          {chosen ? null : against}
        </>
      ) : null}
    </div>
  );
}

/** As the next version of the project's own; of one that comes with the program, as the project's own first. */
function record(metric: Metric, project: string, definition: Definition, note: string | null) {
  const { http } = client();
  if (metric.project) return http.command("metric/revise", metric.id, { definition, note });
  const { name, summary } = metric;
  return http.command("metric/define", newId(), { project, name, summary, definition });
}

/** Up to which event the figures are made, and how to make them of the log as it is now. */
function Freshness({ position, onAnew }: { position: number | null; onAnew: () => void }) {
  const { head } = useStatus();
  const [behind, setBehind] = useState(0);
  useEffect(() => setBehind(head !== null && position !== null ? head - position : 0), [head, position]);
  return (
    <p className="ml-auto flex items-center gap-2 text-sm text-ink-3" role="status">
      {position === null ? "" : `made of the log up to ${count(position)}`}
      {behind > 0 ? (
        <button type="button" className="button h-6" onClick={onAnew}>
          {count(behind)} further: make anew
        </button>
      ) : null}
    </p>
  );
}
