// The task in full, and the exact versions of everything the run rests on.

import type { ReactNode } from "react";
import { shortId, words } from "@/lib/format";
import { markdown } from "@/lib/text";
import { Chip, Section, Time, toneOf } from "@/ui/bits";
import type { RunLine } from "./layout";

export function Details({ run }: { run: RunLine }) {
  const { configuration: held } = run;
  const facts: Array<[string, ReactNode]> = [
    ["Source", words(run.source)],
    ["Asked for", <Time key="t" at={run.created_at} />],
    ["Started", <Time key="t" at={run.started_at} />],
    ["Ended", <Time key="t" at={run.ended_at} />],
    ["Workflow", run.workflow ? `${shortId(run.workflow)}, version ${held.workflow_version ?? "–"}` : "none"],
    [
      "Personas",
      held.personas.map((id, at) => `${shortId(id)} v${held.persona_versions[at] ?? "–"}`).join(", ") || "none",
    ],
    ["Contexts", held.contexts.map(([id, version]) => `${shortId(id)} v${version}`).join(", ") || "none"],
    [
      "Learnings",
      held.learning_versions.map(([role, version]) => `${role} v${version}`).join(", ") ||
        (held.learning_version === null ? "none" : `version ${held.learning_version}`),
    ],
    ["Assets", held.assets.map(([id, version]) => `${shortId(id)} v${version}`).join(", ") || "none"],
    ["Branch", run.branch ? `${run.branch} from ${run.base_branch ?? "–"}` : "none"],
    ["Came from", run.origin ?? "–"],
    ["Forks", run.forks.map((fork) => shortId(fork.into)).join(", ") || "none"],
  ];
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4 lg:grid-cols-[minmax(0,3fr)_minmax(280px,2fr)]">
      <div className="space-y-4">
        <Text title="Task" text={run.prompt} />
        {run.summary ? <Text title="What came out of it" text={run.summary} /> : null}
      </div>
      <div className="space-y-4">
        <Section title="Exact versions">
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 px-3 py-2">
            {facts.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-ink-3">{name}</dt>
                <dd className="[overflow-wrap:anywhere]">{value}</dd>
              </div>
            ))}
          </dl>
        </Section>
        {run.ci ? (
          <Section title="CI checks" aside={<Time at={run.ci.checked_at} />}>
            <ul className="px-3 py-2">
              {run.ci.checks.map((check) => (
                <li key={check.name} className="flex items-center justify-between gap-3 py-0.5">
                  {check.details_url ? (
                    <a
                      className="truncate underline underline-offset-2"
                      href={check.details_url}
                      target="_blank"
                      rel="noreferrer noopener"
                    >
                      {check.name}
                    </a>
                  ) : (
                    <span className="truncate">{check.name}</span>
                  )}
                  <Chip tone={toneOf(check.status)}>{check.status}</Chip>
                </li>
              ))}
            </ul>
          </Section>
        ) : null}
      </div>
    </div>
  );
}

function Text({ title, text }: { title: string; text: string }) {
  return (
    <Section title={title}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised to a short list of tags */}
      <div className="prose-agent px-3 py-2" dangerouslySetInnerHTML={{ __html: markdown(text) }} />
    </Section>
  );
}
