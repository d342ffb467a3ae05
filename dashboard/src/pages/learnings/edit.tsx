// Rewording a learning before it applies.

import type { CommandBodies, Problem, ViewRows } from "@waybill";
import type { FormEvent } from "react";
import { Kbd, ProblemNote } from "@/ui/bits";

export type Edited = CommandBodies["learning/edit"];

const SEVERITIES: Array<Edited["severity"]> = ["critical", "important", "minor"];
const CATEGORIES: Array<Edited["category"]> = ["preference", "pattern", "gotcha", "tool", "architecture"];

interface Props {
  learning: ViewRows["learnings"];
  busy: boolean;
  problem: Problem | undefined;
  onSave: (edited: Edited) => void;
  onCancel: () => void;
}

/** The form's fields as the command wants them; roles stay as they are. */
export function edited(form: FormData, roles: Edited["roles"]): Edited {
  const text = (name: string) => String(form.get(name) ?? "");
  return {
    description: text("description"),
    trigger: text("trigger"),
    correct_behaviour: text("correct_behaviour"),
    severity: text("severity") as Edited["severity"],
    category: text("category") as Edited["category"],
    confidence: Number(text("confidence")) / 100,
    roles,
  };
}

export function EditForm({ learning, busy, problem, onSave, onCancel }: Props) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSave(edited(new FormData(event.currentTarget), learning.roles));
  };
  return (
    <form onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onCancel()} className="max-w-3xl space-y-3">
      <Area name="description" label="What was learned" rows={3} value={learning.description} first />
      <Area name="trigger" label="When" rows={2} value={learning.trigger} />
      <Area name="correct_behaviour" label="Then" rows={4} value={learning.correct_behaviour} />
      <div className="flex flex-wrap gap-3">
        <Choice name="severity" label="Severity" choices={SEVERITIES} value={learning.severity} />
        <Choice name="category" label="Category" choices={CATEGORIES} value={learning.category} />
        <label className="grid gap-1">
          <span className="eyebrow">Sure, percent</span>
          <input
            name="confidence"
            type="number"
            min={0}
            max={100}
            className="field w-24"
            defaultValue={Math.round(learning.confidence * 100)}
          />
        </label>
      </div>
      {problem ? <ProblemNote problem={problem} /> : null}
      <div className="flex gap-2">
        <button type="submit" className="button primary" disabled={busy}>
          Save
        </button>
        <button type="button" className="button" onClick={onCancel}>
          Cancel <Kbd>Esc</Kbd>
        </button>
      </div>
    </form>
  );
}

function Area({
  name,
  label,
  rows,
  value,
  first = false,
}: {
  name: string;
  label: string;
  rows: number;
  value: string;
  first?: boolean;
}) {
  return (
    <label className="block">
      <span className="eyebrow">{label}</span>
      <textarea name={name} required rows={rows} className="field mt-1" defaultValue={value} autoFocus={first} />
    </label>
  );
}

function Choice({
  name,
  label,
  choices,
  value,
}: {
  name: string;
  label: string;
  choices: readonly string[];
  value: string;
}) {
  return (
    <label className="grid gap-1">
      <span className="eyebrow">{label}</span>
      <select name={name} className="field" defaultValue={value}>
        {choices.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}
