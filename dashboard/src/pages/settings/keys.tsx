// API keys: made in the browser, shown once; the log has the digest.

import { newId } from "@waybill";
import { useState } from "react";
import { useCommand } from "@/data/command";
import { agreed } from "@/ui/ask";
import { Chip, ProblemNote, Section, Time } from "@/ui/bits";
import { Field, FormSection, Ticks } from "@/ui/form";
import { Once } from "./once";
import type { Key } from "./rows";
import { freshSecret } from "./secrets";

const SCOPES = [
  ["views:read", "views:read, what pages show"],
  ["log:read", "log:read, the project’s events"],
  ["exports:read", "exports:read, data to take away"],
  ["proofs:read", "proofs:read, checkpoints and proofs"],
  ["runs:write", "runs:write, runs and other work"],
  ["settings:write", "settings:write, settings, personas, contexts"],
] as const;

export function Keys({ project, may, keys }: { project: string; may: boolean; keys: readonly Key[] }) {
  const { send, busy, problem } = useCommand();
  const making = useCommand();
  const [made, setMade] = useState<string>();
  return (
    <div className="space-y-4">
      {made ? (
        <Once title="The new key" text={made} onClose={() => setMade(undefined)}>
          It is shown this once: the log has its digest only. Send it as <code>Authorization: Bearer …</code>.
        </Once>
      ) : null}
      <Section title="API keys" aside={keys.length}>
        {problem ? <ProblemNote problem={problem} /> : null}
        {keys.length === 0 ? (
          <p className="px-3 py-3 text-ink-2">
            No keys yet. Programs that read or write this project each get one of their own.
          </p>
        ) : null}
        <ul>
          {keys.map((key) => (
            <li
              key={key.key}
              className="flex flex-wrap items-center gap-3 border-t border-line/70 px-3 py-2 first:border-t-0"
            >
              <span className="min-w-0 flex-1 basis-48">
                <span className="block truncate font-medium">{key.name}</span>
                <span className="block truncate text-xs text-ink-3">
                  issued <Time at={key.issued_at} />
                  {key.expires_at ? (
                    <>
                      , ends <Time at={key.expires_at} />
                    </>
                  ) : (
                    ", no end"
                  )}
                </span>
              </span>
              <span className="flex flex-wrap gap-1">
                {key.scopes.map((scope) => (
                  <Chip key={scope}>{scope}</Chip>
                ))}
              </span>
              {key.revoked_at ? (
                <Chip tone="bad">revoked</Chip>
              ) : may ? (
                <button
                  type="button"
                  className="button danger h-6"
                  disabled={busy}
                  aria-label={`Revoke ${key.name}`}
                  onClick={async () => {
                    const text = "Whoever holds it is refused from then on.";
                    if (await agreed({ title: `End the key ${key.name}?`, text, act: "Revoke" }))
                      await send("project/revoke-api-key", project, { key: key.key });
                  }}
                >
                  Revoke
                </button>
              ) : null}
            </li>
          ))}
        </ul>
      </Section>
      {may ? (
        <FormSection
          title="Make a key"
          busy={making.busy}
          problem={making.problem}
          submit="Make the key"
          resets
          onSubmit={async (given) => {
            const key = newId();
            const secret = await freshSecret();
            const expires = given.maybe("expires");
            const body = {
              key,
              name: given.text("name"),
              scopes: given.all("scopes"),
              secret_sha256: secret.sha256,
              expires_at: expires ? `${expires}T00:00:00Z` : null,
            };
            const answer = await making.send("project/issue-api-key", project, body);
            if (answer) setMade(`wb_${key}_${secret.text}`);
            return answer !== undefined;
          }}
        >
          <div className="flex flex-wrap gap-3">
            <Field name="name" label="Name" required className="w-64" placeholder="ci" />
            <Field name="expires" label="Ends on (optional)" type="date" />
          </div>
          <Ticks name="scopes" label="What it may do" options={SCOPES} chosen={["views:read"]} none="" />
        </FormSection>
      ) : null}
    </div>
  );
}
