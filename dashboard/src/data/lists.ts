// Rows of a project's views as lists.

import type { ViewRows } from "@waybill";
import { useMemo } from "react";
import { useProject } from "@/app/shell";
import { useView } from "./live";

export type Listed<N extends keyof ViewRows> = ViewRows[N] & { id: string };

/** The rows of a view that are of the project of the address, the latest change first. */
export function useList<N extends keyof ViewRows>(name: N) {
  const { project } = useProject();
  const view = useView(name, { params: project ? { project: project.id } : {}, enabled: project !== undefined });
  const rows = useMemo(() => {
    const all = [...view.rows].map(([id, row]) => ({ ...(row as object), id }) as Listed<N>);
    const changed = (row: Listed<N>) => (row as { updated_at?: string }).updated_at ?? "";
    return all.sort((a, b) => changed(b).localeCompare(changed(a)));
  }, [view]);
  return { rows, view, project, waiting: view.state === "waiting", problem: view.problem };
}

/** Names by id, for what points at another thing. */
export function useNames(
  ...views: Array<"personas" | "contexts" | "assets" | "workflows">
): ReadonlyMap<string, string> {
  const { project } = useProject();
  const params: Record<string, string> = project ? { project: project.id } : {};
  const wanted = (name: string) => ({ params, enabled: project !== undefined && views.includes(name as never) });
  const personas = useView("personas", wanted("personas"));
  const contexts = useView("contexts", wanted("contexts"));
  const assets = useView("assets", wanted("assets"));
  const workflows = useView("workflows", wanted("workflows"));
  return useMemo(() => {
    const all = [personas, contexts, assets, workflows].flatMap(
      (view) => [...view.rows] as Array<[string, { name: string }]>,
    );
    return new Map(all.map(([id, row]) => [id, row.name]));
  }, [personas, contexts, assets, workflows]);
}
