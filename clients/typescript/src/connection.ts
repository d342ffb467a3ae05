// One socket, many subscriptions: opens, resumes each from its own position, comes back with back-off and jitter.

import { CLOSE, type ClientFrame, type Frame, type Place, type Position } from "./frames";
import type { ViewRows } from "./generated/log";
import { type Problem, WaybillError } from "./problem";
import { type EventOptions, EventSubscription, type Subscription, ViewSubscription } from "./subscription";

/** How the connection stands. */
export type Phase = "connecting" | "catching-up" | "live" | "stale" | "refused" | "closed";

export interface Status {
  readonly phase: Phase;
  /** When this phase began; a stale screen shows what was so then. */
  readonly since: number;
  /** The last durable position that this client knows of. */
  readonly head: Position;
  readonly log: string | undefined;
  readonly epoch: number | undefined;
  /** Connections so far that were welcomed. */
  readonly connections: number;
}

/** The part of `WebSocket` that is used; browsers and Node's `ws` have it. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface ConnectionOptions {
  /** Such as `ws://127.0.0.1:8377/v1/ws`. */
  url: string;
  /** What the first frame shows; or how to get it, anew for each socket, where it is a ticket that is good once. */
  token: string | (() => Promise<string>);
  /** Makes a socket; the platform's own where absent. */
  open?: (url: string, protocol: string) => Socket;
  /** First and longest wait before another attempt, before jitter. */
  retryMs?: number;
  retryMsMax?: number;
  /** How often a silent connection is asked whether it lives, and how long it may take to answer. */
  pingMs?: number;
  /** How long a subscription that nobody uses is kept. */
  lingerMs?: number;
  /** When listeners are called: at once, or, on screen, once a frame. */
  schedule?: (run: () => void) => void;
  random?: () => number;
  now?: () => number;
}

const PROTOCOL = "waybill.v1";

interface Entry {
  subscription: Subscription<unknown>;
  users: number;
  /** Id of the subscription on the socket of now; a new one each time, so that late frames are told apart. */
  id: string | undefined;
  linger: ReturnType<typeof setTimeout> | undefined;
}

/** A subscription in use; `release` when it is no longer. */
export interface Lease<S> {
  readonly subscription: S;
  release(): void;
}

/** The connection to one server with one token. */
export class Connection {
  private readonly entries = new Map<string, Entry>();
  private readonly byId = new Map<string, Entry>();
  private readonly listeners = new Set<() => void>();
  private socket: Socket | undefined;
  private place: Place | undefined;
  private welcomed = false;
  private retry: number;
  private asked: number | undefined;
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pinger: ReturnType<typeof setInterval> | undefined;
  private heard = 0;
  private shown: Status;

  constructor(private readonly options: ConnectionOptions) {
    this.retry = options.retryMs ?? 500;
    this.shown = {
      phase: "connecting",
      since: this.now(),
      head: null,
      log: undefined,
      epoch: undefined,
      connections: 0,
    };
    this.open();
  }

  /** How it stands; the same object until that changes. */
  get status(): Status {
    return this.shown;
  }

  /** Calls `listener` when the status changes; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Follows a view; whoever asks for the same shares one subscription. */
  view<N extends keyof ViewRows>(
    name: N,
    options: { key?: string; params?: Record<string, string> } = {},
  ): Lease<ViewSubscription<ViewRows[N]>> {
    const topic = options.key === undefined ? `view:${name}` : `view:${name}/${options.key}`;
    const params = options.params ?? {};
    return this.lease(named(topic, params), () => new ViewSubscription<ViewRows[N]>(topic, params, this.schedule));
  }

  /** Follows the log. */
  events(params: Record<string, string> = {}, options: EventOptions = {}): Lease<EventSubscription> {
    const name = `${named("events", params)} ${JSON.stringify(options)}`;
    return this.lease(name, () => new EventSubscription("events", params, this.schedule, options));
  }

  /** Tries again now instead of after the wait. */
  reconnect(): void {
    if (this.shown.phase !== "stale") return;
    clearTimeout(this.timer);
    this.open();
  }

  /** Ends it for good. */
  close(): void {
    clearTimeout(this.timer);
    clearInterval(this.pinger);
    for (const entry of this.entries.values()) clearTimeout(entry.linger);
    this.show({ phase: "closed" });
    const socket = this.socket;
    this.socket = undefined;
    if (socket) socket.onclose = null;
    socket?.close(1000);
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private readonly schedule = (run: () => void) => (this.options.schedule ?? ((now) => now()))(run);

  private lease<S extends Subscription<unknown>>(name: string, make: () => S): Lease<S> {
    let entry = this.entries.get(name);
    if (!entry) {
      entry = { subscription: make(), users: 0, id: undefined, linger: undefined };
      this.entries.set(name, entry);
      if (this.welcomed) this.ask(entry);
    }
    const held = entry;
    held.users += 1;
    clearTimeout(held.linger);
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      held.users -= 1;
      if (held.users === 0) held.linger = setTimeout(() => this.drop(name, held), this.options.lingerMs ?? 5_000);
    };
    return { subscription: held.subscription as S, release };
  }

  private drop(name: string, entry: Entry): void {
    this.entries.delete(name);
    if (entry.id === undefined) return;
    this.byId.delete(entry.id);
    if (this.welcomed) this.send({ type: "unsub", id: entry.id });
    this.level();
  }

  private open(): void {
    const make = this.options.open ?? ((url, protocol) => new WebSocket(url, protocol) as unknown as Socket);
    const socket = make(this.options.url, PROTOCOL);
    this.socket = socket;
    this.asked = undefined;
    socket.onopen = () => this.greet(socket);
    socket.onmessage = (event: { data: unknown }) => this.receive(JSON.parse(String(event.data)) as Frame);
    socket.onerror = () => undefined;
    socket.onclose = (event: { code: number }) => this.closed(socket, event.code);
  }

  private greet(socket: Socket): void {
    const { token } = this.options;
    if (typeof token === "string") return this.send({ type: "hello", token });
    token().then(
      (ticket) => {
        if (socket === this.socket) this.send({ type: "hello", token: ticket });
      },
      (error: unknown) => {
        // Who is not known gets no ticket; anything else may pass.
        const code = error instanceof WaybillError && error.problem.status === 401 ? CLOSE.refused : CLOSE.unanswered;
        if (socket === this.socket) this.closed(socket, code, true);
        socket.close();
      },
    );
  }

  private send(frame: ClientFrame): void {
    this.socket?.send(JSON.stringify(frame));
  }

  private ask(entry: Entry): void {
    if (!this.place) return;
    if (entry.id !== undefined) this.byId.delete(entry.id);
    this.turn += 1;
    entry.id = `s${this.turn}`;
    this.byId.set(entry.id, entry);
    const { topic, params } = entry.subscription;
    const frame: ClientFrame = { type: "sub", id: entry.id, topic };
    if (Object.keys(params).length > 0) frame.params = params;
    const from = entry.subscription.resume(this.place);
    if (from) frame.from = from;
    this.send(frame);
    this.level();
  }

  private receive(frame: Frame): void {
    this.heard = this.now();
    if (frame.type === "welcome") return this.welcome(frame);
    if (frame.type === "bye") {
      this.asked = frame.retry_ms;
      return;
    }
    if (frame.type === "pong") return;
    if (frame.id === undefined) return;
    const entry = this.byId.get(frame.id);
    // Frames of a subscription that was given up may still be under way.
    if (!entry) return;
    if (frame.type === "error") return this.refuse(entry, frame.problem);
    if (entry.subscription.take(frame as never) === "gap") {
      const old = entry.id;
      if (old) this.send({ type: "unsub", id: old });
      entry.subscription.forget();
      this.ask(entry);
      return;
    }
    this.level();
  }

  private refuse(entry: Entry, problem: Problem): void {
    if (entry.id) this.byId.delete(entry.id);
    entry.id = undefined;
    entry.subscription.refuse(problem);
    this.level();
  }

  private welcome(frame: Extract<Frame, { type: "welcome" }>): void {
    const { log, epoch, head } = frame;
    this.place = { log, epoch, position: head };
    this.welcomed = true;
    this.retry = this.options.retryMs ?? 500;
    this.byId.clear();
    this.show({ log, epoch, head, connections: this.shown.connections + 1 });
    for (const entry of this.entries.values()) this.ask(entry);
    this.level();
    clearInterval(this.pinger);
    this.pinger = setInterval(() => this.ping(), this.options.pingMs ?? 15_000);
  }

  /** A connection that says nothing for two turns is taken for dead: the close may never come. */
  private ping(): void {
    const silent = this.now() - this.heard;
    const every = this.options.pingMs ?? 15_000;
    if (silent >= 2 * every && this.socket) {
      const dead = this.socket;
      dead.close(4000, "silent");
      this.closed(dead, 4000);
    } else if (silent >= every) this.send({ type: "ping" });
  }

  /** Works the phase out from the subscriptions, and the head from what they reached. */
  private level(): void {
    if (!this.welcomed) return;
    let head = this.shown.head;
    let live = true;
    for (const { subscription } of this.entries.values()) {
      const { position, state } = subscription.snapshot;
      if (typeof position === "number" && position > (head ?? -1)) head = position;
      if (state !== "live" && state !== "refused") live = false;
    }
    if (this.place && head !== null) this.place = { ...this.place, position: head };
    this.show({ phase: live ? "live" : "catching-up", head });
  }

  private closed(socket: Socket, code: number, known = typeof this.options.token === "string"): void {
    if (socket !== this.socket) return;
    socket.onclose = null;
    this.socket = undefined;
    this.welcomed = false;
    clearInterval(this.pinger);
    for (const entry of this.entries.values()) {
      entry.id = undefined;
      entry.subscription.cut();
    }
    this.byId.clear();
    // A socket that rests on a ticket ends when a role changes: the next ticket says whether one is still known.
    if (code === CLOSE.refused && known) return this.show({ phase: "refused" });
    this.show({ phase: "stale" });
    const wait = (this.asked ?? this.retry) * (0.5 + (this.options.random ?? Math.random)());
    if (this.asked === undefined) this.retry = Math.min(this.retry * 2, this.options.retryMsMax ?? 15_000);
    this.timer = setTimeout(() => this.open(), wait);
  }

  private show(change: Partial<Status>): void {
    const before = this.shown;
    const next = { ...before, ...change };
    if (next.phase !== before.phase) next.since = this.now();
    const same = (Object.keys(next) as Array<keyof Status>).every((name) => next[name] === before[name]);
    if (same) return;
    this.shown = next;
    this.schedule(this.tell);
  }

  private readonly tell = () => {
    for (const listener of this.listeners) listener();
  };
}

function named(topic: string, params: Record<string, string>): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${topic}?${new URLSearchParams(sorted)}`;
}
