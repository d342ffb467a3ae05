// What the package offers.

export { Client, type ClientOptions } from "./client";
export type { CommandBodies } from "./generated/commands";
export type { EventData, ViewRows } from "./generated/log";
export * as commands from "./generated/commands";
export * as log from "./generated/log";
export type { Frame, LogEvent, Place, Position } from "./frames";
export {
  type Answer,
  type CommandOptions,
  type Diff,
  type DiffQuery,
  type EventPage,
  type EventQuery,
  Http,
  type HttpOptions,
  type Page,
  type ViewQuery,
} from "./http";
export { type Problem, WaybillError } from "./problem";
export { Connection, type ConnectionOptions, type Phase, type Status } from "./connection";
export { EventSubscription, type EventOptions, type Snapshot, Subscription, ViewSubscription } from "./subscription";
export { newId, timeOf } from "./ulid";
