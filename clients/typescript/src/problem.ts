// Errors as the server tells them: RFC 9457 problems, the same over HTTP and in frames.

/** An `application/problem+json` document. */
export interface Problem {
  type?: string;
  title?: string;
  status: number;
  /** One of a closed list; `network` and `unreadable` are this client's own. */
  code: string;
  detail: string;
  hint?: string;
  /** Fields at fault. */
  errors?: Array<{ field: string; detail: string }>;
}

/** What every refused or failed request throws. */
export class WaybillError extends Error {
  override readonly name = "WaybillError";

  constructor(readonly problem: Problem) {
    super(problem.detail);
  }

  get code(): string {
    return this.problem.code;
  }

  get hint(): string | undefined {
    return this.problem.hint;
  }

  /** Whether the same request may succeed a little later. */
  get isTransient(): boolean {
    return this.problem.status === 503 || this.problem.status === 504 || this.code === "network";
  }
}

/** What an answer that is no success says, whatever form it has. */
export function problemOf(status: number, text: string): Problem {
  try {
    const said = JSON.parse(text) as Partial<Problem>;
    if (typeof said.code === "string" && typeof said.detail === "string") return { status, ...said } as Problem;
  } catch {
    // Not JSON: something between here and the server answered.
  }
  return { status, code: "unreadable", detail: `the answer ${status} is no problem document: ${text.slice(0, 200)}` };
}
