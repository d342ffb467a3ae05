// The frame of every page: navigation, connection, and the sign that a page shows the past.

import { Outlet, useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useAt, useView } from "@/data/live";
import { count } from "@/lib/format";
import { store, useStore } from "@/lib/store";
import { Asking } from "@/ui/ask";
import { Help, useShortcuts } from "./keys";
import { useSearchChange } from "./navigate";
import { Sidebar } from "./navigation";
import { Palette } from "./palette";
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
      <Asking />
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
