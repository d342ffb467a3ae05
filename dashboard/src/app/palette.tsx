// Ctrl K: pages, runs, projects and actions by a few letters.

import { useNavigate, useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, useMemo, useState } from "react";
import { useView } from "@/data/live";
import { type Choice, ranked } from "@/lib/rank";
import { Dialog, Kbd } from "@/ui/bits";
import { placeOf, useFound } from "./found";
import { useSearchChange } from "./navigate";
import { keysOf, PAGES } from "./pages";
import { theme, timeMode } from "./prefs";
import { signOut } from "./session";
import { useProject } from "./shell";

interface Entry extends Choice {
  kind: string;
  /** What does the same without the palette. */
  keys?: readonly string[];
  run: () => void;
}

const SHOWN = 12;

export function Palette({ open, onClose, onHelp }: { open: boolean; onClose: () => void; onHelp: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} label="Search">
      <Search onClose={onClose} onHelp={onHelp} />
    </Dialog>
  );
}

function useEntries(onHelp: () => void, text: string): Entry[] {
  const navigate = useNavigate();
  const change = useSearchChange();
  const { project, all } = useProject();
  const runs = useView("runs", { travels: false });
  return useMemo(() => {
    const go = (to: string) => navigate({ to });
    const slugs = new Map(all.map((each) => [each.id, each.slug]));
    const pages = PAGES.filter((page) => page.scope === "server" || project).map((page) => ({
      kind: "Page",
      label: page.label,
      keys: keysOf(page),
      run: () => go(page.scope === "project" ? `/p/${project?.slug}${page.path}` : page.path),
    }));
    const projects = all.map((each) => ({ kind: "Project", label: each.name, run: () => go(`/p/${each.slug}`) }));
    const found = [...runs.rows].reverse().map(([id, run]) => ({
      kind: "Run",
      label: run.title ?? run.prompt_preview,
      also: id,
      run: () => go(`/p/${slugs.get(run.project) ?? project?.slug}/runs/${id}`),
    }));
    const plain: Array<Omit<Entry, "kind">> = [
      { label: "Colours: light", run: () => theme.set("light") },
      { label: "Colours: dark", run: () => theme.set("dark") },
      { label: "Colours: as the system", run: () => theme.set("system") },
      { label: "Times: relative", run: () => timeMode.set("relative") },
      { label: "Times: local", run: () => timeMode.set("local") },
      { label: "Times: UTC", run: () => timeMode.set("utc") },
      { label: "Keyboard shortcuts", keys: ["?"], run: onHelp },
      { label: "API reference", run: () => location.assign("/docs") },
      { label: "Sign out", run: signOut },
    ];
    const actions = plain.map((action): Entry => ({ kind: "Action", ...action }));
    const jump = /^\d+$/.test(text.trim())
      ? [
          {
            kind: "Time travel",
            label: `Show everything as of position ${text.trim()}`,
            run: () => change({ at: text.trim() }, { replace: false }),
          },
        ]
      : [];
    return [...jump, ...pages, ...projects, ...actions, ...found];
  }, [all, project, runs, navigate, change, onHelp, text]);
}

/** What was said somewhere, behind what is called so. */
function useHits(text: string): Entry[] {
  const { history } = useRouter();
  const { all } = useProject();
  const hits = useFound(text);
  return useMemo(
    () =>
      hits.map((hit) => ({
        kind: `In a ${hit.kind}`,
        label: hit.snippet.text.replace(/\s+/g, " "),
        also: `#${hit.position}`,
        run: () => history.push(placeOf(hit, all.find((project) => project.id === hit.project)?.slug)),
      })),
    [hits, all, history],
  );
}

function Search({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const entries = useEntries(onHelp, text);
  const hits = useHits(text);
  const shown = useMemo(() => {
    const named = ranked(entries, text);
    return [...named.slice(0, SHOWN - hits.length), ...hits];
  }, [entries, hits, text]);
  const take = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosen((at) => Math.max(0, Math.min(shown.length - 1, at + step)));
    }
    if (event.key === "Enter") take(shown[chosen]);
  };
  return (
    <>
      <input
        autoFocus
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={shown[chosen] ? `palette-${chosen}` : undefined}
        aria-label="Search pages, runs and actions"
        placeholder="Search pages, runs, actions and what was said"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={press}
        className="h-11 w-full border-b border-line bg-transparent px-4 text-lg outline-none placeholder:text-ink-3"
      />
      <div id="palette-list" role="listbox" aria-label="Found" className="max-h-[50vh] overflow-y-auto p-1.5">
        {shown.map((entry, at) => (
          <div
            key={`${entry.kind} ${entry.also ?? entry.label}`}
            id={`palette-${at}`}
            role="option"
            aria-selected={at === chosen}
            onClick={() => take(entry)}
            onMouseMove={() => setChosen(at)}
            className="flex cursor-pointer items-center gap-3 rounded-md px-2.5 py-1.5 aria-selected:bg-hover"
          >
            <span className="min-w-0 flex-1 truncate">{entry.label}</span>
            {entry.keys ? (
              <span className="flex gap-1" aria-hidden="true">
                {entry.keys.map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </span>
            ) : null}
            <span className="text-xs text-ink-3">{entry.kind}</span>
          </div>
        ))}
        {shown.length === 0 ? (
          <p className="px-2.5 py-4 text-ink-3">Nothing is called so, and nobody said so.</p>
        ) : null}
      </div>
      <p className="flex gap-3 border-t border-line px-4 py-2 text-xs text-ink-3">
        <span>
          <Kbd>↑</Kbd> <Kbd>↓</Kbd> choose
        </span>
        <span>
          <Kbd>Enter</Kbd> open
        </span>
        <span>
          <Kbd>Esc</Kbd> close
        </span>
      </p>
    </>
  );
}
