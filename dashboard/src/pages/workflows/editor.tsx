// The editor of a pipeline: the drawing, what is chosen in it, and what holds for the whole.

import type { Problem } from "@waybill";
import { lazy, Suspense, useState } from "react";
import { words } from "@/lib/format";
import { ProblemNote } from "@/ui/bits";
import { Pick } from "@/ui/form";
import type { Chosen } from "./canvas";
import {
  added,
  type Block,
  changed,
  type Draft,
  looped,
  moved,
  type Role,
  reloop,
  removed,
  reshaped,
  type Shape,
  unlooped,
} from "./pipeline";
import { EFFORTS, ROLES } from "./words";

// The drawing brings a library that no other part of the page needs.
const Canvas = lazy(() => import("./canvas"));

export const SHAPES: readonly Shape[] = ["single_designer", "designer_checker", "custom_pipeline", "persona_pipeline"];

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  names: ReadonlyMap<string, string>;
  personas: ReadonlyArray<readonly [id: string, name: string]>;
  busy: boolean;
  problem: Problem | undefined;
  /** Whether it may be changed. */
  may: boolean;
  /** Absent where another form saves it. */
  save?: { label: string; isChanged: boolean; onSave: (note: string | null) => void; onReset: () => void } | undefined;
}

export function Editor({ draft, onChange, names, personas, busy, problem, may, save }: Props) {
  const [chosen, setChosen] = useState<Chosen>();
  const [note, setNote] = useState("");
  const shape = draft.settings.workflow_type;
  const isPersona = shape === "persona_pipeline";
  const isFixed = shape === "single_designer" || shape === "designer_checker";
  const step = chosen?.kind === "step" ? draft.steps.find((each) => each.key === chosen.key) : undefined;
  const loop = chosen?.kind === "loop" ? draft.loops.find((each) => each.name === chosen.name) : undefined;
  return (
    <div className="space-y-3">
      <Whole draft={draft} onChange={onChange} may={may} />
      {may && !isFixed ? (
        <div className="flex flex-wrap gap-2">
          <button
            type="button"
            className="button"
            onClick={() =>
              onChange(added(draft, isPersona ? { persona: personas[0]?.[0] ?? null } : { role: "designer" }))
            }
          >
            Add a step
          </button>
          <button type="button" className="button" onClick={() => onChange(looped(draft, step?.key))}>
            Add a loop{step ? " around it" : ""}
          </button>
          <span className="self-center text-sm text-ink-3 max-sm:hidden">
            Drag steps to reorder them, or into a loop and out of it.
          </span>
        </div>
      ) : null}
      <Suspense fallback={<div className="h-64 rounded-lg border border-line bg-sunk" />}>
        <Canvas
          draft={draft}
          names={names}
          chosen={chosen}
          onChoose={setChosen}
          onMove={may && !isFixed ? (key, to, into) => onChange(moved(draft, key, to, into)) : undefined}
        />
      </Suspense>
      <Order draft={draft} names={names} chosen={chosen} onChoose={setChosen} />
      {step ? (
        <StepFields
          key={step.key}
          step={step}
          draft={draft}
          may={may}
          isFixed={isFixed}
          personas={personas}
          onChange={onChange}
        />
      ) : null}
      {loop ? (
        <LoopFields
          loop={loop}
          may={may}
          isFixed={isFixed}
          onChange={(next) => {
            onChange(reloop(draft, loop.name, next));
            setChosen({ kind: "loop", name: next.name });
          }}
          onRemove={() => {
            onChange(unlooped(draft, loop.name));
            setChosen(undefined);
          }}
        />
      ) : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      {save ? (
        <div className="flex flex-wrap items-center gap-2">
          <input
            className="field w-72 max-w-full"
            aria-label="Why it changes"
            placeholder="Why it changes (optional)"
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <button
            type="button"
            className="button primary"
            disabled={busy || !save.isChanged}
            onClick={() => save.onSave(note.trim() || null)}
          >
            {save.label}
          </button>
          {save.isChanged ? (
            <button type="button" className="button" onClick={save.onReset}>
              Discard
            </button>
          ) : null}
          <span className="text-sm text-ink-3">
            The server checks it by its own rules, and nothing is saved if one is broken.
          </span>
        </div>
      ) : null}
    </div>
  );
}

function Whole({ draft, onChange, may }: { draft: Draft; onChange: (draft: Draft) => void; may: boolean }) {
  const { settings } = draft;
  const set = (part: Partial<Draft["settings"]>) => onChange({ ...draft, settings: { ...settings, ...part } });
  return (
    <fieldset className="flex flex-wrap gap-3" disabled={!may}>
      <legend className="sr-only">What holds for the whole</legend>
      <Pick
        label="Shape"
        value={settings.workflow_type}
        options={SHAPES}
        onChange={(shape) => onChange(reshaped(draft, shape as Shape))}
      />
      <Line label="Model" value={settings.model} placeholder="that of each role" onChange={(model) => set({ model })} />
      <Line
        label="Agent’s program"
        value={settings.cli_tool}
        placeholder="claude"
        onChange={(cli_tool) => set({ cli_tool })}
      />
      <Pick
        label="Effort"
        value={settings.thinking_effort ?? ""}
        options={EFFORTS}
        none="its default"
        onChange={(effort) => set({ thinking_effort: (effort || null) as (typeof EFFORTS)[number] | null })}
      />
    </fieldset>
  );
}

/** The same steps as a list, for the keyboard and for screen readers. */
function Order({
  draft,
  names,
  chosen,
  onChoose,
}: {
  draft: Draft;
  names: ReadonlyMap<string, string>;
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
}) {
  const word = (step: Block) => (step.persona ? (names.get(step.persona) ?? "persona") : words(step.role ?? "no role"));
  return (
    <ol aria-label="Steps and loops" className="flex flex-wrap gap-1">
      {draft.steps.map((step, index) => (
        <li key={step.key}>
          <button
            type="button"
            className="button h-6 text-sm aria-pressed:border-accent aria-pressed:text-accent"
            aria-pressed={chosen?.kind === "step" && chosen.key === step.key}
            onClick={() => onChoose({ kind: "step", key: step.key })}
          >
            {index + 1} {word(step)}
          </button>
        </li>
      ))}
      {draft.loops.map((loop) => (
        <li key={loop.name}>
          <button
            type="button"
            className="button h-6 text-sm text-violet aria-pressed:border-accent"
            aria-pressed={chosen?.kind === "loop" && chosen.name === loop.name}
            onClick={() => onChoose({ kind: "loop", name: loop.name })}
          >
            ↻ {loop.name}
          </button>
        </li>
      ))}
    </ol>
  );
}

interface StepProps {
  step: Block;
  draft: Draft;
  may: boolean;
  isFixed: boolean;
  personas: Props["personas"];
  onChange: (draft: Draft) => void;
}

function StepFields({ step, draft, may, isFixed, personas, onChange }: StepProps) {
  const at = draft.steps.indexOf(step);
  const isPersona = draft.settings.workflow_type === "persona_pipeline";
  const set = (part: Partial<Block>) => onChange(changed(draft, step.key, part));
  const move = (by: number) => onChange(moved(draft, step.key, at + by, step.in_loop ?? null));
  return (
    <fieldset className="panel space-y-3 px-4 py-3" disabled={!may}>
      <legend className="sr-only">Step {at + 1}</legend>
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="font-medium">Step {at + 1}</h3>
        <span className="grow" />
        {may && !isFixed ? (
          <>
            <button type="button" className="button h-6" disabled={at === 0} onClick={() => move(-1)}>
              ← earlier
            </button>
            <button
              type="button"
              className="button h-6"
              disabled={at === draft.steps.length - 1}
              onClick={() => move(1)}
            >
              later →
            </button>
            <button type="button" className="button danger h-6" onClick={() => onChange(removed(draft, step.key))}>
              Remove
            </button>
          </>
        ) : null}
      </div>
      <div className="flex flex-wrap gap-3">
        {isPersona ? (
          <Pick
            label="Persona"
            value={step.persona ?? ""}
            options={personas}
            none="choose one"
            onChange={(persona) => set({ persona: persona || null })}
          />
        ) : isFixed ? null : (
          <Pick label="Role" value={step.role ?? ""} options={ROLES} onChange={(role) => set({ role: role as Role })} />
        )}
        {isFixed ? null : (
          <Pick
            label="In the loop"
            value={step.in_loop ?? ""}
            options={draft.loops.map((each) => each.name)}
            none="none"
            onChange={(name) => set({ in_loop: name || null })}
          />
        )}
        {isPersona ? null : (
          <>
            <Line
              label="Model"
              value={step.model}
              placeholder="that of the workflow"
              onChange={(model) => set({ model })}
            />
            <Line
              label="Agent’s program"
              value={step.cli_tool}
              placeholder="that of the workflow"
              onChange={(cli_tool) => set({ cli_tool })}
            />
            <Pick
              label="Effort"
              value={step.thinking_effort ?? ""}
              options={EFFORTS}
              none="as the workflow"
              onChange={(effort) => set({ thinking_effort: (effort || null) as (typeof EFFORTS)[number] | null })}
            />
          </>
        )}
      </div>
      {isPersona ? null : (
        <label className="block">
          <span className="eyebrow">What its system prompt says besides</span>
          <textarea
            className="field mt-1"
            rows={3}
            value={step.instructions ?? ""}
            onChange={(event) => set({ instructions: event.target.value })}
          />
        </label>
      )}
    </fieldset>
  );
}

interface LoopProps {
  loop: { name: string; max_iterations: number };
  may: boolean;
  isFixed: boolean;
  onChange: (loop: { name: string; max_iterations: number }) => void;
  onRemove: () => void;
}

function LoopFields({ loop, may, isFixed, onChange, onRemove }: LoopProps) {
  return (
    <fieldset className="panel flex flex-wrap items-end gap-3 px-4 py-3" disabled={!may}>
      <legend className="sr-only">Loop {loop.name}</legend>
      <label className="grid gap-1">
        <span className="eyebrow">Name</span>
        <input
          className="field"
          defaultValue={loop.name}
          onBlur={(event) => onChange({ ...loop, name: event.target.value.trim() || loop.name })}
        />
      </label>
      <label className="grid gap-1">
        <span className="eyebrow">Gone through at most</span>
        <input
          type="number"
          className="field w-28"
          value={loop.max_iterations}
          onChange={(event) => onChange({ ...loop, max_iterations: Number(event.target.value) })}
        />
      </label>
      {may && !isFixed ? (
        <button type="button" className="button danger" onClick={onRemove}>
          Take the loop away
        </button>
      ) : null}
    </fieldset>
  );
}

function Line({
  label,
  value,
  placeholder,
  onChange,
}: {
  label: string;
  value: string | null | undefined;
  placeholder: string;
  onChange: (value: string | null) => void;
}) {
  return (
    <label className="grid min-w-0 gap-1">
      <span className="eyebrow">{label}</span>
      <input
        className="field w-44"
        value={value ?? ""}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value || null)}
      />
    </label>
  );
}
