// A page of things of one kind: which there are, the one that is open, and the form of a new one.

import { useSearch } from "@tanstack/react-router";
import { newId } from "@waybill";
import { type ReactNode, useMemo, useState } from "react";
import { useSearchChange } from "@/app/navigate";
import { type Right, useRights } from "@/app/rights";
import { type Commanding, useCommand } from "@/data/command";
import { type Listed, useList } from "@/data/lists";
import { Catalogue } from "@/ui/catalogue";
import { Form, type Given } from "@/ui/form";

type Kind =
  | "assets"
  | "chains"
  | "contexts"
  | "issues"
  | "learning-documents"
  | "metrics"
  | "personas"
  | "plans"
  | "schedule"
  | "workflows";

/** A row of the list. */
export interface Item {
  name: string;
  /** A long name goes on in a second line; else it is cut. */
  isLong?: boolean;
  mark?: ReactNode;
  below: ReactNode;
}

/** What the open one gets of its page. */
export interface Opened {
  project: string;
  /** Why nothing can be changed here. */
  why: string | undefined;
  tab: string | undefined;
  onTab: (tab: string | undefined) => void;
}

interface Making {
  id: string;
  project: string;
  send: Commanding["send"];
}

interface Props<K extends Kind> {
  view: K;
  title: string;
  controls?: ReactNode;
  /** Which right changes need. */
  right: Right;
  /** The rows in the order they are shown in, without those that are not. */
  arrange?: (rows: readonly Listed<K>[]) => readonly Listed<K>[];
  /** Said where there is nothing, with what to do next. */
  none: string;
  next: string;
  item: (row: Listed<K>) => Item;
  making: {
    label: string;
    submit: string;
    fields: ReactNode;
    /** Sends what makes it; an answer opens the new one, a text the one of that id. */
    send: (given: Given, making: Making) => Promise<unknown>;
  };
  children: (row: Listed<K>, opened: Opened) => ReactNode;
}

export function CataloguePage<K extends Kind>({ arrange, making, ...props }: Props<K>) {
  const search = useSearch({ strict: false }) as { id?: string; tab?: string };
  const change = useSearchChange();
  const { rows, project, waiting, problem } = useList(props.view);
  const why = useRights(project?.id).why(props.right);
  const [creating, setCreating] = useState(false);
  const { send, busy, problem: refused, clear } = useCommand();
  const shown = useMemo(() => (arrange ? arrange(rows) : rows), [rows, arrange]);
  const current = shown.find((row) => row.id === search.id) ?? shown[0];
  const create = (next: boolean) => {
    clear();
    setCreating(next);
  };
  const open = (id: string) => {
    create(false);
    void change({ id });
  };
  const make = async (given: Given) => {
    const id = newId();
    const done = await making.send(given, { id, project: project?.id ?? "", send });
    if (done) open(typeof done === "string" ? done : id);
  };
  return (
    <Catalogue<Listed<K>>
      title={props.title}
      controls={props.controls}
      rows={shown}
      waiting={waiting}
      problem={problem}
      current={current?.id}
      onOpen={open}
      why={why}
      create={making.label}
      onCreate={() => create(true)}
      creating={creating}
      empty={{ title: props.none, next: props.next }}
      item={(row) => <Line {...props.item(row)} />}
    >
      {creating && project ? (
        <div className="px-5 py-4">
          <Form
            label={making.label}
            busy={busy}
            problem={refused}
            submit={making.submit}
            onCancel={() => create(false)}
            onSubmit={make}
          >
            {making.fields}
          </Form>
        </div>
      ) : current && project ? (
        props.children(current, { project: project.id, why, tab: search.tab, onTab: (tab) => void change({ tab }) })
      ) : null}
    </Catalogue>
  );
}

function Line({ name, isLong = false, mark, below }: Item) {
  return (
    <>
      <span className="flex items-center gap-2">
        <span className={`${isLong ? "line-clamp-2" : "truncate"} font-medium`}>{name}</span>
        {mark}
      </span>
      <span className="mt-0.5 flex min-w-0 items-center gap-2 text-xs text-ink-3">{below}</span>
    </>
  );
}
