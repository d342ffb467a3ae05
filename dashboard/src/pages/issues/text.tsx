// What is to be done, of an issue or an item of a plan: shown, and as fields.

import type { CommandBodies } from "@waybill";
import { markdown } from "@/lib/text";
import { Area, Field, type Given, Pick } from "@/ui/form";

export type IssueText = CommandBodies["issue/open"]["text"];
export const PRIORITIES: ReadonlyArray<IssueText["priority"]> = ["critical", "high", "medium", "low"];
export const TONES = { critical: "bad", high: "warn", medium: "info", low: "quiet" } as const;

export const textOf = (given: Given): IssueText => ({
  title: given.text("title"),
  description: given.text("description"),
  priority: given.text("priority") as IssueText["priority"],
  suggested_prompt: given.text("suggested_prompt"),
});

export function TextFields({ held }: { held?: IssueText | undefined }) {
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <Field name="title" label="Title" required autoFocus value={held?.title} className="min-w-64 flex-1" />
        <Pick name="priority" label="Priority" options={PRIORITIES} value={held?.priority ?? "medium"} />
      </div>
      <Area name="description" label="What is wrong or wanted" rows={5} required value={held?.description} />
      <Area name="suggested_prompt" label="What to ask an agent for" rows={4} required value={held?.suggested_prompt} />
    </>
  );
}

export function TextShown({ text }: { text: IssueText }) {
  return (
    <div className="max-w-3xl space-y-4">
      <div
        className="prose-agent"
        // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised to a short list of tags
        dangerouslySetInnerHTML={{ __html: markdown(text.description) }}
      />
      {text.suggested_prompt ? (
        <div>
          <h3 className="eyebrow">What to ask an agent for</h3>
          <p className="mt-1 rounded-md border border-line bg-sunk px-3 py-2 whitespace-pre-wrap">
            {text.suggested_prompt}
          </p>
        </div>
      ) : null}
    </div>
  );
}
