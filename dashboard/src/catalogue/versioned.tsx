// The open one, where it has versions: what is in force, the next version, and what each changed.

import type { ReactNode } from "react";
import type { Commanding } from "@/data/command";
import { outline } from "@/lib/diff";
import { agreed } from "@/ui/ask";
import { ProblemNote, Segmented } from "@/ui/bits";
import { Head } from "@/ui/catalogue";
import { Field, Form, type Given } from "@/ui/form";
import { History, type Version } from "@/ui/history";
import type { Opened } from "./page";

interface Props {
  /** What kind of thing it is, in a word. */
  word: string;
  name: string;
  facts: ReactNode;
  opened: Opened;
  /** Whether it can be changed. */
  may: boolean;
  commanding: Commanding;
  /** Absent where it cannot be taken out of use. */
  onArchive?: (() => void) | undefined;
  /** Further buttons beside its name. */
  acts?: ReactNode;
  /** What the part is called that is not its history. */
  part: string;
  versions: readonly Version[];
  versionActs?: (version: Version) => ReactNode;
  children: ReactNode;
}

export function Versioned(props: Props) {
  const { word, name, opened, may, commanding, versions, part } = props;
  const isHistory = opened.tab === "versions";
  const archive = async () => {
    const question = `Take this ${word} out of use?`;
    if (await agreed({ title: question, text: "That is for good; its versions stay in the log.", act: "Archive" }))
      props.onArchive?.();
  };
  return (
    <article aria-label={name}>
      <Head name={name} facts={props.facts}>
        {versions.length > 0 ? (
          <Segmented
            label="Part"
            value={isHistory ? "versions" : "now"}
            options={[
              { value: "now", label: part },
              { value: "versions", label: `Versions ${versions.length}` },
            ]}
            onChange={(next) => opened.onTab(next === "now" ? undefined : next)}
          />
        ) : null}
        {may ? (
          <>
            {props.acts}
            {props.onArchive ? (
              <button type="button" className="button danger" disabled={commanding.busy} onClick={archive}>
                Archive
              </button>
            ) : null}
          </>
        ) : null}
      </Head>
      <div className="space-y-3 px-5 py-4">
        {isHistory ? (
          <>
            {commanding.problem ? <ProblemNote problem={commanding.problem} /> : null}
            <History versions={versions} {...(props.versionActs ? { actions: props.versionActs } : {})} />
          </>
        ) : (
          props.children
        )}
      </div>
    </article>
  );
}

interface Configured {
  version: number;
  at: string;
  note: string | null;
  actor: string;
  current: boolean;
  content: unknown;
}

/** Versions of what is set up by fields, each as an outline of them; ids are told by their names. */
export const configured = (all: readonly Configured[], names: ReadonlyMap<string, string>): Version[] =>
  all.map(({ version, at, note, actor, current, content }) => {
    return { version, at, note, actor, active: current, text: outline(content, names) };
  });

interface NextProps {
  label: string;
  may: boolean;
  commanding: Commanding;
  /** What is said now, for those who cannot change it. */
  text: string;
  onSave: (given: Given, note: string | null) => Promise<unknown>;
  children: ReactNode;
}

/** The form of the next version, or the text of this one. */
export function NextVersion({ label, may, commanding, text, onSave, children }: NextProps) {
  if (!may) {
    return (
      <pre className="overflow-x-auto rounded-md border border-line bg-sunk px-3 py-2 whitespace-pre-wrap">{text}</pre>
    );
  }
  return (
    <Form
      label={label}
      busy={commanding.busy}
      problem={commanding.problem}
      submit="Save as the next version"
      onSubmit={(given) => onSave(given, given.maybe("note"))}
    >
      {children}
      <Field name="note" label="Why it changes (optional)" />
    </Form>
  );
}
