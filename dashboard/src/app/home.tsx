// The first page: the project, where there is one; the choice, where there are several.

import { Link, Navigate } from "@tanstack/react-router";
import { useView } from "@/data/live";
import { Empty, ProblemNote, Time } from "@/ui/bits";

export function Home() {
  const projects = useView("projects");
  if (projects.problem) return <ProblemNote problem={projects.problem} />;
  if (projects.state === "waiting") return null;
  const all = [...projects.rows.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
  const only = all[0];
  if (!only) {
    return (
      <Empty title="The log is empty">
        <p>Import a recorded session, and its runs, messages and costs appear here as they are written:</p>
        <pre className="panel mt-4 px-3 py-2 text-left">waybill import pi SESSION.jsonl --project demo</pre>
      </Empty>
    );
  }
  if (all.length === 1) return <Navigate to="/p/$slug" params={{ slug: only.slug }} replace />;
  return (
    <div className="mx-auto max-w-3xl p-4 sm:p-6">
      <h1 className="text-xl font-semibold">Projects</h1>
      <ul className="mt-4 grid gap-2 sm:grid-cols-2">
        {all.map((project) => (
          <li key={project.slug}>
            <Link to="/p/$slug" params={{ slug: project.slug }} className="panel block px-4 py-3 hover:bg-hover">
              <span className="block truncate text-lg font-medium">{project.name}</span>
              <span className="text-ink-3">
                {project.runs} {project.runs === 1 ? "run" : "runs"} · changed <Time at={project.updated_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
