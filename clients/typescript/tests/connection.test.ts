// The rules of the protocol, each against a fake socket: resume, gaps, resets, back-off, status.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WaybillError } from "../src/problem";
import { connected, LOG } from "./fake";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const row = (name: string) => ({ name }) as never;

describe("a view", () => {
  it("is whole once its last part has come, and follows deltas", () => {
    const { connection, socket } = connected();
    const { subscription } = connection.view("projects");
    socket().welcome(7);
    expect(socket().sent[0]).toEqual({ type: "hello", token: "wb_test" });
    const { id } = socket().sub;
    expect(socket().sub).toEqual({ type: "sub", id, topic: "view:projects" });
    socket().say({ type: "snap", id, position: 7, part: 0, last: false, data: [{ key: "a", row: row("A") }] });
    expect(subscription.snapshot.data.size).toBe(0);
    expect(subscription.snapshot.state).toBe("waiting");
    expect([...(subscription.snapshot.arriving?.keys() ?? [])]).toEqual(["a"]);
    socket().say({ type: "snap", id, position: 7, part: 1, last: true, data: [{ key: "b", row: row("B") }] });
    expect([...subscription.snapshot.data.keys()]).toEqual(["a", "b"]);
    expect(subscription.snapshot.arriving).toBeUndefined();
    expect(connection.status.phase).toBe("catching-up");
    socket().say({ type: "live", id, position: 7 });
    expect(connection.status).toMatchObject({ phase: "live", head: 7 });
    const before = subscription.snapshot;
    socket().say({ type: "delta", id, from: 7, to: 9, set: [{ key: "a", row: row("A2") }], del: ["b"] });
    expect(subscription.snapshot).not.toBe(before);
    expect([...subscription.snapshot.data]).toEqual([["a", { name: "A2" }]]);
    expect(connection.status.head).toBe(9);
  });

  it("resumes from its position after a cut, keeping its rows meanwhile", () => {
    const { connection, socket } = connected();
    const { subscription } = connection.view("runs", { params: { status: "running" } });
    socket().welcome(7);
    const first = socket().sub.id;
    socket().say({ type: "snap", id: first, position: 7, part: 0, last: true, data: [{ key: "a", row: row("A") }] });
    socket().say({ type: "live", id: first, position: 8 });
    socket().drop();
    expect(connection.status.phase).toBe("stale");
    expect(subscription.snapshot).toMatchObject({ state: "held", position: 8 });
    expect(subscription.snapshot.data.size).toBe(1);
    vi.advanceTimersByTime(500);
    socket().welcome(12);
    const { id, from, params } = socket().sub;
    expect(id).not.toBe(first);
    expect(from).toEqual({ log: LOG, epoch: 1, position: 8 });
    expect(params).toEqual({ status: "running" });
    // A late frame of the first subscription says nothing any more.
    socket().say({ type: "delta", id: first, from: 8, to: 9, set: [{ key: "z", row: row("Z") }], del: [] });
    expect(subscription.snapshot.data.has("z")).toBe(false);
    socket().say({ type: "live", id, position: 12 });
    expect(connection.status).toMatchObject({ phase: "live", head: 12, connections: 2 });
  });

  it("asks anew where a delta does not continue what is held", () => {
    const { connection, socket } = connected();
    const { subscription } = connection.view("runs");
    socket().welcome(7);
    const { id } = socket().sub;
    socket().say({ type: "snap", id, position: 7, part: 0, last: true, data: [{ key: "a", row: row("A") }] });
    socket().say({ type: "delta", id, from: 8, to: 9, set: [{ key: "b", row: row("B") }], del: [] });
    expect(socket().sent.at(-2)).toEqual({ type: "unsub", id });
    expect(socket().sub.id).not.toBe(id);
    expect(socket().sub.from).toBeUndefined();
    expect(subscription.snapshot.data.has("b")).toBe(false);
  });

  it("starts over on another log, and on a reset", () => {
    const { connection, socket } = connected();
    const { subscription } = connection.view("runs");
    socket().welcome(7);
    socket().say({ type: "snap", id: socket().sub.id, position: 7, part: 0, last: true, data: [] });
    socket().drop();
    vi.advanceTimersByTime(500);
    socket().welcome(3, LOG, 2);
    expect(socket().sub.from).toBeUndefined();
    const { id } = socket().sub;
    socket().say({ type: "reset", id, reason: "history" });
    socket().say({ type: "snap", id, position: 3, part: 0, last: true, data: [{ key: "n", row: row("N") }] });
    expect([...subscription.snapshot.data.keys()]).toEqual(["n"]);
  });

  it("keeps what it holds where the view was folded anew, until a whole comes", () => {
    const { connection, socket } = connected();
    const { subscription } = connection.view("runs");
    socket().welcome(7);
    const { id } = socket().sub;
    socket().say({ type: "snap", id, position: 7, part: 0, last: true, data: [{ key: "a", row: row("A") }] });
    socket().say({ type: "live", id, position: 7 });
    socket().say({ type: "view", id, view: "runs", version: 1, generation: 2 });
    socket().say({ type: "delta", id, from: 7, to: 8, set: [{ key: "b", row: row("B") }], del: [] });
    expect([...subscription.snapshot.data.keys()]).toEqual(["a", "b"]);
    expect(socket().sub.id).toBe(id);
    socket().say({ type: "snap", id, position: 9, part: 0, last: true, data: [{ key: "c", row: row("C") }] });
    expect([...subscription.snapshot.data.keys()]).toEqual(["c"]);
    expect(subscription.snapshot).toMatchObject({ state: "live", position: 9 });
  });

  it("is shared by all who ask for the same, and ends a while after the last", () => {
    const { connection, socket } = connected({ lingerMs: 1000 });
    const [one, two] = [connection.view("runs"), connection.view("runs")];
    expect(one.subscription).toBe(two.subscription);
    socket().welcome();
    one.release();
    one.release();
    vi.advanceTimersByTime(5000);
    expect(socket().sent.some((frame) => frame.type === "unsub")).toBe(false);
    two.release();
    vi.advanceTimersByTime(900);
    const again = connection.view("runs");
    vi.advanceTimersByTime(5000);
    expect(again.subscription).toBe(two.subscription);
    again.release();
    vi.advanceTimersByTime(1000);
    expect(socket().sent.at(-1)?.type).toBe("unsub");
    expect(connection.view("runs").subscription).not.toBe(two.subscription);
  });

  it("tells what refused it, and the others go on", () => {
    const { connection, socket } = connected();
    const { subscription } = connection.view("runs", { params: { nonsense: "1" } });
    socket().welcome();
    const problem = { status: 400, code: "invalid_parameter", detail: "no such filter" };
    socket().say({ type: "error", id: socket().sub.id, problem });
    expect(subscription.snapshot).toMatchObject({ state: "refused", problem });
    expect(connection.status.phase).toBe("live");
  });

  it("tells who waits for it that it was refused", async () => {
    const { connection, socket } = connected();
    const { subscription } = connection.view("runs");
    socket().welcome();
    const waiting = subscription.reached(5);
    const problem = { status: 400, code: "invalid_parameter", detail: "no such filter" };
    socket().say({ type: "error", id: socket().sub.id, problem });
    await expect(waiting).rejects.toMatchObject({ code: "invalid_parameter" });
    await expect(subscription.reached(5)).rejects.toMatchObject({ code: "invalid_parameter" });
  });

  it("can be waited for until it reflects a position", async () => {
    const { connection, socket } = connected();
    const { subscription } = connection.view("runs");
    socket().welcome(1);
    const { id } = socket().sub;
    socket().say({ type: "snap", id, position: 1, part: 0, last: true, data: [] });
    const reached = subscription.reached(5);
    const never = expect(subscription.reached(50, 100)).rejects.toThrow("did not reach position 50");
    let done = false;
    void reached.then(() => (done = true));
    socket().say({ type: "live", id, position: 4 });
    await Promise.resolve();
    expect(done).toBe(false);
    socket().say({ type: "delta", id, from: 4, to: 5, set: [], del: [] });
    await reached;
    await vi.advanceTimersByTimeAsync(100);
    await never;
  });
});

describe("events", () => {
  it("begin near the end, keep the newest, and continue", () => {
    const { connection, socket } = connected();
    const { subscription } = connection.events({ category: "run" }, { keep: 2 });
    socket().welcome(100);
    expect(socket().sub).toMatchObject({ topic: "events", from: { log: LOG, epoch: 1, position: 98 } });
    const { id } = socket().sub;
    const event = (position: number) => ({ position }) as never;
    socket().say({ type: "events", id, from: 98, to: 100, events: [event(99), event(100)] });
    socket().say({ type: "events", id, from: 100, to: 102, events: [event(102)] });
    expect(subscription.snapshot.data.map((each) => each.position)).toEqual([100, 102]);
    socket().say({ type: "events", id, from: 103, to: 104, events: [event(104)] });
    expect(socket().sub.id).not.toBe(id);
    expect(socket().sub.from).toMatchObject({ position: 100 });
  });

  it("begin at the beginning of a short log, or where they are asked to", () => {
    const { connection, socket } = connected();
    connection.events({}, { keep: 50 });
    socket().welcome(9);
    expect(socket().sub.from).toMatchObject({ position: null });
    connection.events({}, { from: 4 });
    expect(socket().sub.from).toMatchObject({ position: 4 });
    connection.events({ category: "run" }, { keep: 2, window: 6 });
    expect(socket().sub.from).toMatchObject({ position: 3 });
  });
});

describe("the connection", () => {
  it("backs off with jitter, and starts anew once welcomed", () => {
    const random = vi.fn(() => 0.5);
    const { sockets, socket } = connected({ retryMs: 100, retryMsMax: 300, random });
    const waits = [100, 200, 300, 300];
    for (const wait of waits) {
      const opened = sockets.length;
      socket().drop();
      vi.advanceTimersByTime(wait - 1);
      expect(sockets.length).toBe(opened);
      vi.advanceTimersByTime(1);
      expect(sockets.length).toBe(opened + 1);
    }
    socket().welcome();
    random.mockReturnValue(0);
    const opened = sockets.length;
    socket().drop();
    vi.advanceTimersByTime(50);
    expect(sockets.length).toBe(opened + 1);
  });

  it("comes back when the server said to", () => {
    const { sockets, socket } = connected({ retryMs: 100 });
    socket().welcome();
    socket().say({ type: "bye", reason: "stopping", retry_ms: 1000 });
    socket().drop(1001);
    vi.advanceTimersByTime(999);
    expect(sockets.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(sockets.length).toBe(2);
  });

  it("does not come back with a token that was refused, nor once closed", () => {
    const refused = connected();
    refused.socket().open();
    refused.socket().drop(4401);
    const closed = connected();
    closed.connection.close();
    vi.advanceTimersByTime(60_000);
    expect([refused.connection.status.phase, refused.sockets.length]).toEqual(["refused", 1]);
    expect([closed.connection.status.phase, closed.sockets.length]).toEqual(["closed", 1]);
  });

  it("takes a connection for dead that answers no ping", () => {
    const { connection, sockets, socket } = connected({ pingMs: 1000, retryMs: 100 });
    socket().welcome();
    vi.advanceTimersByTime(1000);
    expect(socket().sent.at(-1)).toEqual({ type: "ping" });
    socket().say({ type: "pong" });
    vi.advanceTimersByTime(2000);
    expect(connection.status.phase).toBe("stale");
    expect(sockets[0]?.closed).toBe(true);
    vi.advanceTimersByTime(100);
    expect(sockets.length).toBe(2);
  });

  it("says since when it is stale, and tries at once when asked", () => {
    vi.setSystemTime(5000);
    const { connection, sockets, socket } = connected();
    socket().welcome();
    vi.setSystemTime(9000);
    socket().drop();
    expect(connection.status).toMatchObject({ phase: "stale", since: 9000 });
    connection.reconnect();
    expect(sockets.length).toBe(2);
    vi.advanceTimersByTime(60_000);
    expect(sockets.length).toBe(2);
  });

  it("gets a ticket for each socket, and gives up only when it gets none", async () => {
    const tickets = ["one", "two"];
    const token = async () => {
      const next = tickets.shift();
      if (!next) throw new WaybillError({ status: 401, code: "unauthorized", detail: "who?" });
      return next;
    };
    const { connection, socket } = connected({ token, retryMs: 100 });
    socket().open();
    await vi.advanceTimersByTimeAsync(0);
    expect(socket().sent).toEqual([{ type: "hello", token: "one" }]);
    // A role has changed; the next ticket says whether one is still known.
    socket().drop(4401);
    expect(connection.status.phase).toBe("stale");
    await vi.advanceTimersByTimeAsync(100);
    socket().open();
    await vi.advanceTimersByTimeAsync(0);
    expect(socket().sent).toEqual([{ type: "hello", token: "two" }]);
    socket().drop(4401);
    await vi.advanceTimersByTimeAsync(200);
    socket().open();
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.status.phase).toBe("refused");
    expect(socket().closed).toBe(true);
  });
});
