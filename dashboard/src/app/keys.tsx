// Keys: one table of what they do, the listener that does it, and the list behind `?`.

import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Dialog, Kbd } from "@/ui/bits";
import { keysOf, PAGES } from "./pages";
import { useProject } from "./shell";

export interface KeyLine {
  keys: readonly string[];
  what: string;
}

/** Pressed one after the other, the second within this time. */
const CHORD_MS = 1500;

/** Every key there is, by where it works. What leads to pages comes from the pages themselves, as in the palette. */
export const KEYS: ReadonlyArray<{ where: string; lines: readonly KeyLine[] }> = [
  {
    where: "Everywhere",
    lines: [
      { keys: ["Ctrl", "K"], what: "Search pages, runs, actions and what was said" },
      { keys: ["/"], what: "Search on this page" },
      { keys: ["?"], what: "This list" },
      { keys: ["Esc"], what: "Close, or leave a form" },
    ],
  },
  { where: "Go to", lines: PAGES.map((page) => ({ keys: keysOf(page), what: page.label })) },
  {
    where: "Lists and tables",
    lines: [
      { keys: ["j"], what: "Next row or message" },
      { keys: ["k"], what: "The one before" },
      { keys: ["Enter"], what: "Open it" },
      { keys: ["x"], what: "Runs: select it" },
    ],
  },
  {
    where: "Learnings",
    lines: [
      { keys: ["a"], what: "Approve" },
      { keys: ["r"], what: "Reject, with a reason" },
      { keys: ["e"], what: "Edit" },
    ],
  },
];

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable);

export function useShortcuts(setPalette: (open: boolean) => void, setHelp: (open: boolean) => void) {
  const navigate = useNavigate();
  const { project } = useProject();
  const going = useRef(0);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette(true);
        return;
      }
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "?") setHelp(true);
      if (event.key === "/") {
        const field = document.querySelector<HTMLInputElement>("input[type=search]");
        if (field) {
          event.preventDefault();
          field.focus();
        }
      }
      const went = Date.now() - going.current < CHORD_MS;
      going.current = event.key === "g" ? Date.now() : 0;
      const page = went ? PAGES.find((each) => each.key === event.key) : undefined;
      if (!page || (page.scope === "project" && !project)) return;
      // The page that is left has keys of its own, which this one is not for.
      event.preventDefault();
      event.stopImmediatePropagation();
      navigate({ to: page.scope === "project" ? `/p/${project?.slug}${page.path}` : page.path });
    };
    addEventListener("keydown", listen, { capture: true });
    return () => removeEventListener("keydown", listen, { capture: true });
  }, [navigate, project, setPalette, setHelp]);
}

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} label="Keyboard shortcuts" className="mt-[6vh]">
      <div className="flex items-center justify-between border-b border-line px-4 py-2">
        <h2 className="text-lg font-medium">Keyboard</h2>
        <button type="button" className="button quiet" onClick={onClose}>
          Close
        </button>
      </div>
      <div className="max-h-[76vh] gap-x-8 overflow-y-auto px-4 pb-4 sm:columns-2">
        {KEYS.map(({ where, lines }) => (
          <section key={where} className="break-inside-avoid pt-4">
            <h3 className="eyebrow mb-1">{where}</h3>
            <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-center gap-y-1">
              {lines.map(({ keys, what }) => (
                <div key={what} className="contents">
                  <dt className="flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd className="text-ink-2">{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
