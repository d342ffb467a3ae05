// What pages work out before they draw: order, filters, sums, places on the timeline.

import type { LogEvent, ViewRows } from "@waybill";
import { describe, expect, it } from "vitest";
import { type Hit, placeOf } from "@/app/found";
import { curl, gist } from "@/ui/log";
import { asked } from "./audit";
import { latest } from "./audit/trail";
import { listed } from "./learnings";
import { edited } from "./learnings/edit";
import { daily, passRate, quality, spentOn } from "./overview/figures";
import { byModel } from "./run/costs";
import { bar, brackets, lines, offset, type StepLine, spanOf, ticks } from "./run/layout";
import { ordered } from "./run/messages";
import { stopAt } from "./run/slider";
import { chosen, USUAL } from "./runs/columns";
import { nextSort, select, sorting, tally, totals } from "./runs/query";

const run = (part: Partial<ViewRows["runs"]>) =>
  ({
    title: "A",
    prompt_preview: "p",
    status: "completed",
    model: "m",
    source: "issue",
    created_at: "2026-01-01T00:00:00Z",
    started_at: null,
    quality_score: null,
    total_cost_usd: 1,
    calls_without_cost: 0,
    input_tokens: 1,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    ...part,
  }) as ViewRows["runs"];

describe("runs", () => {
  const rows = new Map([
    ["r1", run({ title: "Tides", total_cost_usd: 3, quality_score: 80 })],
    ["r2", run({ title: "Cranes", total_cost_usd: 9, status: "failed" })],
    ["r3", run({ title: "Berths", total_cost_usd: 1, quality_score: 90, branch: "waybill/tide" })],
  ]);
  const ids = (search: Parameters<typeof select>[1]) => select(rows, search).map((each) => each.id);
  it("come in the order asked for; what has no value comes last", () => {
    expect(ids({ sort: "-cost" })).toEqual(["r2", "r1", "r3"]);
    expect(ids({ sort: "cost" })).toEqual(["r3", "r1", "r2"]);
    expect(ids({ sort: "score" })).toEqual(["r1", "r3", "r2"]);
    expect(ids({ sort: "-score" })).toEqual(["r3", "r1", "r2"]);
    expect(sorting("nonsense")).toEqual({ by: "started", descending: true });
  });
  it("are found by text, status and model", () => {
    expect(ids({ q: "tide", sort: "title" })).toEqual(["r3", "r1"]);
    expect(ids({ status: "failed,running" })).toEqual(["r2"]);
    expect(ids({ model: "other" })).toEqual([]);
  });
  it("turn a column's order round, then give it up", () => {
    expect([
      nextSort(undefined, "cost", true),
      nextSort("-cost", "cost", true),
      nextSort("cost", "cost", true),
    ]).toEqual(["-cost", "cost", undefined]);
    expect(nextSort("title", "title", false)).toBe("-title");
    expect(nextSort("title", "started", true)).toBeUndefined();
  });
  it("are summed and tallied", () => {
    expect(totals(select(rows, {}))).toEqual({ runs: 3, running: 0, cost: 13, tokens: 3, unpriced: 0 });
    expect(tally(rows.values(), (each) => each.status)).toEqual([
      ["completed", 2],
      ["failed", 1],
    ]);
  });
  it("show the columns that the address names, and always the name", () => {
    expect(chosen(undefined).map((each) => each.id)).toEqual(USUAL);
    expect(chosen("cost,nonsense").map((each) => each.id)).toEqual(["title", "cost"]);
  });
});

const step = (part: Partial<StepLine>) =>
  ({
    step: "s",
    status: "completed",
    started_at: null,
    ended_at: null,
    loop_id: null,
    loop_iteration: null,
    usage: [],
    ...part,
  }) as StepLine;
const time = (second: number) => new Date(second * 1000).toISOString();

describe("the timeline", () => {
  it("stands in the order of its keys, whatever order they came in", () => {
    const rows = new Map<string, ViewRows["run-timeline"]>([
      ["step/00002", { step: step({ step: "b" }) }],
      ["step/00001", { step: step({ step: "a" }) }],
      ["run", { run: {} as never }],
      ["loop/1", { loop: {} as never }],
    ]);
    const { run: found, steps } = lines(rows);
    expect(found).toBeDefined();
    expect(steps.map((each) => each.step)).toEqual(["a", "b"]);
  });
  it("spans from the first start to now while something runs", () => {
    const steps = [
      step({ started_at: time(10), ended_at: time(20) }),
      step({ started_at: time(20), status: "running" }),
    ];
    expect(spanOf(steps, 50_000)).toEqual({ from: 10_000, to: 50_000 });
    const span = { from: 0, to: 100_000 };
    expect(bar(step({ started_at: time(25), ended_at: time(75) }), span, 0, 0.01)).toEqual({ x: 0.25, width: 0.5 });
    expect(bar(step({ started_at: time(100), ended_at: time(100) }), span, 0, 0.01)).toEqual({ x: 0.99, width: 0.01 });
    expect(bar(step({}), span, 0, 0.01)).toBeNull();
  });
  it("brackets loops and numbers their turns", () => {
    const looped = (loop_id: string | null, loop_iteration: number | null) => step({ loop_id, loop_iteration });
    const steps = [
      looped(null, null),
      looped("L", 1),
      looped("L", 1),
      looped("L", 2),
      looped(null, null),
      looped("M", 1),
    ];
    expect(brackets(steps)).toEqual([
      {
        loop: "L",
        first: 1,
        last: 3,
        turns: [
          { row: 1, iteration: 1 },
          { row: 3, iteration: 2 },
        ],
      },
      { loop: "M", first: 5, last: 5, turns: [{ row: 5, iteration: 1 }] },
    ]);
  });
  it("names few and round offsets", () => {
    const named = (seconds: number) => ticks({ from: 0, to: seconds * 1000 }, 5).map(offset);
    expect(named(4)).toEqual(["0", "1s", "2s", "3s", "4s"]);
    expect(named(9661)).toEqual(["0", "1h", "2h"]);
    expect(named(86_400 * 40).length).toBeLessThanOrEqual(6);
  });
  it("adds use up by provider and model", () => {
    const use = (model: string, total_cost_usd: number) => ({
      provider: "p",
      model,
      calls: 1,
      calls_without_cost: 0,
      input_tokens: 2,
      output_tokens: 0,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      total_cost_usd,
    });
    const sums = byModel([step({ usage: [use("a", 1)] }), step({ usage: [use("b", 5), use("a", 2)] })]);
    expect(sums.map((each) => [each.model, each.calls, each.total_cost_usd])).toEqual([
      ["b", 1, 5],
      ["a", 2, 3],
    ]);
  });
  it("stops at the last event at or before a position", () => {
    const events = [3, 7, 9].map((position) => ({ position }) as LogEvent);
    expect([0, 3, 8, 9, 99].map((at) => stopAt(events, at))).toEqual([0, 0, 1, 2, 2]);
  });
});

it("messages stand in the order of their numbers, not of their texts", () => {
  const rows = new Map(
    ["2", "10", "9"].map((key) => [
      key,
      { kind: key === "9" ? "tool_call" : "message" } as ViewRows["sandbox-messages"],
    ]),
  );
  expect(ordered(rows, "all").map(([key]) => key)).toEqual(["2", "9", "10"]);
  expect(ordered(rows, "said").map(([key]) => key)).toEqual(["2", "10"]);
  expect(ordered(rows, "tools").map(([key]) => key)).toEqual(["9"]);
});

describe("the overview", () => {
  it("fills the days without spend and keeps the last ones", () => {
    const usage = [
      ["2026-01-01", 1],
      ["2026-01-04", 2],
      ["2026-01-04", 3],
    ].map(([day, cost]) => ({ day, total_cost_usd: cost }) as ViewRows["usage"]);
    expect(daily(usage, 3).spend).toEqual([0, 0, 5]);
    expect(daily(usage, 30).times).toHaveLength(7);
    expect(daily([], 3)).toEqual({ times: [], spend: [] });
    expect(spentOn(usage, Date.UTC(2026, 0, 4, 23))).toBe(5);
  });
  it("means over a window of scores", () => {
    const rows = [30, 60, 90].map(
      (composite, at) => ({ composite, at: `2026-01-0${3 - at}T00:00:00Z` }) as ViewRows["quality"],
    );
    expect(quality(rows, 2)).toMatchObject({ composite: [90, 60, 30], mean: [90, 75, 45] });
  });
  it("has a rate only once something ended", () => {
    const row = { runs_completed: 3, runs_failed: 1, runs_cancelled: 0 } as ViewRows["project-dashboard"];
    expect(passRate(row)).toBe(0.75);
    expect(passRate({ ...row, runs_completed: 0, runs_failed: 0 })).toBeNull();
  });
});

describe("learnings", () => {
  it("that wait come by weight, then by age", () => {
    const row = (severity: string, created_at: string, status = "pending") =>
      ({ severity, created_at, status }) as ViewRows["learnings"];
    const rows = new Map([
      ["a", row("minor", "1")],
      ["b", row("critical", "3")],
      ["c", row("critical", "2")],
      ["d", row("critical", "1", "approved")],
    ]);
    expect(listed(rows, "pending").map((each) => each.id)).toEqual(["c", "b", "a"]);
  });
  it("are edited as the command wants them", () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({
      description: "d",
      trigger: "t",
      correct_behaviour: "c",
      severity: "minor",
      category: "tool",
      confidence: "85",
    }))
      form.set(name, value);
    expect(edited(form, ["designer"])).toEqual({
      description: "d",
      trigger: "t",
      correct_behaviour: "c",
      severity: "minor",
      category: "tool",
      confidence: 0.85,
      roles: ["designer"],
    });
  });
});

it("a hit is seen in its run, among learnings, or in the log", () => {
  const hit = (stream: string, run: string | null) =>
    ({ stream, run, kind: "message", position: 1, project: "p" }) as Hit;
  expect(placeOf(hit("run-01A", "01A"), "harbour")).toBe("/p/harbour/runs/01A");
  expect(placeOf(hit("learning-01B", null), "harbour")).toBe("/p/harbour/learnings?learning=01B");
  expect(placeOf(hit("learning-document-01C", null), "harbour")).toBe("/audit?stream=learning-document-01C");
  expect(placeOf(hit("run-01A", "01A"), undefined)).toBe("/audit?stream=run-01A");
});

describe("the log", () => {
  const event = {
    position: 5,
    data: { step: "01KAHSVYJNVZMXBA04CJFA13WN", status: "done", note: null, made_by: "me\nmyself" },
  } as unknown as LogEvent;
  it("tells an event in a line without ids, and the request that gives it", () => {
    expect(gist(event)).toBe("status done · made by me myself");
    expect(curl(event, "http://h")).toContain("'http://h/v1/events?after=4&limit=1'");
    expect(curl({ ...event, position: 0 }, "http://h")).toContain("'http://h/v1/events?limit=1'");
  });
  it("asks the server for the filters that are set", () => {
    expect(asked({ category: "run", type: "", actor: "x" })).toEqual({ category: "run" });
  });
  it("shows the trail newest first", () => {
    const row = (aggregate: string) => ({ aggregate, actor: "a", event: "E" }) as ViewRows["audit-trail"];
    const rows = new Map([
      ["2", row("run")],
      ["10", row("run")],
      ["9", row("project")],
    ]);
    expect(latest(rows, { category: "run" }).map(([key]) => key)).toEqual(["10", "2"]);
  });
});
