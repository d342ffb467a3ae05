// The form of a new chain: of issues on one branch, or of sprints with a branch and a pull request each.

import type { CommandBodies } from "@waybill";
import { useState } from "react";
import type { Commanding } from "@/data/command";
import { useList } from "@/data/lists";
import { Area, Field, type Given, Pick, Ticks } from "@/ui/form";

const POLICIES = ["pause", "continue", "retry", "stop"] as const;
const ADVANCES = ["automatic", "manual"] as const;
type Sprints = CommandBodies["sprint-chain/create"];

interface Making {
  id: string;
  project: string;
  send: Commanding["send"];
}

export function NewChain() {
  const [of, setOf] = useState("issues");
  const { rows: issues } = useList("issues");
  const free = issues.filter((issue) => issue.status === "open");
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <Field name="title" label="Title" required autoFocus className="w-72" />
        <Pick
          name="of"
          label="A chain of"
          options={[
            ["issues", "issues, on one branch"],
            ["sprints", "sprints, a pull request each"],
          ]}
          value={of}
          onChange={setOf}
        />
        <Pick name="on_failure" label="When a run fails" options={POLICIES} value="pause" />
      </div>
      {of === "sprints" ? (
        <SprintFields />
      ) : (
        <>
          <Field name="branch" label="Branch of all its runs" required placeholder="waybill/…" className="w-72" />
          <Ticks
            name="issues"
            label="Open issues, in this order"
            options={free.map((issue) => [issue.id, issue.title] as const)}
            chosen={[]}
            none="No issue is open. Open one first."
          />
        </>
      )}
    </>
  );
}

function SprintFields() {
  const { rows } = useList("workflows");
  const workflows = rows.filter((each) => !each.archived).map((each) => [each.id, each.name] as const);
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <Field name="sprints" label="How many" type="number" min={1} max={100} required value={3} className="w-24" />
        <Pick name="workflow" label="Workflow of every sprint" options={workflows} none="none" />
        <Pick name="advance" label="Goes on to the next" options={ADVANCES} value="automatic" />
        <Field name="base_branch" label="Branches leave from" placeholder="the default branch" className="w-48" />
      </div>
      <Area name="default_prompt" label="What a sprint is to do" rows={4} required />
      <Area
        name="prompts"
        label="Sprints with a prompt of their own, one a line: number = prompt"
        rows={3}
        mono
        placeholder="2 = Write the migration guide."
      />
    </>
  );
}

/** Lines as prompts; a line without a number goes to the server as sprint 0, which there is none of. */
export function sprintPrompts(lines: readonly string[]): NonNullable<Sprints["prompts"]> {
  return lines.map((line) => {
    const [, number = "0", prompt = line] = /^(\d+)\s*=\s*(.*)$/.exec(line) ?? [];
    return { sprint: Number(number), prompt };
  });
}

/** Sends the chain of sprints; resolves to the key of its row. */
export async function ofSprints(given: Given, { id, project, send }: Making): Promise<string | undefined> {
  const body: Sprints = {
    project,
    title: given.text("title"),
    sprints: given.number("sprints") ?? 1,
    default_prompt: given.text("default_prompt"),
    prompts: sprintPrompts(given.lines("prompts")),
    advance: given.text("advance") as (typeof ADVANCES)[number],
    on_failure: given.text("on_failure") as (typeof POLICIES)[number],
    workflow: given.maybe("workflow"),
    base_branch: given.maybe("base_branch"),
  };
  return (await send("sprint-chain/create", id, body)) ? `sprint-chain-${id}` : undefined;
}

/** Sends the chain of issues, and each issue's part of it. */
export async function ofIssues(given: Given, { id, project, send }: Making): Promise<string | undefined> {
  const issues = given.all("issues");
  const body = {
    project,
    title: given.text("title"),
    branch: given.text("branch"),
    issues,
    on_failure: given.text("on_failure") as (typeof POLICIES)[number],
  };
  if (!(await send("work-chain/create", id, body))) return undefined;
  for (const issue of issues) await send("issue/chain", issue, { chain: id });
  return `work-chain-${id}`;
}
