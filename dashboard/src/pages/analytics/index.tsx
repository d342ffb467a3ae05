// Metrics: what each is made of, its figures by group and day, other weights beside those in force.

import { useSearch } from "@tanstack/react-router";
import { CataloguePage } from "@/catalogue/page";
import { Chip } from "@/ui/bits";
import { Field } from "@/ui/form";
import { DefinitionField, definitionOf, type Metric } from "./definition";
import { One } from "./one";
import { BUILT_IN } from "./series";

/** The project's own ones that are in use, then those of the program that none of them stands before. */
export function offered(rows: readonly Metric[]): readonly Metric[] {
  const own = rows.filter((row) => !row.archived).sort((a, b) => a.name.localeCompare(b.name));
  const taken = new Set(own.map((row) => row.name));
  const built = BUILT_IN.filter(([name]) => !taken.has(name)).map(
    ([name, summary]): Metric => ({
      id: name,
      name,
      summary,
      project: "",
      version: 1,
      definitions: [],
      archived: false,
      created_at: "",
      updated_at: "",
    }),
  );
  return [...own, ...built];
}

export default function Analytics() {
  const search = useSearch({ from: "/p/$slug/analytics" });
  return (
    <CataloguePage
      view="metrics"
      title="Analytics"
      right="settings"
      arrange={offered}
      none="No metrics"
      next="Define one."
      item={(row) => ({
        name: row.name,
        mark: row.project ? <Chip tone="info">version {row.version}</Chip> : null,
        below: <span className="line-clamp-2">{row.summary}</span>,
      })}
      making={{
        label: "New metric",
        submit: "Define it",
        fields: (
          <>
            <div className="flex flex-wrap gap-3">
              <Field name="name" label="Name: small letters, digits and -" required autoFocus className="w-64" />
              <Field name="summary" label="What it tells" required className="w-96 max-w-full" />
            </div>
            <DefinitionField />
          </>
        ),
        send: (given, { id, project, send }) =>
          send("metric/define", id, {
            project,
            name: given.text("name"),
            summary: given.text("summary"),
            definition: definitionOf(given),
          }),
      }}
    >
      {(row, opened) => <One key={row.id} metric={row} opened={opened} search={search} />}
    </CataloguePage>
  );
}
