// The way from page to page: a column at the side, or on a phone a bar with a sheet below it.

import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useView } from "@/data/live";
import { useStore } from "@/lib/store";
import { Dialog, Kbd } from "@/ui/bits";
import { Badge } from "./badge";
import { PAGES } from "./pages";
import { THEMES, TIME_MODES, theme, timeMode } from "./prefs";
import { useProject } from "./shell";

export function Sidebar({ onPalette }: { onPalette: () => void }) {
  return (
    <header className="flex min-w-0 items-center gap-3 border-line border-b bg-panel px-3 py-2 md:flex-col md:items-stretch md:gap-4 md:overflow-y-auto md:border-r md:border-b-0 md:py-3">
      <Link
        to="/"
        search={{}}
        className="flex shrink-0 items-center gap-2 font-semibold md:px-1.5"
        aria-label="Waybill, all projects"
      >
        <img src="/icon.svg" alt="" width="20" height="20" />
        <span className="text-lg tracking-tight max-md:hidden">Waybill</span>
      </Link>
      <ProjectSwitch />
      <button
        type="button"
        onClick={onPalette}
        className="field hidden shrink-0 items-center justify-between text-ink-3 hover:bg-hover md:flex"
      >
        Search <Kbd>Ctrl K</Kbd>
      </button>
      <div className="max-md:hidden">
        <Navigation />
      </div>
      <div className="grow" />
      <div className="max-md:hidden">
        <Preferences />
      </div>
      <Badge />
      <Sheet onPalette={onPalette} />
    </header>
  );
}

/** On a phone: the page's name on a button, and all pages in a sheet that it opens. */
function Sheet({ onPalette }: { onPalette: () => void }) {
  const [open, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // Arriving closes it, whatever led there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what the effect waits for
  useEffect(() => setOpen(false), [path]);
  return (
    <div className="shrink-0 md:hidden">
      <button
        type="button"
        className="button h-9 px-3"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        <svg viewBox="0 0 16 16" className="size-4" aria-hidden="true">
          <path d="M2.5 4h11M2.5 8h11M2.5 12h11" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
        </svg>
        Menu
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} label="Menu" className="mb-3 mt-auto">
        <div className="p-3">
          <button
            type="button"
            className="field mb-3 flex h-11 w-full items-center text-ink-3"
            onClick={() => {
              setOpen(false);
              onPalette();
            }}
          >
            Search pages, runs and what was said
          </button>
          <Navigation roomy />
          <div className="mt-3 flex items-center justify-between border-t border-line pt-3">
            <Preferences />
            <button type="button" className="button h-9" onClick={() => setOpen(false)}>
              Close
            </button>
          </div>
        </div>
      </Dialog>
    </div>
  );
}

function ProjectSwitch() {
  const { project, all } = useProject();
  const navigate = useNavigate();
  if (!project) return null;
  if (all.length === 1) {
    return <p className="truncate px-1.5 text-ink-2">{project.name}</p>;
  }
  return (
    <select
      aria-label="Project"
      className="field min-w-0 shrink md:shrink-0"
      value={project.slug}
      onChange={(event) => navigate({ to: "/p/$slug", params: { slug: event.target.value } })}
    >
      {all.map((each) => (
        <option key={each.id} value={each.slug}>
          {each.name}
        </option>
      ))}
    </select>
  );
}

/** All pages; `roomy` for fingers. */
function Navigation({ roomy = false }: { roomy?: boolean }) {
  const { project } = useProject();
  const waiting = useView("learning-queue", {
    params: project ? { project: project.id } : {},
    enabled: project !== undefined,
    travels: false,
  });
  return (
    <nav aria-label="Pages" className={roomy ? "grid grid-cols-2 gap-1" : "flex flex-col gap-0.5"}>
      {PAGES.map((page) => {
        if (page.scope === "project" && !project) return null;
        const to = page.scope === "project" ? `/p/${project?.slug}${page.path}` : page.path;
        return (
          <Link
            key={page.label}
            to={to}
            activeOptions={{ exact: page.path === "", includeSearch: false }}
            className={`flex ${roomy ? "h-11 gap-3 px-2 text-lg" : "h-7 gap-2 px-1.5"} items-center rounded-md text-ink-2 hover:bg-hover hover:text-ink aria-[current]:bg-hover aria-[current]:font-medium aria-[current]:text-ink`}
          >
            <svg viewBox="0 0 16 16" className="size-4 shrink-0" aria-hidden="true">
              <path
                d={page.icon}
                fill="none"
                stroke="currentColor"
                strokeWidth="1.3"
                strokeLinecap="round"
                strokeLinejoin="round"
              />
            </svg>
            <span>{page.label}</span>
            {page.path === "/learnings" && waiting.rows.size > 0 ? (
              <span className="ml-auto rounded bg-warn-soft px-1 text-xs font-medium text-warn">
                {waiting.rows.size}
                <span className="sr-only"> waiting</span>
              </span>
            ) : null}
          </Link>
        );
      })}
    </nav>
  );
}

const THEME_ICONS = {
  system: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11",
  light:
    "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.8.8M11.8 11.8l.8.8M3.4 12.6l.8-.8M11.8 4.2l.8-.8",
  dark: "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6",
};

function Preferences() {
  const chosen = useStore(theme);
  const mode = useStore(timeMode);
  const next = <T,>(all: readonly T[], current: T): T => all[(all.indexOf(current) + 1) % all.length] as T;
  return (
    <div className="flex items-center justify-between gap-2">
      <button
        type="button"
        className="button quiet"
        onClick={() => timeMode.set(next(TIME_MODES, mode))}
        title="How times are shown"
      >
        <svg viewBox="0 0 16 16" className="size-4" aria-hidden="true">
          <path
            d="M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M8 5v3.2l2 1.3"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.3"
            strokeLinecap="round"
          />
        </svg>
        {mode === "utc" ? "UTC" : mode === "local" ? "Local" : "Relative"}
        <span className="sr-only"> times; change</span>
      </button>
      <button
        type="button"
        className="button quiet"
        onClick={() => theme.set(next(THEMES, chosen))}
        title={`Colours: ${chosen}`}
        aria-label={`Colours: ${chosen}; change`}
      >
        <svg viewBox="0 0 16 16" className="size-4" aria-hidden="true">
          {chosen === "system" ? <path d="M8 2.5a5.5 5.5 0 0 0 0 11z" fill="currentColor" /> : null}
          <path d={THEME_ICONS[chosen]} fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" />
        </svg>
      </button>
    </div>
  );
}
