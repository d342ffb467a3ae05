// Requests: what is sent, what is sent again, what is thrown.

import { describe, expect, it, vi } from "vitest";
import { Http } from "../src/http";
import { WaybillError } from "../src/problem";
import { newId, timeOf } from "../src/ulid";

const answer = { commit: "c", stream: "s", version: 0, position: 1, duplicate: false };

function http(...answers: Array<() => Response>) {
  const fetch = vi.fn(async (_url: string, _init: RequestInit) => {
    const next = answers.shift();
    if (!next) throw new TypeError("network");
    return next();
  });
  return { fetch, http: new Http({ url: "http://test", token: "wb_test", retryMs: 1, fetch: fetch as never }) };
}

const ok = (body: unknown) => () => new Response(JSON.stringify(body));
const problem = (status: number, code: string) => () =>
  new Response(JSON.stringify({ status, code, detail: "why", hint: "what to do" }), { status });

describe("a command", () => {
  it("goes to its route with token, key and expected version", async () => {
    const { http: client, fetch } = http(ok(answer));
    await client.command("learning/approve", "01L", { note: "good" }, { expected: 3 });
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe("http://test/v1/learning/01L/approve");
    const headers = new Headers(init?.headers);
    expect(headers.get("authorization")).toBe("Bearer wb_test");
    expect(headers.get("idempotency-key")).toMatch(/^[0-9A-Z]{26}$/);
    expect(headers.get("if-match")).toBe("3");
    expect(init?.body).toBe('{"note":"good"}');
  });

  it("is sent again under the same key while the server is busy or away", async () => {
    const { http: client, fetch } = http(problem(503, "busy"), () => {
      throw new TypeError("cut");
    }, ok(answer));
    expect(await client.command("learning/approve", "01L", {})).toEqual(answer);
    const keys = fetch.mock.calls.map(([, init]) => new Headers(init.headers).get("idempotency-key"));
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBe(3);
  });

  it("throws what refused it, at once", async () => {
    const { http: client, fetch } = http(problem(409, "illegal_state"), ok(answer));
    const thrown = await client.command("learning/approve", "01L", {}).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(WaybillError);
    expect(thrown).toMatchObject({ code: "illegal_state", hint: "what to do", message: "why" });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("names an answer that is no problem document", async () => {
    const { http: client } = http(() => new Response("<html>", { status: 418 }));
    await expect(client.json("/v1/log")).rejects.toMatchObject({ code: "unreadable" });
  });
});

it("a view is asked for with its key, place and filters", async () => {
  const { http: client, fetch } = http(ok({ rows: [] }));
  await client.view("quality", { key: "a/b c", at: 7, filters: { model: "x/y" } });
  expect(fetch.mock.calls[0]?.[0]).toBe("http://test/v1/views/quality/a/b%20c?at=7&model=x%2Fy");
});

it("a view is ordered by a figure within bounds, and compared with another point", async () => {
  const { http: client, fetch } = http(ok({ rows: [] }), ok({ changes: [] }), ok({ events: [] }));
  await client.view("runs", { order: "desc", orderBy: "duration_ms", filters: { "duration_ms.min": "5" } });
  await client.diff("runs", 3, "2026-01-02T00:00:00Z", { key: "01R", filters: { project: "01P" } });
  await client.events({ actor: "operator", since: "2026-01-02T00:00:00Z" });
  expect(fetch.mock.calls.map(([url]) => url)).toEqual([
    "http://test/v1/views/runs?order=desc&order_by=duration_ms&duration_ms.min=5",
    "http://test/v1/views/runs/diff?from=3&to=2026-01-02T00%3A00%3A00Z&key=01R&project=01P",
    "http://test/v1/events?actor=operator&since=2026-01-02T00%3A00%3A00Z",
  ]);
});

it("ids are ULIDs that carry their time", () => {
  const id = newId(1_700_000_000_123);
  expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  expect(timeOf(id)).toBe(1_700_000_000_123);
  expect(timeOf("not an id")).toBeNull();
  expect(newId(5)).not.toBe(newId(5));
});
