// A metric's definition as a field of a form.

import type { Listed } from "@/data/lists";
import { Area, type Given } from "@/ui/form";
import type { Definition } from "./series";

export type Metric = Listed<"metrics">;

/** Where a new one begins: what the page offers to change. */
const SAMPLE: Definition = {
  source: "verdicts",
  filters: [],
  group_by: ["model"],
  aggregation: "rate",
  field: null,
  predicate: [{ field: "pass", op: "is", value: "true" }],
  weights: [],
};

/** What is no JSON goes to the server as it is, which says what is wrong with it. */
export function definitionOf(given: Given): Definition {
  const text = given.text("definition");
  try {
    return JSON.parse(text) as Definition;
  } catch {
    return text as unknown as Definition;
  }
}

export function DefinitionField({ held = SAMPLE }: { held?: Definition | undefined }) {
  return (
    <Area
      name="definition"
      label="How it is made: source, filters, groups, aggregation, field, predicate and weights, as JSON"
      rows={12}
      mono
      required
      value={JSON.stringify(held, null, 2)}
    />
  );
}
