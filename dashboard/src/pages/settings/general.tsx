// Names, the repository, and what every session is told.

import type { CommandBodies } from "@waybill";
import type { ReactNode } from "react";
import { useCommand } from "@/data/command";
import { Section } from "@/ui/bits";
import { Facts } from "@/ui/catalogue";
import { Area, Field, FormSection, type Given } from "@/ui/form";
import type { General as Held } from "./rows";

export function General({ project, may, general }: { project: string; may: boolean; general: Held }) {
  if (!may) {
    return (
      <Section title="General">
        <div className="px-3 py-2">
          <Facts
            facts={[
              ["Name", general.name],
              ["In addresses", general.slug],
              ["Repository", general.repository_url ?? "none"],
              [
                "Author of commits",
                general.git_author_name ? `${general.git_author_name} <${general.git_author_email}>` : "the platform’s",
              ],
              ["Prompt of every session", general.sandbox_prompt || "none"],
              ["CLAUDE.md of every sandbox", general.claude_md || "none"],
            ]}
          />
        </div>
      </Section>
    );
  }
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Part
        title="Names"
        project={project}
        route="project/rename"
        body={(g) => ({ name: g.text("name"), slug: g.text("slug") })}
      >
        <Field name="name" label="Name on screen" value={general.name} required />
        <Field name="slug" label="Name in addresses" value={general.slug} required />
      </Part>
      <Part
        title="Author of agents’ commits"
        project={project}
        route="project/set-git-author"
        body={(g) => ({ name: g.text("name"), email: g.text("email") })}
      >
        <Field name="name" label="Name" value={general.git_author_name} required />
        <Field name="email" label="E-mail address" value={general.git_author_email} required />
      </Part>
      <Part
        title="Repository"
        project={project}
        route="project/link-repository"
        body={(g) => ({ repository_url: g.text("url") })}
      >
        <Field name="url" label="Where its code is" value={general.repository_url} required placeholder="https://…" />
      </Part>
      <Part
        title="Learnings are extracted by"
        project={project}
        route="project/set-learning-settings"
        body={(g) => ({ model: g.maybe("model"), template: g.maybe("template") })}
      >
        <Field name="model" label="Model" value={general.learning.model} placeholder="the platform’s default" />
        <Area name="template" label="Prompt" rows={3} value={general.learning.template} />
      </Part>
      <Part
        title="What every session’s prompt ends with"
        project={project}
        route="project/set-sandbox-prompt"
        body={(g) => ({ prompt: g.text("prompt") })}
      >
        <Area name="prompt" label="Text" rows={8} mono value={general.sandbox_prompt} />
      </Part>
      <Part
        title="CLAUDE.md of every sandbox"
        project={project}
        route="project/set-claude-md"
        body={(g) => ({ content: g.text("content") })}
      >
        <Area name="content" label="Text" rows={8} mono value={general.claude_md} />
      </Part>
    </div>
  );
}

function Part<K extends keyof CommandBodies>({
  title,
  project,
  route,
  body,
  children,
}: {
  title: string;
  project: string;
  route: K;
  body: (given: Given) => CommandBodies[K];
  children: ReactNode;
}) {
  const { send, busy, problem } = useCommand();
  return (
    <FormSection
      title={title}
      busy={busy}
      problem={problem}
      submit="Save"
      onSubmit={async (given) => {
        await send(route, project, body(given));
      }}
    >
      {children}
    </FormSection>
  );
}
