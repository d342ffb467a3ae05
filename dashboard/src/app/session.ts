// Who is signed in: the token, and the one client made from it.

import { Client } from "@waybill";
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

function make(token: string): Client {
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

/** The client, while somebody is signed in. */
export const session = store<Client | null>(first ? make(first) : null);

export function signIn(token: string): void {
  sessionStorage.setItem(KEY, token);
  session.get()?.close();
  session.set(make(token));
}

export function signOut(): void {
  sessionStorage.removeItem(KEY);
  session.get()?.close();
  session.set(null);
}

/** The client; only below the sign-in, where there is one. */
export function client(): Client {
  const held = session.get();
  if (!held) throw new Error("nobody is signed in");
  return held;
}
