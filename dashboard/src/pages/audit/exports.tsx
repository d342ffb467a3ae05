// The log as tables for other programs.

import { useState } from "react";
import { useCommand } from "@/data/command";
import { download } from "@/lib/download";
import { words } from "@/lib/format";
import { ProblemNote, Section } from "@/ui/bits";
import { Field, Form, Pick } from "@/ui/form";

/** As `docs/export.md` has them. */
export const TABLES: ReadonlyArray<readonly [name: string, what: string]> = [
  ["events", "every event with its payload as JSON"],
  ["runs", "a row each as it stands"],
  ["steps", "a row each as it stands"],
  ["messages", "what was said"],
  ["usage", "tokens and costs, call by call"],
  ["verdicts", "what checkers and reviewers said"],
  ["scores", "what evaluators said, by dimension"],
  ["ci_checks", "checks of continuous integration"],
  ["learnings", "a row each as it stands"],
  ["metrics", "what the program measures, a row for each group"],
];
const FORMATS = ["csv", "ndjson", "arrow", "parquet"] as const;

/** The request of a table, and the file's name. */
export function exportOf(table: string, format: string, after: number | null): [path: string, name: string] {
  const query = new URLSearchParams({ format, ...(after === null ? {} : { after: String(after) }) });
  return [`/v1/export/${table}?${query}`, `${table}${after === null ? "" : `-after-${after}`}.${format}`];
}

export function Exports() {
  const { busy, problem, run } = useCommand();
  const [done, setDone] = useState<string>();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4">
      <div className="grid max-w-5xl gap-4 lg:grid-cols-2">
        <Section title="Take a table away">
          <Form
            label="Export"
            className="space-y-3 px-3 py-3"
            busy={busy}
            problem={undefined}
            submit={busy ? "Reading the log…" : "Download"}
            onSubmit={async (given) => {
              const [path, name] = exportOf(given.text("table"), given.text("format"), given.number("after"));
              const taken = await run(() => download(path, name).then(() => name));
              setDone(taken);
            }}
          >
            <div className="flex flex-wrap gap-3">
              <Pick
                name="table"
                label="Table"
                options={TABLES.map(([name]) => [name, words(name)] as const)}
                value="runs"
              />
              <Pick name="format" label="Format" options={FORMATS} value="csv" />
              <Field
                name="after"
                label="Only what is behind position"
                type="number"
                min={0}
                placeholder="the beginning"
                className="w-44"
              />
            </div>
          </Form>
          <div className="px-3 pb-3" role="status">
            {problem ? (
              <ProblemNote problem={problem} />
            ) : done ? (
              <p className="text-accent">{done} is there.</p>
            ) : null}
          </div>
        </Section>
        <Section title="What there is">
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 px-3 py-3">
            {TABLES.map(([name, what]) => (
              <div key={name} className="contents">
                <dt className="font-medium">{words(name)}</dt>
                <dd className="text-ink-2">{what}</dd>
              </div>
            ))}
          </dl>
          <p className="border-t border-line px-3 py-2 text-ink-3">
            Only what you may read. A whole log is better taken by <code>waybill export</code>, which writes partitions,
            increments and a manifest with the signed checkpoint.
          </p>
        </Section>
      </div>
    </div>
  );
}
