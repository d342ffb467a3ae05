// Environment variables: plain ones are shown, secrets are sealed here and never shown again.

import { useState } from "react";
import { useCommand } from "@/data/command";
import { agreed } from "@/ui/ask";
import { Chip, ProblemNote, Section } from "@/ui/bits";
import { Area, Field, Form, Tick } from "@/ui/form";
import { Once } from "./once";
import type { Variable } from "./rows";
import { isSealingKey, seal } from "./secrets";

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
  const [made, setMade] = useState<string>();
  const [wrong, setWrong] = useState(false);
  return (
    <div className="space-y-4">
      {made ? (
        <Once title="The key that opens it" text={made} onClose={() => setMade(undefined)}>
          The value was sealed with it in this browser (AES-256-GCM), and the server has neither. Give it to whatever
          runs the agents; use it again for further secrets.
        </Once>
      ) : null}
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
        <Section title="Set a variable">
          <Form
            label="Set a variable"
            className="space-y-3 px-3 py-3"
            busy={setting.busy}
            problem={setting.problem}
            submit="Set it"
            resets
            onSubmit={async (given) => {
              const [name, value] = [given.text("name"), given.text("value")];
              if (!given.on("secret")) {
                const body = { name, value: { plain: { value } } };
                return (await setting.send("project/set-env-var", project, body)) !== undefined;
              }
              const own = given.maybe("key");
              setWrong(own !== null && !isSealingKey(own));
              if (own !== null && !isSealingKey(own)) return false;
              const { sealed, key } = await seal(value, own ?? undefined);
              const body = { name, secret: true, value: { sealed: { sealed } } };
              const answer = await setting.send("project/set-env-var", project, body);
              if (answer && !own) setMade(key);
              return answer !== undefined;
            }}
          >
            <Field name="name" label="Name" required placeholder="DATABASE_URL" className="max-w-sm" />
            <Area name="value" label="Value" rows={2} mono required />
            <Tick name="secret" label="secret: sealed in this browser, never shown again" on />
            <Field
              name="key"
              label="Sealing key, 64 hex digits; where empty, a new one is made and shown once"
              type="password"
              className="max-w-xl"
            />
            {wrong ? (
              <p role="alert" className="text-bad">
                A sealing key has 64 digits of 0-9 and a-f.
              </p>
            ) : null}
          </Form>
        </Section>
      ) : null}
    </div>
  );
}
