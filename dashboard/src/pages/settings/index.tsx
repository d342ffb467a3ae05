// Settings of a project: who is in it, what may reach it, and what its sessions are given.

import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useSearchChange } from "@/app/navigate";
import { useRights } from "@/app/rights";
import { useProject } from "@/app/shell";
import { useView } from "@/data/live";
import { ProblemNote, Segmented } from "@/ui/bits";
import { Why } from "@/ui/catalogue";
import { General } from "./general";
import { Keys } from "./keys";
import { Members } from "./members";
import { Quality } from "./quality";
import { settingsOf } from "./rows";
import { Sessions } from "./sessions";
import { Variables } from "./variables";

const TABS = [
  { value: "members", label: "Members" },
  { value: "keys", label: "API keys" },
  { value: "variables", label: "Variables" },
  { value: "sessions", label: "Sessions" },
  { value: "quality", label: "Quality" },
  { value: "general", label: "General" },
] as const;
type Tab = (typeof TABS)[number]["value"];

export default function Settings() {
  const search = useSearch({ from: "/p/$slug/settings" });
  const change = useSearchChange();
  const { project } = useProject();
  const rights = useRights(project?.id);
  const view = useView("project-settings", { key: project?.id, enabled: project !== undefined });
  const held = useMemo(() => settingsOf(view.rows.values()), [view]);
  const tab = TABS.find((each) => each.value === search.tab)?.value ?? "members";
  const why = rights.why(tab === "members" ? "members" : tab === "keys" ? "keys" : "settings");
  const id = project?.id;
  return (
    <div className="flex min-h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <h1 className="text-xl font-semibold tracking-tight">Settings</h1>
        <div className="max-w-full overflow-x-auto">
          <Segmented<Tab>
            label="Part"
            value={tab}
            options={TABS}
            onChange={(next) => change({ tab: next === "members" ? undefined : next })}
          />
        </div>
        <div className="grow" />
        <Why why={why} />
      </header>
      {view.problem ? <ProblemNote problem={view.problem} /> : null}
      {id === undefined || view.state === "waiting" ? null : (
        <div className="max-w-5xl p-4">
          {tab === "members" ? (
            <Members project={id} may={why === undefined} me={rights.me?.user ?? undefined} />
          ) : null}
          {tab === "keys" ? <Keys project={id} may={why === undefined} keys={held.keys} /> : null}
          {tab === "variables" ? <Variables project={id} may={why === undefined} variables={held.variables} /> : null}
          {tab === "sessions" ? <Sessions project={id} may={why === undefined} sessions={held.sessions} /> : null}
          {tab === "quality" ? <Quality project={id} may={why === undefined} policies={held.policies} /> : null}
          {tab === "general" && held.general ? (
            <General project={id} may={why === undefined} general={held.general} />
          ) : null}
        </div>
      )}
    </div>
  );
}
