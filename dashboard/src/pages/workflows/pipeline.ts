// A workflow as one edits it: steps in order, loops around neighbouring ones, and where each is drawn.

import type { CommandBodies, ViewRows } from "@waybill";

export type Settings = CommandBodies["workflow/define"]["definition"];
export type Definition = ViewRows["workflow-versions"]["content"];
export type Step = NonNullable<Settings["steps"]>[number];
export type Loop = NonNullable<Settings["loops"]>[number];
export type Shape = Settings["workflow_type"];
export type Role = NonNullable<Step["role"]>;

/** A step with a name of its own, so that it is the same one after it has moved. */
export interface Block extends Step {
  key: string;
}

export interface Draft {
  settings: Omit<Settings, "steps" | "loops">;
  steps: Block[];
  loops: Loop[];
}

let made = 0;
const key = (): string => `step-${++made}`;

/** The definition as it may be changed. */
export function draftOf(definition: Definition): Draft {
  const { steps, loops, ...settings } = definition;
  const persona = definition.workflow_type === "persona_pipeline";
  return {
    settings,
    loops: loops.map((each) => ({ ...each })),
    steps: steps.map((step) =>
      persona
        ? { key: key(), in_loop: step.in_loop, persona: step.persona?.[0] ?? null }
        : { ...step, key: key(), persona: null },
    ),
  };
}

export const emptyDraft = (): Draft => ({
  settings: { workflow_type: "custom_pipeline" },
  loops: [{ name: "review", max_iterations: 3 }],
  steps: [
    { key: key(), role: "designer", in_loop: "review" },
    { key: key(), role: "checker", in_loop: "review" },
    { key: key(), role: "evaluator" },
  ],
});

/** What the command takes. The two plain shapes stand for their steps themselves. */
export function settingsOf(draft: Draft): Settings {
  const persona = draft.settings.workflow_type === "persona_pipeline";
  return {
    ...draft.settings,
    loops: draft.loops,
    steps: draft.steps.map(({ key: _, ...step }) =>
      persona ? { in_loop: step.in_loop ?? null, persona: step.persona ?? null } : { ...step, persona: null },
    ),
  };
}

/** With another shape, as far as the steps mean the same in it. */
export function reshaped(draft: Draft, shape: Shape): Draft {
  const settings = { ...draft.settings, workflow_type: shape };
  if (shape === "single_designer") return { settings, loops: [], steps: [{ key: key(), role: "designer" }] };
  if (shape === "designer_checker") {
    const loop = draft.loops[0] ?? { name: "review", max_iterations: 3 };
    const roles: Role[] = ["designer", "checker"];
    return { settings, loops: [loop], steps: roles.map((role) => ({ key: key(), role, in_loop: loop.name })) };
  }
  const toPersona = shape === "persona_pipeline";
  if (toPersona === (draft.settings.workflow_type === "persona_pipeline")) return { ...draft, settings };
  const steps = draft.steps.map((step): Block => {
    const kept = { key: step.key, in_loop: step.in_loop ?? null };
    return toPersona ? { ...kept, persona: null } : { ...kept, role: "designer" };
  });
  return { settings, loops: draft.loops, steps };
}

export function added(draft: Draft, step: Step): Draft {
  return { ...draft, steps: [...draft.steps, { ...step, key: key() }] };
}

export function changed(draft: Draft, name: string, part: Partial<Step>): Draft {
  return { ...draft, steps: draft.steps.map((step) => (step.key === name ? { ...step, ...part } : step)) };
}

export function removed(draft: Draft, name: string): Draft {
  return { ...draft, steps: draft.steps.filter((step) => step.key !== name) };
}

/** A step put at another place, and into a loop or out of one. */
export function moved(draft: Draft, name: string, to: number, loop: string | null): Draft {
  const step = draft.steps.find((each) => each.key === name);
  if (!step) return draft;
  const rest = draft.steps.filter((each) => each.key !== name);
  const at = Math.max(0, Math.min(rest.length, to));
  return { ...draft, steps: [...rest.slice(0, at), { ...step, in_loop: loop }, ...rest.slice(at)] };
}

/** A further loop, around the step that is chosen. */
export function looped(draft: Draft, around: string | undefined): Draft {
  let nth = draft.loops.length + 1;
  while (draft.loops.some((each) => each.name === `loop ${nth}`)) nth++;
  const loop: Loop = { name: `loop ${nth}`, max_iterations: 3 };
  const steps = draft.steps.map((step) => (step.key === around ? { ...step, in_loop: loop.name } : step));
  return { ...draft, loops: [...draft.loops, loop], steps };
}

/** A loop with another name or count; its steps go along. */
export function reloop(draft: Draft, name: string, next: Loop): Draft {
  return {
    ...draft,
    loops: draft.loops.map((each) => (each.name === name ? next : each)),
    steps: draft.steps.map((step) => (step.in_loop === name ? { ...step, in_loop: next.name } : step)),
  };
}

/** Without a loop; its steps stay, outside. */
export function unlooped(draft: Draft, name: string): Draft {
  return {
    ...draft,
    loops: draft.loops.filter((each) => each.name !== name),
    steps: draft.steps.map((step) => (step.in_loop === name ? { ...step, in_loop: null } : step)),
  };
}

export const STEP = { width: 168, height: 64, gap: 44, top: 84 };
const MARGIN = 18;

export interface LoopBox {
  name: string;
  max: number;
  x: number;
  width: number;
  /** Place of its first and last step. */
  first: number;
  last: number;
}

export const xOf = (index: number): number => index * (STEP.width + STEP.gap);

/** Boxes around the steps of each loop; one without steps stands behind the last step. */
export function boxes(draft: Draft): LoopBox[] {
  let empty = draft.steps.length;
  return draft.loops.map((loop) => {
    const inside = draft.steps.flatMap((step, index) => (step.in_loop === loop.name ? [index] : []));
    const [first, last] = inside.length > 0 ? [inside[0] ?? 0, inside.at(-1) ?? 0] : [empty, empty++];
    const x = xOf(first) - MARGIN;
    return { name: loop.name, max: loop.max_iterations, x, width: xOf(last) + STEP.width + MARGIN - x, first, last };
  });
}

/** Where a step that was let go at `x` comes to stand, and in which loop. */
export function dropped(draft: Draft, name: string, x: number): { to: number; loop: string | null } {
  const centre = x + STEP.width / 2;
  const rest = draft.steps.filter((step) => step.key !== name);
  const places = draft.steps.map((step, index) => ({ key: step.key, centre: xOf(index) + STEP.width / 2 }));
  const to = rest.filter((step) => (places.find((each) => each.key === step.key)?.centre ?? 0) < centre).length;
  const box = boxes(draft).find((each) => centre >= each.x && centre <= each.x + each.width);
  return { to, loop: box?.name ?? null };
}
