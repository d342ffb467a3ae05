// Fields of forms, and the foot that sends them.

import type { Problem } from "@waybill";
import { type FormEvent, type ReactNode, useRef } from "react";
import { words } from "@/lib/format";
import { ProblemNote, Section } from "./bits";

/** What a form holds, by name. */
export interface Given {
  text(name: string): string;
  /** `null` where nothing was written. */
  maybe(name: string): string | null;
  number(name: string): number | null;
  on(name: string): boolean;
  /** Every line that is not empty. */
  lines(name: string): string[];
  /** What was ticked or chosen of several. */
  all(name: string): string[];
}

export function given(form: FormData): Given {
  const text = (name: string) => String(form.get(name) ?? "");
  return {
    text,
    maybe: (name) => text(name).trim() || null,
    number: (name) => (text(name).trim() === "" ? null : Number(text(name))),
    on: (name) => form.get(name) !== null,
    lines: (name) =>
      text(name)
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean),
    all: (name) => form.getAll(name).map(String),
  };
}

interface FormProps {
  label: string;
  busy: boolean;
  problem: Problem | undefined;
  onSubmit: (given: Given) => Promise<unknown>;
  onCancel?: () => void;
  submit: string;
  children: ReactNode;
  className?: string;
  /** Empties itself once it was taken. */
  resets?: boolean;
}

export function Form({ label, busy, problem, onSubmit, onCancel, submit, children, className, resets }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const done = await onSubmit(given(new FormData(event.currentTarget)));
    if (done === true && resets) form.current?.reset();
  };
  return (
    <form
      ref={form}
      aria-label={label}
      onSubmit={send}
      onKeyDown={(event) => event.key === "Escape" && onCancel?.()}
      className={className ?? "max-w-3xl space-y-3"}
    >
      {children}
      {problem ? <ProblemNote problem={problem} /> : null}
      <div className="flex gap-2">
        <button type="submit" className="button primary" disabled={busy}>
          {submit}
        </button>
        {onCancel ? (
          <button type="button" className="button" onClick={onCancel}>
            Cancel
          </button>
        ) : null}
      </div>
    </form>
  );
}

/** A form that is a section of a page, announced by the section's title. */
export function FormSection({ title, ...form }: Omit<FormProps, "label" | "className"> & { title: string }) {
  return (
    <Section title={title}>
      <Form label={title} className="space-y-3 px-3 py-3" {...form} />
    </Section>
  );
}

interface FieldProps {
  name: string;
  label: string;
  value?: string | number | null | undefined;
  placeholder?: string | undefined;
  required?: boolean;
  type?: string;
  className?: string;
  min?: number;
  max?: number;
  step?: number | string;
  autoFocus?: boolean;
  disabled?: boolean;
}

export function Field({ name, label, value, className = "", ...rest }: FieldProps) {
  return (
    <label className={`grid min-w-0 gap-1 ${className}`}>
      <span className="eyebrow">{label}</span>
      <input name={name} className="field" defaultValue={value ?? ""} {...rest} />
    </label>
  );
}

export function Area({
  name,
  label,
  value,
  rows = 4,
  mono = false,
  ...rest
}: {
  name: string;
  label: string;
  value?: string | null | undefined;
  rows?: number;
  mono?: boolean;
  required?: boolean;
  placeholder?: string;
}) {
  return (
    <label className="block">
      <span className="eyebrow">{label}</span>
      <textarea
        name={name}
        rows={rows}
        className={`field mt-1 ${mono ? "font-mono text-sm" : ""}`}
        defaultValue={value ?? ""}
        {...rest}
      />
    </label>
  );
}

export type Option = readonly [value: string, label: string];

export function Pick({
  name,
  label,
  options,
  value,
  none,
  onChange,
  className = "",
}: {
  /** Of what the form sends; needless where each choice is acted upon at once. */
  name?: string;
  label: string;
  options: ReadonlyArray<Option | string>;
  value?: string | null | undefined;
  /** What stands for no choice; without it one must be made. */
  none?: string;
  onChange?: (value: string) => void;
  className?: string;
}) {
  return (
    <label className={`grid min-w-0 gap-1 ${className}`}>
      <span className="eyebrow">{label}</span>
      <select
        name={name}
        className="field"
        {...(onChange
          ? { value: value ?? "", onChange: (event) => onChange(event.target.value) }
          : { defaultValue: value ?? "" })}
      >
        {none === undefined ? null : <option value="">{none}</option>}
        {options.map((option) => {
          const [id, text] = typeof option === "string" ? [option, words(option)] : option;
          return (
            <option key={id} value={id}>
              {text}
            </option>
          );
        })}
      </select>
    </label>
  );
}

export function Tick({ name, label, on, value }: { name: string; label: string; on?: boolean; value?: string }) {
  return (
    <label className="flex items-center gap-2">
      <input type="checkbox" name={name} value={value ?? "on"} defaultChecked={on} className="accent-(--accent)" />
      {label}
    </label>
  );
}

/** Several of many. */
export function Ticks({
  name,
  label,
  options,
  chosen,
  none,
}: {
  name: string;
  label: string;
  options: readonly Option[];
  chosen: readonly string[];
  none: string;
}) {
  return (
    <fieldset className="min-w-0">
      <legend className="eyebrow">{label}</legend>
      {options.length === 0 ? <p className="text-ink-3">{none}</p> : null}
      <div className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
        {options.map(([value, text]) => (
          <Tick key={value} name={name} label={text} value={value} on={chosen.includes(value)} />
        ))}
      </div>
    </fieldset>
  );
}
