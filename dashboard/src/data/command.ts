// Commands from the screen: nothing is shown before the log says it.

import type { Answer, CommandBodies, CommandOptions, Problem } from "@waybill";
import { WaybillError } from "@waybill";
import { useCallback, useState } from "react";
import { client } from "@/app/session";

export interface Commanding {
  /** Sends it; resolves to the answer, or to nothing where it was refused. */
  send<K extends keyof CommandBodies>(
    route: K,
    id: string,
    body: CommandBodies[K],
    options?: CommandOptions,
  ): Promise<Answer | undefined>;
  /** Anything else that may be refused in the same way. */
  run<T>(act: () => Promise<T>): Promise<T | undefined>;
  busy: boolean;
  problem: Problem | undefined;
  clear(): void;
}

/** A sender of commands with its state. */
export function useCommand(): Commanding {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = useCallback(async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setProblem(undefined);
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      setProblem(error.problem);
      return undefined;
    } finally {
      setBusy(false);
    }
  }, []);
  const send = useCallback<Commanding["send"]>(
    (route, id, body, options) => run(() => client().http.command(route, id, body, options)),
    [run],
  );
  return { send, run, busy, problem, clear: useCallback(() => setProblem(undefined), []) };
}
