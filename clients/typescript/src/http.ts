// HTTP: commands, views as of now or of any position, events, proofs.

import type { LogEvent, Position } from "./frames";
import type { CommandBodies } from "./generated/commands";
import type { ViewRows } from "./generated/log";
import { problemOf, WaybillError } from "./problem";
import { newId } from "./ulid";

/** What an accepted command is answered with; it is durable then. */
export interface Answer {
  commit: string;
  stream: string;
  version: number;
  position: number;
  duplicate: boolean;
}

export interface CommandOptions {
  /** Id of the commit; a new one where absent. Repeating it is safe for ever. */
  commit?: string;
  /** Last version of the stream that the decision rests on. */
  expected?: number | "none" | "exists" | "any";
  occurredAt?: string;
  causation?: string;
  correlation?: string;
  signal?: AbortSignal;
}

export interface ViewQuery {
  /** One aggregate of a view per aggregate, or one row of a list. */
  key?: string;
  /** As of a position or an RFC 3339 time. */
  at?: number | string;
  minPosition?: number;
  waitMs?: number;
  limit?: number;
  after?: string;
  order?: "asc" | "desc";
  /** A figure of the view; by key where absent. */
  orderBy?: string;
  /** Rows whose field equals the text; `FIGURE.min` and `FIGURE.max` are bounds. */
  filters?: Record<string, string>;
  signal?: AbortSignal;
}

/** Rows of a view, and the position that they reflect. */
export interface Page<Row> {
  view: string;
  version: number;
  position: Position;
  rows: Array<{ key: string; row: Row }>;
  summary: unknown;
  next: string | null;
}

export interface EventQuery {
  after?: Position;
  limit?: number;
  stream?: string;
  type?: string;
  category?: string;
  project?: string;
  actor?: string;
  /** Happened then or later; RFC 3339. */
  since?: string;
  /** Happened before; RFC 3339. */
  until?: string;
  signal?: AbortSignal;
}

export interface DiffQuery {
  /** One row, or the aggregate of a view per aggregate. */
  key?: string;
  limit?: number;
  after?: string;
  filters?: Record<string, string>;
  signal?: AbortSignal;
}

/** What changed in a view between two points. */
export interface Diff {
  view: string;
  version: number;
  from: Position;
  to: Position;
  rows: Record<"equal" | "added" | "removed" | "changed", number>;
  changes: Array<{
    key: string;
    change: "added" | "removed" | "changed";
    /** A side is absent where the row was not there. */
    fields: Array<{ field: string; old?: unknown; new?: unknown }>;
    /** The first events that touched the row. */
    events: Array<{ position: number; type: string; stream: string }>;
    events_total: number;
  }>;
  next: string | null;
}

export interface EventPage {
  events: LogEvent[];
  after: Position;
  head: Position;
  more: boolean;
}

export interface HttpOptions {
  /** Such as `http://127.0.0.1:8377`; the page's own origin where empty. */
  url: string;
  /** Sent as the bearer; `null` where the browser's cookie says who asks. */
  token: string | null;
  fetch?: typeof fetch;
  /** How often a command is sent again under the same id where the connection breaks or the server is busy. */
  retries?: number;
  /** Wait before the first repetition; doubles each time, with jitter. */
  retryMs?: number;
}

/** Requests to one server with one token. */
export class Http {
  constructor(private readonly options: HttpOptions) {}

  /** The address of a path, for links and for `curl`. */
  address(path: string): string {
    return `${this.options.url}${path}`;
  }

  /** Sends a command; it is durable once this resolves, and has changed nothing where it is refused. */
  async command<K extends keyof CommandBodies>(
    route: K,
    id: string,
    body: CommandBodies[K],
    options: CommandOptions = {},
  ): Promise<Answer> {
    const [aggregate, command] = route.split("/") as [string, string];
    const headers: Record<string, string> = {
      "content-type": "application/json",
      "idempotency-key": options.commit ?? newId(),
    };
    if (options.expected !== undefined) headers["if-match"] = String(options.expected);
    if (options.occurredAt) headers["waybill-occurred-at"] = options.occurredAt;
    if (options.causation) headers["waybill-causation"] = options.causation;
    if (options.correlation) headers["waybill-correlation"] = options.correlation;
    const request: RequestInit = { method: "POST", headers, body: JSON.stringify(body) };
    if (options.signal) request.signal = options.signal;
    const path = `/v1/${aggregate}/${encodeURIComponent(id)}/${command}`;
    return this.repeated(async () => (await this.request(path, request)).json() as Promise<Answer>);
  }

  /** A view, now or at any position. */
  async view<N extends keyof ViewRows>(name: N, query: ViewQuery = {}): Promise<Page<ViewRows[N]>> {
    const key = query.key === undefined ? "" : `/${query.key.split("/").map(encodeURIComponent).join("/")}`;
    const search = parameters({
      at: query.at,
      min_position: query.minPosition,
      wait: query.waitMs,
      limit: query.limit,
      after: query.after,
      order: query.order,
      order_by: query.orderBy,
      ...query.filters,
    });
    return this.json(`/v1/views/${name}${key}${search}`, query.signal);
  }

  /** What changed in a view between two points, each a position or an RFC 3339 time. */
  async diff(name: keyof ViewRows, from: number | string, to: number | string, query: DiffQuery = {}): Promise<Diff> {
    const { signal, filters, ...rest } = query;
    return this.json(`/v1/views/${name}/diff${parameters({ from, to, ...rest, ...filters })}`, signal);
  }

  /** A page of the log. */
  async events(query: EventQuery = {}): Promise<EventPage> {
    const { signal, ...rest } = query;
    return this.json(`/v1/events${parameters({ ...rest, after: rest.after ?? undefined })}`, signal);
  }

  /** Any other answer that is JSON. */
  async json<T>(path: string, signal?: AbortSignal): Promise<T> {
    const response = await this.request(path, signal ? { signal } : {});
    return (await response.json()) as T;
  }

  /** Any other answer that is text. */
  async text(path: string, signal?: AbortSignal): Promise<string> {
    return (await this.request(path, signal ? { signal } : {})).text();
  }

  /** Any request, with the token; throws a {@link WaybillError} where it does not succeed. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.options.token !== null) headers.set("authorization", `Bearer ${this.options.token}`);
    let response: Response;
    try {
      response = await (this.options.fetch ?? fetch)(this.address(path), { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      const hint = "check that the server runs and try again";
      throw new WaybillError({ status: 0, code: "network", detail: "the server cannot be reached", hint });
    }
    if (!response.ok) throw new WaybillError(problemOf(response.status, await response.text()));
    return response;
  }

  private async repeated<T>(attempt: () => Promise<T>): Promise<T> {
    const { retries = 3, retryMs = 200 } = this.options;
    for (let round = 0; ; round++) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof WaybillError && error.isTransient) || round >= retries) throw error;
        const wait = retryMs * 2 ** round * (0.5 + Math.random());
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}

function parameters(query: Record<string, string | number | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
