// Who is signed in: by a token, or by the cookie of an account; and the one client made from it.

import { Client, Http, WaybillError } from "@waybill";
import { store } from "@/lib/store";

const KEY = "waybill.token";

/** Listeners are called once a frame, however much arrives. */
const frames = (() => {
  let waiting = new Set<() => void>();
  const flush = () => {
    const due = waiting;
    waiting = new Set();
    for (const run of due) run();
  };
  return (run: () => void) => {
    if (waiting.size === 0) {
      // A hidden page gets no frames.
      if (document.hidden) setTimeout(flush, 100);
      else requestAnimationFrame(flush);
    }
    waiting.add(run);
  };
})();

function make(token: string | null): Client {
  return new Client({ url: location.origin, token, connection: { schedule: frames } });
}

/** A token that came with the address leaves it at once: addresses are copied and logged. */
function offered(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

const first = offered() ?? sessionStorage.getItem(KEY);
if (first) sessionStorage.setItem(KEY, first);

/** The client while somebody is signed in, `null` while nobody is, `undefined` while that is being asked. */
export const session = store<Client | null | undefined>(first ? make(first) : undefined);
if (!first) void greet();

/** The cookie is not for scripts to see: the server says whether there is one. */
async function greet(): Promise<void> {
  const answer = await fetch("/v1/auth/me").catch(() => undefined);
  if (session.get() === undefined) session.set(answer?.ok ? make(null) : null);
}

function begin(token: string | null): void {
  session.get()?.close();
  session.set(make(token));
}

/** Signs in with the operator's token, or a key's. */
export async function signInWithToken(token: string): Promise<void> {
  await new Http({ url: location.origin, token }).json("/v1/log");
  sessionStorage.setItem(KEY, token);
  begin(token);
}

/** Signs a person in; the server answers with a cookie. */
export async function signIn(email: string, password: string): Promise<void> {
  const body = JSON.stringify({ email, password });
  const headers = { "content-type": "application/json" };
  await new Http({ url: location.origin, token: null }).request("/v1/auth/login", { method: "POST", headers, body });
  begin(null);
}

/** Ends the session here and, where it is an account's, on the server. */
export function signOut(): void {
  const held = session.get();
  if (!sessionStorage.getItem(KEY)) {
    const headers = { "content-type": "application/json" };
    const ended = held?.http.request("/v1/auth/logout", { method: "POST", headers, body: "{}" });
    // Who is refused is signed out already.
    ended?.catch((error: unknown) => {
      if (!(error instanceof WaybillError)) throw error;
    });
  }
  sessionStorage.removeItem(KEY);
  held?.close();
  session.set(null);
}

/** The client; only below the sign-in, where there is one. */
export function client(): Client {
  const held = session.get();
  if (!held) throw new Error("nobody is signed in");
  return held;
}
