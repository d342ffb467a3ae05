// Saved views of the table of runs: filters, order and columns under a name. Each is an address, and can be passed on.

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Me } from "@/app/rights";
import { client } from "@/app/session";
import { keptOf, parseViews, type SavedView, shownView, withoutView, withView } from "@/lib/saved";
import { written } from "@/ui/ask";
import { Menu } from "@/ui/menu";

const KEPT = ["q", "status", "model", "source", "sort", "columns"] as const;

export function SavedViews({ search }: { search: Readonly<Record<string, string | undefined>> }) {
  const { slug } = useParams({ from: "/p/$slug/runs" });
  const me = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => client().http.json<Me>("/v1/auth/me", signal),
    staleTime: 60_000,
  });
  const place = me.data ? `waybill.views.runs.${me.data.actor}.${slug}` : undefined;
  const [changes, setChanges] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is kept is read again after each change
  const views = useMemo(() => (place ? parseViews(localStorage.getItem(place)) : []), [place, changes]);
  const now = keptOf(search, KEPT);
  const current = shownView(views, now);
  const keep = (next: readonly SavedView[]) => {
    if (!place) return;
    localStorage.setItem(place, JSON.stringify(next));
    setChanges(changes + 1);
  };
  const save = async () => {
    const text = "Filters, order and columns, kept in this browser. Its address can be passed on.";
    const name = await written({ title: "Save this view", text, act: "Save", line: "Name", tone: "primary" });
    if (name?.trim()) keep(withView(views, { name: name.trim(), search: now }));
  };
  return (
    <Menu label={current ? `View: ${current.name}` : "Views"} className="w-64">
      <ul aria-label="Saved views">
        {views.map((view) => (
          <li key={view.name} className="flex items-center gap-1">
            <Link
              to="/p/$slug/runs"
              params={{ slug }}
              search={view.search}
              aria-current={view === current ? "true" : undefined}
              className="min-w-0 flex-1 truncate rounded px-1.5 py-1 hover:bg-hover aria-[current]:bg-accent-soft"
            >
              {view.name}
            </Link>
            <button
              type="button"
              className="button quiet h-6"
              aria-label={`Forget the view ${view.name}`}
              onClick={() => keep(withoutView(views, view.name))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      {views.length === 0 ? <p className="px-1.5 py-1 text-ink-3">None is saved yet.</p> : null}
      <button type="button" className="button mt-1" disabled={current !== undefined || !place} onClick={save}>
        Save this view
      </button>
    </Menu>
  );
}
