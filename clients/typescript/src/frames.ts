// The frames of the WebSocket protocol `waybill.v1`, as docs/protocol.md describes them.

import type { EventData } from "./generated/log";
import type { Problem } from "./problem";

/** Place in the log, dense from 0; `null` stands before the first event. */
export type Position = number | null;

/** A position that means something on its own: log and epoch belong to it. */
export interface Place {
  log: string;
  epoch: number;
  position: Position;
}

/** An event as every interface shows it. */
export interface LogEvent<T extends keyof EventData = keyof EventData> {
  position: number;
  stream: string;
  version: number;
  type: T;
  type_id: number;
  schema_version: number;
  time: string;
  occurred_at: string | null;
  commit: string;
  commit_index: number;
  commit_size: number;
  actor: string;
  causation: string | null;
  correlation: string | null;
  project: string | null;
  data: EventData[T];
}

export interface KeyedRow<Row = unknown> {
  key: string;
  row: Row;
}

export interface Limits {
  frame_bytes: number;
  stall_ms: number;
  subscriptions: number;
}

/** What the server sends. */
export type Frame =
  | { type: "welcome"; log: string; epoch: number; head: Position; limits: Limits }
  | { type: "snap"; id: string; position: Position; part: number; last: boolean; data: KeyedRow[] }
  | { type: "delta"; id: string; from: Position; to: Position; set: KeyedRow[]; del: string[] }
  | { type: "events"; id: string; from: Position; to: Position; events: LogEvent[] }
  | { type: "live"; id: string; position: Position }
  | { type: "view"; id: string; view: string; version: number; generation: number }
  | { type: "reset"; id: string; reason: "log" | "epoch" | "ahead" | "history" }
  | { type: "error"; id?: string; problem: Problem }
  | { type: "pong" }
  | { type: "bye"; reason: string; retry_ms: number };

/** Frames about one subscription. */
export type TopicFrame = Extract<Frame, { id: string }>;

/** What the client sends. */
export type ClientFrame =
  | { type: "hello"; token?: string }
  | { type: "sub"; id: string; topic: string; params?: Record<string, string>; from?: Place }
  | { type: "unsub"; id: string }
  | { type: "ping" };

/** Close codes of the protocol, and this client's own for a server that does not answer. */
export const CLOSE = { refused: 4401, stalled: 4410, unanswered: 4000 } as const;
