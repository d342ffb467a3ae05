// The way in: an account, or the operator's token.

import type { Problem } from "@waybill";
import { WaybillError } from "@waybill";
import { type FormEvent, useState } from "react";
import { kept, useStore } from "@/lib/store";
import { Kbd, ProblemNote, Segmented } from "@/ui/bits";
import { signIn, signInWithToken } from "./session";

const WAYS = ["account", "token"] as const;
const way = kept("waybill.sign-in", WAYS, "account");

export function SignIn() {
  const [refused, setRefused] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const by = useStore(way);
  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setRefused(undefined);
    try {
      if (by === "token") await signInWithToken(text("token").trim());
      else await signIn(text("email").trim(), text("password"));
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      setRefused(error.problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="grid min-h-full place-items-center p-4">
      <form onSubmit={enter} className="panel w-full max-w-sm p-6 shadow-xl shadow-(color:--shadow)">
        <img src="/icon.svg" alt="" width="32" height="32" />
        <h1 className="mt-4 text-xl font-semibold tracking-tight">Waybill</h1>
        <p className="mb-5 text-ink-2">The record of what your agents did, why, and what it cost.</p>
        <Segmented
          label="Sign in with"
          value={by}
          onChange={(next) => way.set(next)}
          options={[
            { value: "account", label: "Account" },
            { value: "token", label: "Token" },
          ]}
        />
        {by === "token" ? (
          <>
            <Field name="token" label="Token" type="password" placeholder="wb_…" complete="off" />
            <p className="mt-2 text-sm text-ink-3">
              It stands in the file <code>token</code> of the data folder; <code>waybill serve</code> prints it.
            </p>
          </>
        ) : (
          <>
            <Field name="email" label="E-mail" type="email" complete="username" />
            <Field name="password" label="Password" type="password" complete="current-password" />
          </>
        )}
        {refused ? (
          <div className="mt-3">
            <ProblemNote problem={refused} />
          </div>
        ) : null}
        <button type="submit" disabled={busy} className="button primary mt-4 h-8 w-full justify-center">
          Open <Kbd>Enter</Kbd>
        </button>
      </form>
    </main>
  );
}

interface FieldProps {
  name: string;
  label: string;
  type: string;
  complete: string;
  placeholder?: string;
}

function Field({ name, label, type, complete, placeholder }: FieldProps) {
  return (
    <label className="mt-3 block" htmlFor={name}>
      <span className="eyebrow">{label}</span>
      <input
        id={name}
        name={name}
        type={type}
        required
        autoComplete={complete}
        placeholder={placeholder}
        className={`field mt-1 h-8 w-full ${name === "token" ? "font-mono" : ""}`}
      />
    </label>
  );
}
