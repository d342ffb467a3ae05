// What a subscription holds, and what each frame does to it. Knows nothing of sockets.

import type { LogEvent, Place, Position, TopicFrame } from "./frames";
import { type Problem, WaybillError } from "./problem";

/** How a subscription stands: nothing yet, whole but maybe behind, level with the server, refused. */
export type SubscriptionState = "waiting" | "held" | "live" | "refused";

/** What a subscription shows; a new object after each change. */
export interface Snapshot<Data> {
  readonly data: Data;
  /** The position that the data reflects; `undefined` while there is none. */
  readonly position: Position | undefined;
  readonly state: SubscriptionState;
  readonly problem: Problem | undefined;
  /** While it is `waiting` for a whole that comes in parts: what has come of it; told when the first part is there. */
  readonly arriving: Data | undefined;
}

/** What a frame did: taken, or something is missing before it. */
export type Outcome = "taken" | "gap";

/** Where a fresh subscription begins, given the server's place. */
type Start = (place: Place) => Place | undefined;

/** Who waits for a position. */
interface Waiter {
  position: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** The part that views and events share: position, state, listeners. */
export abstract class Subscription<Data> {
  protected position: Position | undefined = undefined;
  private state: SubscriptionState = "waiting";
  private problem: Problem | undefined = undefined;
  private shown: Snapshot<Data> | undefined = undefined;
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Set<Waiter>();
  /** Log and epoch that the position belongs to. */
  private home: Omit<Place, "position"> | undefined = undefined;

  constructor(
    readonly topic: string,
    readonly params: Record<string, string>,
    private readonly schedule: (run: () => void) => void,
  ) {}

  protected abstract data(): Data;
  /** What has come of a whole that is not all there yet. */
  protected arriving(): Data | undefined {
    return undefined;
  }
  protected abstract clear(): void;
  protected abstract fold(frame: TopicFrame): Outcome;
  protected abstract readonly start: Start;

  /** What it holds now; the same object until something changes. */
  get snapshot(): Snapshot<Data> {
    if (!this.shown) {
      const { position, state, problem } = this;
      const arriving = state === "waiting" ? this.arriving() : undefined;
      this.shown = { data: this.data(), position, state, problem, arriving };
    }
    return this.shown;
  }

  /** Calls `listener` after changes; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves once what it holds reflects that position, rejects where it is refused: read your own writes. */
  reached(position: number, timeoutMs = 30_000): Promise<void> {
    if (this.problem) return Promise.reject(new WaybillError(this.problem));
    if (this.isAt(position)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        position,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.waiting.delete(waiter);
        reject(new Error(`${this.topic} did not reach position ${position} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.waiting.add(waiter);
    });
  }

  private isAt(position: number): boolean {
    return this.state !== "waiting" && typeof this.position === "number" && this.position >= position;
  }

  /** Where to go on from on this log; forgets what it holds where that is of another log or epoch. */
  resume(place: Place): Place | undefined {
    const same = this.home?.log === place.log && this.home.epoch === place.epoch;
    if (!same) this.forget();
    this.home = { log: place.log, epoch: place.epoch };
    return this.position === undefined ? this.start(place) : { ...this.home, position: this.position };
  }

  /** The connection ended: what is held stays, and is no longer live. */
  cut(): void {
    if (this.state === "live") this.changed("held");
  }

  /** Forgets everything; the next subscription begins anew. */
  forget(): void {
    this.position = undefined;
    this.clear();
  }

  /** Takes a frame of this subscription. */
  take(frame: TopicFrame): Outcome {
    if (frame.type === "reset") {
      this.position = undefined;
      this.clear();
      return "taken";
    }
    // The view was folded anew: what is held stays, and where rows differ the whole follows.
    if (frame.type === "view") return "taken";
    if (frame.type === "live") {
      this.position = frame.position;
      this.changed("live");
      return "taken";
    }
    const outcome = this.fold(frame);
    if (outcome === "gap") return outcome;
    if (frame.type === "snap" && !frame.last) {
      // Who has nothing yet may show what has come; who has something keeps it until the whole is there.
      // Said once: to be shown anew with each part would take longer than the whole does.
      if (this.state === "waiting" && frame.part === 0) this.changed("waiting");
    } else this.changed(this.state === "live" ? "live" : "held");
    return outcome;
  }

  /** The server refused it. */
  refuse(problem: Problem): void {
    this.problem = problem;
    for (const waiter of this.waiting) waiter.reject(new WaybillError(problem));
    this.waiting.clear();
    this.changed("refused");
  }

  private changed(state: SubscriptionState): void {
    this.state = state;
    if (state !== "refused") this.problem = undefined;
    this.shown = undefined;
    for (const waiter of this.waiting) {
      if (!this.isAt(waiter.position)) continue;
      this.waiting.delete(waiter);
      waiter.resolve();
    }
    this.schedule(this.tell);
  }

  private readonly tell = () => {
    for (const listener of this.listeners) listener();
  };
}

/** Rows of a view by key. The map is the same object after each change; the snapshot around it is a new one. */
export class ViewSubscription<Row> extends Subscription<ReadonlyMap<string, Row>> {
  private rows = new Map<string, Row>();
  private parts = new Map<string, Row>();
  protected readonly start: Start = () => undefined;

  protected data(): ReadonlyMap<string, Row> {
    return this.rows;
  }

  protected override arriving(): ReadonlyMap<string, Row> | undefined {
    return this.parts.size > 0 ? this.parts : undefined;
  }

  /** What is shown stays until the whole has come anew, so that nothing flickers. */
  protected clear(): void {
    this.parts = new Map();
  }

  protected fold(frame: TopicFrame): Outcome {
    if (frame.type === "snap") {
      if (frame.part === 0) this.parts = new Map();
      for (const { key, row } of frame.data) this.parts.set(key, row as Row);
      if (!frame.last) return "taken";
      [this.rows, this.parts, this.position] = [this.parts, new Map(), frame.position];
      return "taken";
    }
    if (frame.type !== "delta" || frame.from !== this.position) return "gap";
    for (const { key, row } of frame.set) this.rows.set(key, row as Row);
    for (const key of frame.del) this.rows.delete(key);
    this.position = frame.to;
    return "taken";
  }
}

export interface EventOptions {
  /** Most events held; the oldest leave first. */
  keep?: number;
  /** `tail`: the last `window` positions; else everything behind that position. */
  from?: "tail" | Position;
  /** How far back a tail begins, in positions of the whole log; `keep` where absent. More is of use with filters. */
  window?: number;
}

const KEEP = 1000;

/** Events of the log in order, the newest `keep` of them. */
export class EventSubscription extends Subscription<readonly LogEvent[]> {
  private events: readonly LogEvent[] = [];
  private readonly keep: number;
  protected readonly start: Start;

  constructor(
    topic: string,
    params: Record<string, string>,
    schedule: (run: () => void) => void,
    options: EventOptions = {},
  ) {
    super(topic, params, schedule);
    const { keep = KEEP, from = "tail", window = keep } = options;
    this.keep = keep;
    this.start = (place) => {
      const head = place.position ?? -1;
      const tail = head < window ? null : head - window;
      // Without a place of its own the server would begin at the beginning, which is what `null` says.
      const position = from === "tail" ? tail : from;
      this.position = position;
      return { ...place, position };
    };
  }

  protected data(): readonly LogEvent[] {
    return this.events;
  }

  protected clear(): void {
    this.events = [];
    // After a reset the whole follows, from before the first event.
    this.position = null;
  }

  override forget(): void {
    this.events = [];
    this.position = undefined;
  }

  protected fold(frame: TopicFrame): Outcome {
    if (frame.type !== "events" || frame.from !== this.position) return "gap";
    if (frame.events.length > 0) this.events = [...this.events, ...frame.events].slice(-this.keep);
    this.position = frame.to;
    return "taken";
  }
}
