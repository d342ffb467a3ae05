// Environment variables: plain ones are shown, secrets are sealed by the server and never shown again.

import { useCommand } from "@/data/command";
import { agreed } from "@/ui/ask";
import { Chip, ProblemNote, Section } from "@/ui/bits";
import { Area, Field, FormSection, Tick } from "@/ui/form";
import type { Variable } from "./rows";

export function Variables({
  project,
  may,
  variables,
}: {
  project: string;
  may: boolean;
  variables: readonly Variable[];
}) {
  const { send, busy, problem } = useCommand();
  const setting = useCommand();
  return (
    <div className="space-y-4">
      <Section title="Environment variables" aside={variables.length}>
        {problem ? <ProblemNote problem={problem} /> : null}
        {variables.length === 0 ? (
          <p className="px-3 py-3 text-ink-2">
            No variables yet. Every sandbox of the project is given those that are set here.
          </p>
        ) : null}
        <ul>
          {variables.map((each) => (
            <li
              key={each.name}
              className="flex flex-wrap items-center gap-3 border-t border-line/70 px-3 py-2 first:border-t-0"
            >
              <code className="min-w-0 basis-56 truncate font-medium">{each.name}</code>
              <span className="min-w-0 flex-1 truncate text-ink-2">
                {each.secret ? <Chip tone="violet">sealed, cannot be read</Chip> : <code>{each.value}</code>}
              </span>
              {may ? (
                <button
                  type="button"
                  className="button danger h-6"
                  disabled={busy}
                  aria-label={`Remove ${each.name}`}
                  onClick={async () => {
                    if (await agreed({ title: `Remove ${each.name}?`, act: "Remove" }))
                      await send("project/remove-env-var", project, { name: each.name });
                  }}
                >
                  Remove
                </button>
              ) : null}
            </li>
          ))}
        </ul>
      </Section>
      {may ? (
        <FormSection
          title="Set a variable"
          busy={setting.busy}
          problem={setting.problem}
          submit="Set it"
          resets
          onSubmit={async (given) => {
            const [name, value] = [given.text("name"), given.text("value")];
            // The server seals a secret before anything of it is recorded.
            const body = { name, value: { plain: { value } }, secret: given.on("secret") };
            return (await setting.send("project/set-env-var", project, body)) !== undefined;
          }}
        >
          <Field name="name" label="Name" required placeholder="DATABASE_URL" className="max-w-sm" />
          <Area name="value" label="Value" rows={2} mono required />
          <Tick name="secret" label="secret: sealed by the server, never shown again" on />
        </FormSection>
      ) : null}
    </div>
  );
}
