// What who is signed in may change, so that the screen offers nothing that the server would refuse.

import { useQuery } from "@tanstack/react-query";
import { useAt } from "@/data/live";
import { client } from "./session";

/** Who one is, as `GET /v1/auth/me` says it. */
export interface Me {
  kind: "nobody" | "operator" | "person" | "api_key" | "agent";
  actor: string;
  user: string | null;
  email: string | null;
  administrator: boolean;
  projects: Array<{ project: string; role: string | null }>;
  scopes: string[];
}

/** Kinds of change, as the table of roles knows them. */
export type Right = "work" | "settings" | "members" | "keys";

const BY_SCOPE: Record<Right, string | undefined> = {
  work: "runs:write",
  settings: "settings:write",
  members: undefined,
  keys: undefined,
};

/** Why somebody may not; `undefined` where they may. A member's own things are told apart by the server. */
export function denied(me: Me, project: string, right: Right): string | undefined {
  if (me.kind === "operator") return undefined;
  if (me.kind === "api_key") {
    const scope = BY_SCOPE[right];
    return scope && me.scopes.includes(scope) ? undefined : `This key has no ${scope ?? "such"} scope.`;
  }
  const role = me.projects.find((each) => each.project === project)?.role;
  if (role === "owner" || role === "admin") return undefined;
  if (role === "member" && right === "work") return undefined;
  if (!role) return "You have no role in this project: you may look, not change.";
  const article = /^[aeiou]/.test(role) ? "an" : "a";
  return role === "member"
    ? "You are a member here: settings are changed by owners and admins."
    : `You are ${article} ${role} here: you may look, not change.`;
}

/** Asks once whether a change may be made; while that is open, and in the past, it may not. */
export function useRights(project: string | undefined): {
  me: Me | undefined;
  why: (right: Right) => string | undefined;
} {
  const at = useAt();
  const asked = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => client().http.json<Me>("/v1/auth/me", signal),
    staleTime: 60_000,
  });
  const me = asked.data;
  return {
    me,
    why: (right) => {
      if (at !== undefined) return "This is the past: go back to now to change something.";
      if (!me || !project) return "";
      return denied(me, project, right);
    },
  };
}
