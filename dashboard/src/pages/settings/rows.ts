// The rows of a project's settings by what they are.

import type { ViewRows } from "@waybill";

type Row = ViewRows["project-settings"];
export type General = Extract<Row, { general: unknown }>["general"];
export type Key = Extract<Row, { api_key: unknown }>["api_key"];
export type Variable = Extract<Row, { env: unknown }>["env"];
export type Policy = Extract<Row, { policy: unknown }>["policy"];
export type Session = Extract<Row, { session: unknown }>["session"];

export interface Held {
  general: General | undefined;
  keys: Key[];
  variables: Variable[];
  policies: Policy[];
  sessions: Session[];
}

export function settingsOf(rows: Iterable<Row>): Held {
  const held: Held = { general: undefined, keys: [], variables: [], policies: [], sessions: [] };
  for (const row of rows) {
    if ("general" in row) held.general = row.general;
    else if ("api_key" in row) held.keys.push(row.api_key);
    else if ("env" in row) held.variables.push(row.env);
    else if ("policy" in row) held.policies.push(row.policy);
    else if ("session" in row) held.sessions.push(row.session);
  }
  held.keys.sort(
    (a, b) => Number(a.revoked_at !== null) - Number(b.revoked_at !== null) || b.issued_at.localeCompare(a.issued_at),
  );
  held.variables.sort((a, b) => a.name.localeCompare(b.name));
  held.policies.sort((a, b) => b.version - a.version);
  return held;
}
