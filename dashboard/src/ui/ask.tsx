// Questions before something that cannot be taken back, in a dialog of the page's own.

import { type FormEvent, useId } from "react";
import { store, useStore } from "@/lib/store";
import { Dialog } from "./bits";

interface Question {
  title: string;
  /** What follows from a yes. */
  text?: string;
  /** Word on the button that does it. */
  act: string;
  /** Label of the line that must be written, where one must. */
  line?: string;
  /** `danger` unless it can be taken back. */
  tone?: "danger" | "primary";
}

const asked = store<(Question & { answer: (given: string | undefined) => void }) | undefined>(undefined);

function ask(question: Question): Promise<string | undefined> {
  asked.get()?.answer(undefined);
  return new Promise((resolve) =>
    asked.set({
      ...question,
      answer: (given) => {
        asked.set(undefined);
        resolve(given);
      },
    }),
  );
}

/** Whether it shall be done. */
export const agreed = async (question: Question): Promise<boolean> => (await ask(question)) !== undefined;

/** The line that was written; `undefined` where nothing shall be done. */
export const written = (question: Question & { line: string }): Promise<string | undefined> => ask(question);

/** The place where questions appear; once on the page. */
export function Asking() {
  const question = useStore(asked);
  const described = useId();
  const close = () => question?.answer(undefined);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget).get("line");
    question?.answer(String(given ?? ""));
  };
  return (
    <Dialog open={question !== undefined} onClose={close} label={question?.title ?? "Question"} className="max-w-md">
      {question ? (
        <form onSubmit={send} aria-describedby={question.text ? described : undefined} className="space-y-3 p-4">
          <h2 className="text-lg font-medium">{question.title}</h2>
          {question.text ? (
            <p id={described} className="text-ink-2">
              {question.text}
            </p>
          ) : null}
          {question.line ? (
            <label className="grid gap-1">
              <span className="eyebrow">{question.line}</span>
              <input name="line" className="field" required autoFocus />
            </label>
          ) : null}
          <div className="flex justify-end gap-2">
            {/* What does nothing comes first, and has the focus. */}
            <button type="button" className="button" autoFocus={!question.line} onClick={close}>
              Leave it
            </button>
            <button type="submit" className={`button ${question.tone ?? "danger"}`}>
              {question.act}
            </button>
          </div>
        </form>
      ) : null}
    </Dialog>
  );
}
