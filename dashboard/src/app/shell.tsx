// The frame of every page: navigation, connection, and the sign that a page shows the past.

import { Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useAt, useView } from "@/data/live";
import { count } from "@/lib/format";
import { store, useStore } from "@/lib/store";
import { Dialog, Kbd } from "@/ui/bits";
import { Badge } from "./badge";
import { useSearchChange } from "./navigate";
import { PAGES } from "./pages";
import { Palette } from "./palette";
import { THEMES, TIME_MODES, theme, timeMode } from "./prefs";
import { session } from "./session";
import { SignIn } from "./sign-in";

export function Shell() {
  const client = useStore(session);
  if (client === undefined) return null;
  return client ? <Frame /> : <SignIn />;
}

/** The project of the address, else the one that was open last. */
const lastProject = store<string | undefined>(undefined);

export function useProject() {
  const projects = useView("projects", { travels: false });
  const { slug } = useParams({ strict: false }) as { slug?: string };
  useEffect(() => {
    if (slug) lastProject.set(slug);
  }, [slug]);
  return useMemo(() => {
    const all = [...projects.rows].map(([id, row]) => ({ id, ...row }));
    const wanted = slug ?? lastProject.get();
    const found = all.find((project) => project.slug === wanted) ?? (slug ? undefined : all[0]);
    return { project: found, all, state: projects.state };
  }, [projects, slug]);
}

function Frame() {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useShortcuts(setPalette, setHelp);
  const at = useAt();
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)] md:grid-cols-[208px_minmax(0,1fr)] md:grid-rows-1">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-panel focus:p-2">
        Skip to the page
      </a>
      <Sidebar onPalette={() => setPalette(true)} />
      <main id="main" tabIndex={-1} className="flex min-w-0 flex-col overflow-y-auto outline-none">
        {at === undefined ? null : <PastBanner at={at} />}
        <div className="min-h-0 flex-1">
          <Outlet />
        </div>
      </main>
      <Palette open={palette} onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />
      <Help open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function Sidebar({ onPalette }: { onPalette: () => void }) {
  return (
    <header className="flex items-center gap-3 border-line border-b bg-panel px-3 py-2 md:flex-col md:items-stretch md:gap-4 md:border-r md:border-b-0 md:py-3">
      <Link
        to="/"
        search={{}}
        className="flex items-center gap-2 font-semibold md:px-1.5"
        aria-label="Waybill, all projects"
      >
        <img src="/icon.svg" alt="" width="20" height="20" />
        <span className="hidden text-lg tracking-tight sm:inline">Waybill</span>
      </Link>
      <ProjectSwitch />
      <button
        type="button"
        onClick={onPalette}
        className="field hidden items-center justify-between text-ink-3 hover:bg-hover md:flex"
      >
        Search <Kbd>Ctrl K</Kbd>
      </button>
      <Navigation />
      <div className="grow" />
      <div className="hidden md:block">
        <Preferences />
      </div>
      <Badge />
    </header>
  );
}

function ProjectSwitch() {
  const { project, all } = useProject();
  const navigate = useNavigate();
  if (!project) return null;
  if (all.length === 1) {
    return <p className="hidden truncate px-1.5 text-ink-2 md:block">{project.name}</p>;
  }
  return (
    <select
      aria-label="Project"
      className="field max-w-36 md:max-w-none"
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

function Navigation() {
  const { project } = useProject();
  const waiting = useView("learning-queue", {
    params: project ? { project: project.id } : {},
    enabled: project !== undefined,
    travels: false,
  });
  return (
    <nav aria-label="Pages" className="flex gap-0.5 overflow-x-auto md:flex-col">
      {PAGES.map((page) => {
        if (page.scope === "project" && !project) return null;
        const to = page.scope === "project" ? `/p/${project?.slug}${page.path}` : page.path;
        return (
          <Link
            key={page.label}
            to={to}
            activeOptions={{ exact: page.path === "", includeSearch: false }}
            className="flex h-7 items-center gap-2 rounded-md px-1.5 text-ink-2 hover:bg-hover hover:text-ink aria-[current]:bg-hover aria-[current]:font-medium aria-[current]:text-ink"
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
            <span className="max-sm:sr-only">{page.label}</span>
            {page.path === "/learnings" && waiting.rows.size > 0 ? (
              <span className="ml-auto rounded bg-warn-soft px-1 text-xs font-medium text-warn max-sm:sr-only">
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
    <div className="flex items-center justify-between">
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

/** Whatever the page shows is of the past; back to now is one click away. */
function PastBanner({ at }: { at: string }) {
  const change = useSearchChange();
  const which = /^\d+$/.test(at) ? `position ${count(Number(at))}` : at;
  return (
    <div
      className="flex items-center justify-between gap-3 border-b border-line bg-violet-soft px-4 py-1.5 text-violet"
      role="status"
    >
      <span>
        You see the log as of <strong className="font-medium">{which}</strong>.
      </span>
      <button type="button" className="button h-6" onClick={() => change({ at: undefined }, { replace: false })}>
        Back to now
      </button>
    </div>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable);

function useShortcuts(setPalette: (open: boolean) => void, setHelp: (open: boolean) => void) {
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
      const went = Date.now() - going.current < 1500;
      going.current = event.key === "g" ? Date.now() : 0;
      const page = went ? PAGES.find((each) => each.key === event.key) : undefined;
      if (!page || (page.scope === "project" && !project)) return;
      event.preventDefault();
      navigate({ to: page.scope === "project" ? `/p/${project?.slug}${page.path}` : page.path });
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [navigate, project, setPalette, setHelp]);
}

const KEYS: ReadonlyArray<[string[], string]> = [
  [["Ctrl", "K"], "Search pages, runs and actions"],
  [["g", "o"], "Go to the overview; r runs, l learnings, a audit"],
  [["/"], "Search on this page"],
  [["j"], "Next row or message"],
  [["k"], "The one before"],
  [["Enter"], "Open it"],
  [["a"], "Learnings: approve"],
  [["r"], "Learnings: reject, with a reason"],
  [["e"], "Learnings: edit"],
  [["?"], "This list"],
];

function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} label="Keyboard shortcuts" className="max-w-md">
      <h2 className="border-b border-line px-4 py-3 text-lg font-medium">Keyboard</h2>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 px-4 py-4">
        {KEYS.map(([keys, what]) => (
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
    </Dialog>
  );
}
