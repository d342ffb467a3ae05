// The way in: the operator's token.

import { type FormEvent, useState } from "react";
import { Kbd } from "@/ui/bits";
import { signIn } from "./session";

export function SignIn() {
  const [refused, setRefused] = useState<string>();
  const [busy, setBusy] = useState(false);
  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget).get("token")).trim();
    setBusy(true);
    try {
      const answer = await fetch("/v1/log", { headers: { authorization: `Bearer ${token}` } });
      if (answer.ok) return signIn(token);
      const problem = (await answer.json()) as { detail: string; hint: string };
      setRefused(`${problem.detail}. ${problem.hint}`);
    } catch {
      setRefused("The server cannot be reached.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="grid min-h-full place-items-center p-4">
      <form onSubmit={enter} className="panel w-full max-w-sm p-6 shadow-xl shadow-(color:--shadow)">
        <img src="/icon.svg" alt="" width="32" height="32" />
        <h1 className="mt-4 text-xl font-semibold tracking-tight">Waybill</h1>
        <p className="text-ink-2">The record of what your agents did, why, and what it cost.</p>
        <label htmlFor="token" className="eyebrow mt-6 block">
          Token
        </label>
        <input
          id="token"
          name="token"
          type="password"
          required
          autoComplete="off"
          placeholder="wb_…"
          className="field mt-1 h-8 w-full font-mono"
          aria-describedby="where"
          aria-invalid={refused !== undefined}
        />
        {refused ? (
          <p role="alert" className="mt-2 text-bad">
            {refused}
          </p>
        ) : null}
        <button type="submit" disabled={busy} className="button primary mt-3 h-8 w-full justify-center">
          Open <Kbd>Enter</Kbd>
        </button>
        <p id="where" className="mt-4 text-sm text-ink-3">
          It stands in the file <code>token</code> of the data folder; <code>waybill serve</code> prints it.
        </p>
      </form>
    </main>
  );
}
