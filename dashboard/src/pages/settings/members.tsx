// Who belongs to the project, and who is invited.

import { type CommandBodies, newId } from "@waybill";
import { useMemo } from "react";
import { useCommand } from "@/data/command";
import { useView } from "@/data/live";
import { shortId } from "@/lib/format";
import { agreed } from "@/ui/ask";
import { Chip, ProblemNote, Section, Time } from "@/ui/bits";
import { Field, FormSection, Pick } from "@/ui/form";

type Role = CommandBodies["project/invite-member"]["role"];
const ROLES: readonly Role[] = ["owner", "admin", "member", "auditor", "analyst"];
const MEANING: Record<Role, string> = {
  owner: "who may do everything",
  admin: "who may do everything but delete the project",
  member: "who works: runs, issues, plans, workflows",
  auditor: "who sees everything and changes nothing",
  analyst: "who reads views and exports",
};

interface Props {
  project: string;
  may: boolean;
  me: string | undefined;
}

export function Members({ project, may, me }: Props) {
  const view = useView("members", { params: { project } });
  const users = useView("users");
  const { send, busy, problem } = useCommand();
  const invite = useCommand();
  const rows = useMemo(
    () =>
      [...view.rows].sort(
        ([, a], [, b]) => a.status.localeCompare(b.status) * -1 || ROLES.indexOf(a.role) - ROLES.indexOf(b.role),
      ),
    [view],
  );
  return (
    <div className="space-y-4">
      <Section title="Members and invitations" aside={rows.length}>
        {problem ? <ProblemNote problem={problem} /> : null}
        {rows.length === 0 ? (
          <p className="px-3 py-3 text-ink-2">
            Nobody yet: who holds the operator’s token sees the project. Invite the first.
          </p>
        ) : null}
        <ul>
          {rows.map(([key, row]) => {
            const person = row.user ? users.rows.get(row.user) : undefined;
            const name = person?.name ?? row.email ?? (row.user ? `user ${shortId(row.user)}` : "somebody");
            return (
              <li
                key={key}
                className="flex flex-wrap items-center gap-3 border-t border-line/70 px-3 py-2 first:border-t-0"
              >
                <span className="min-w-0 flex-1 basis-48">
                  <span className="block truncate font-medium">
                    {name}
                    {row.user && row.user === me ? <span className="text-ink-3"> (you)</span> : null}
                  </span>
                  <span className="block truncate text-xs text-ink-3">
                    {person ? `${person.email}, ` : ""}
                    {row.status === "invited" ? "invited" : "since"} <Time at={row.joined_at ?? row.invited_at} />
                  </span>
                </span>
                {row.providers.length > 0 ? <Chip>keys of {row.providers.join(", ")}</Chip> : null}
                {row.status === "invited" ? <Chip tone="warn">invited</Chip> : null}
                {may && row.user && row.status === "member" ? (
                  <select
                    className="field"
                    aria-label={`Role of ${name}`}
                    value={row.role}
                    disabled={busy}
                    onChange={(event) =>
                      send("project/change-member-role", project, {
                        user: row.user ?? "",
                        role: event.target.value as Role,
                      })
                    }
                  >
                    {ROLES.map((role) => (
                      <option key={role}>{role}</option>
                    ))}
                  </select>
                ) : (
                  <span className="text-ink-2">{row.role}</span>
                )}
                {may ? (
                  <button
                    type="button"
                    className="button danger h-6"
                    aria-label={row.status === "invited" ? `Take back the invitation of ${name}` : `Remove ${name}`}
                    disabled={busy}
                    onClick={async () => {
                      const title = `Remove ${name} from the project?`;
                      if (row.status === "invited" && row.invitation) {
                        await send("project/revoke-invitation", project, { invitation: row.invitation });
                      } else if (row.user && (await agreed({ title, act: "Remove" }))) {
                        await send("project/remove-member", project, { user: row.user });
                      }
                    }}
                  >
                    {row.status === "invited" ? "Take back" : "Remove"}
                  </button>
                ) : null}
              </li>
            );
          })}
        </ul>
      </Section>
      {may ? (
        <FormSection
          title="Invite somebody"
          busy={invite.busy}
          problem={invite.problem}
          submit="Invite"
          resets
          onSubmit={async (given) => {
            const body = { invitation: newId(), email: given.text("email"), role: given.text("role") as Role };
            return (await invite.send("project/invite-member", project, body)) !== undefined;
          }}
        >
          <div className="flex flex-wrap gap-3">
            <Field name="email" label="E-mail address" type="email" required className="w-72" />
            <Pick
              name="role"
              label="As"
              options={ROLES.map((role) => [role, `${role}, ${MEANING[role]}`] as const)}
              value="member"
            />
          </div>
        </FormSection>
      ) : null}
    </div>
  );
}
