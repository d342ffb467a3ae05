// Versions of something, the newest first, and what each changed.

import { type ReactNode, useMemo, useState } from "react";
import { compared, folded } from "@/lib/diff";
import { actorWords } from "@/lib/format";
import type { DiffLine } from "@/lib/text";
import { Chip, Time } from "./bits";

export interface Version {
  version: number;
  /** When it was made; `null` where the view does not say. */
  at: string | null;
  note: string | null;
  active: boolean;
  /** What it says, as lines. */
  text: string;
  actor?: string;
  marks?: ReactNode;
}

const LINE: Record<DiffLine["kind"], string> = {
  add: "bg-accent-soft text-accent",
  del: "bg-bad-soft text-bad",
  hunk: "text-ink-3",
  same: "text-ink-2",
};
const SIGN: Record<DiffLine["kind"], string> = { add: "+ ", del: "- ", hunk: "… ", same: "  " };

/** Two texts as one, with what came and what went. */
export function Diff({ before, after }: { before: string; after: string }) {
  const lines = useMemo(() => folded(compared(before, after)), [before, after]);
  const changed = lines.some((line) => line.kind === "add" || line.kind === "del");
  if (!changed) return <p className="text-ink-3">Nothing differs.</p>;
  return (
    <section
      aria-label="Changes"
      tabIndex={0}
      className="overflow-x-auto rounded-md border border-line bg-sunk font-mono text-sm"
    >
      <pre className="w-max min-w-full py-1">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a diff have no other name
          <span key={at} className={`block px-3 ${LINE[line.kind]}`}>
            {SIGN[line.kind]}
            {line.text}
          </span>
        ))}
      </pre>
    </section>
  );
}

interface Props {
  versions: readonly Version[];
  /** What can be done with a version. */
  actions?: (version: Version) => ReactNode;
}

export function History({ versions, actions }: Props) {
  const ordered = useMemo(() => versions.toSorted((a, b) => b.version - a.version), [versions]);
  const [chosen, setChosen] = useState<number>();
  const [against, setAgainst] = useState<number>();
  const current = ordered.find((each) => each.version === chosen) ?? ordered[0];
  if (!current) return null;
  const others = ordered.filter((each) => each.version !== current.version);
  const base = others.find((each) => each.version === against) ?? others.find((each) => each.version < current.version);
  return (
    <div className="grid gap-4 lg:grid-cols-[220px_minmax(0,1fr)]">
      <ul aria-label="Versions" className="space-y-1">
        {ordered.map((each) => (
          <li key={each.version}>
            <button
              type="button"
              aria-current={each.version === current.version ? "true" : undefined}
              onClick={() => setChosen(each.version)}
              className="w-full rounded-md px-2 py-1.5 text-left hover:bg-hover aria-[current]:bg-accent-soft"
            >
              <span className="flex items-center gap-2">
                <span className="font-medium">Version {each.version}</span>
                {each.active ? <Chip tone="good">in force</Chip> : null}
                {each.marks}
              </span>
              {each.note ? <span className="block truncate text-sm text-ink-2">{each.note}</span> : null}
              <span className="block truncate text-xs text-ink-3">
                {each.at ? <Time at={each.at} /> : null}
                {each.actor ? ` · ${actorWords(each.actor)}` : ""}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className="min-w-0 space-y-3">
        <div className="flex flex-wrap items-center gap-2">
          <h3 className="font-medium">Version {current.version}</h3>
          {others.length > 0 ? (
            <label className="flex items-center gap-2 text-ink-3">
              against
              <select
                className="field"
                value={base?.version ?? ""}
                onChange={(event) => setAgainst(Number(event.target.value) || undefined)}
              >
                {base ? null : <option value="">nothing</option>}
                {others.map((each) => (
                  <option key={each.version} value={each.version}>
                    version {each.version}
                  </option>
                ))}
              </select>
            </label>
          ) : null}
          <span className="grow" />
          {actions?.(current)}
        </div>
        <Diff before={base?.text ?? ""} after={current.text} />
      </div>
    </div>
  );
}
