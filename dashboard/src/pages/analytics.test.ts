// What the pages of metrics, audit and saved views work out.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { distinct } from "@/app/found";
import { KEYS } from "@/app/keys";
import { PAGES } from "@/app/pages";
import { keptOf, parseViews, shownView, withoutView, withView } from "@/lib/saved";
import { BUILT_IN, type Definition, formOf, lines, pairs, pathOf, type SeriesRow, weighted } from "./analytics/series";
import { positionsOf } from "./audit/chosen";
import { exportOf, TABLES } from "./audit/exports";
import { parseSeen } from "./audit/seen";
import { cosigned } from "./audit/witnesses";
import { sprintPrompts } from "./issues/new-chain";

const text = (path: string) => readFileSync(resolve("..", path), "utf8");

const definition = (part: Partial<Definition>): Definition => ({
  source: "scores",
  filters: [],
  group_by: [],
  aggregation: "mean",
  predicate: [],
  weights: [],
  ...part,
});

const row = (group: Record<string, string | null>, value: number | null, denominator = 1): SeriesRow =>
  ({ ...group, value, numerator: 0, denominator, provenance: { events: 1, positions: [7] } }) as SeriesRow;

describe("metrics", () => {
  it("offered are those that the program has", () => {
    const source = text("domain/src/metric/builtin.rs");
    const named = [...source.matchAll(/^\s*\(?\s*"([a-z-]+)",/gm)].map((match) => match[1]);
    expect(BUILT_IN.map(([name]) => name)).toEqual(named);
    for (const [, summary] of BUILT_IN) expect(source).toContain(summary);
  });

  it("are asked for by group, day, period and definition", () => {
    const now = Date.parse("2026-11-21T10:00:00Z");
    const ask = { metric: "pass-rate", project: "P" } as const;
    expect(pathOf({ ...ask, by: "model" }, now)).toBe("/v1/metrics/pass-rate?by=model&project=P");
    expect(pathOf({ ...ask, by: "whole", daily: true }, now)).toBe("/v1/metrics/pass-rate?by=project%2Cday&project=P");
    expect(pathOf({ ...ask, by: "day", daily: true }, now)).toBe("/v1/metrics/pass-rate?by=day&project=P");
    expect(pathOf({ ...ask, by: "project" }, now)).toBe("/v1/metrics/pass-rate?by=project");
    expect(pathOf({ ...ask, by: "model", period: "week", version: 2 }, now)).toBe(
      "/v1/metrics/pass-rate?by=model&project=P&since=2026-11-15T00%3A00%3A00.000Z&version=2",
    );
  });

  it("become lines, the fullest first, without what has no day", () => {
    const found = lines(
      [
        row({ model: "a", day: "2026-11-02" }, 1),
        row({ model: "b", day: "2026-11-01" }, 2, 9),
        row({ model: "b", day: "1970-01-01" }, 5),
        row({ model: "c", day: null }, 6),
      ],
      "model",
      5,
    );
    expect(found.times).toEqual([Date.parse("2026-11-01") / 1000, Date.parse("2026-11-02") / 1000]);
    expect(found.lines.map((line) => [line.group, line.values])).toEqual([
      ["b", [2, null]],
      ["a", [null, 1]],
    ]);
  });

  it("stand side by side where both are known", () => {
    const found = pairs([row({ model: "a" }, 70), row({ model: "b" }, null)], [row({ model: "a" }, 72.5)], "model");
    expect(found.map((pair) => [pair.group, pair.change])).toEqual([
      ["a", 2.5],
      ["b", null],
    ]);
  });

  it("are weighed anew; what is no weight is passed over", () => {
    const weights = [
      { field: "correctness", weight: 1 },
      { field: "completeness", weight: 2 },
    ] as Definition["weights"];
    const tried = weighted(definition({ aggregation: "composite", weights }), "correctness:9,completeness:-1,x:3");
    expect(tried.weights.map((each) => each.weight)).toEqual([9, 2]);
  });

  it("read as shares, money, time or numbers", () => {
    expect(formOf(definition({ aggregation: "rate" }))(0.5)).toBe("50%");
    expect(formOf(definition({ field: "cost_usd" }))(2)).toBe("$2.00");
    expect(formOf(definition({ field: "duration_ms" }))(1500)).toBe("1.5 s");
    expect(formOf(definition({}))(77.719)).toBe("77.72");
    expect(formOf(definition({ aggregation: "count" }))(12345)).toBe("12,345");
  });
});

describe("the audit", () => {
  it("takes positions from the address, each once, in order", () => {
    expect(positionsOf("9, 3,3,x,-1,,12")).toEqual([3, 9, 12]);
  });

  it("offers the tables that there are", () => {
    const known = [...text("docs/export.md").matchAll(/^### `([a-z_]+)`/gm)].map((match) => match[1]);
    expect(TABLES.map(([name]) => name)).toEqual(known);
    expect(exportOf("runs", "csv", null)).toEqual(["/v1/export/runs?format=csv", "runs.csv"]);
    expect(exportOf("usage", "arrow", 7)).toEqual(["/v1/export/usage?format=arrow&after=7", "usage-after-7.arrow"]);
  });

  it("tells witnesses from the log's own key, whose name is not the checkpoint's origin", () => {
    const signed = (name: string) => ({ name, signature: "AAAA" });
    const checkpoint = { origin: "waybill/L/0", size: 1, root: "", time: undefined, body: "" };
    const both = { ...checkpoint, signatures: [signed("waybill/L"), signed("witness.example/w1")] };
    expect(cosigned(both, "waybill/L+4775+Ac2+x").map(({ name }) => name)).toEqual(["witness.example/w1"]);
  });

  it("remembers only what is whole", () => {
    expect(parseSeen('{"size":3,"root":"r","at":"t"}')).toEqual({ size: 3, root: "r", at: "t" });
    for (const wrong of [null, "", "{}", "[]", '{"size":"3","root":"r","at":"t"}'])
      expect(parseSeen(wrong)).toBeUndefined();
  });
});

describe("saved views", () => {
  it("are kept by name, and known by their address", () => {
    const now = keptOf({ status: "failed", q: "", tab: "x", at: "9" }, ["q", "status", "sort"]);
    expect(now).toEqual({ status: "failed" });
    const views = withView(withView([], { name: "b", search: { sort: "-cost" } }), { name: "a", search: now });
    expect(views.map((view) => view.name)).toEqual(["a", "b"]);
    expect(shownView(views, { status: "failed" })?.name).toBe("a");
    expect(shownView(views, { status: "failed", sort: "-cost" })).toBeUndefined();
    expect(parseViews(JSON.stringify(views))).toEqual(views);
    expect(withView(views, { name: "a", search: {} })).toHaveLength(2);
    expect(withoutView(views, "a").map((view) => view.name)).toEqual(["b"]);
    for (const wrong of [null, "x", "{}", "[1]", '[{"name":1}]', '[{"name":"a","search":{"q":1}}]']) {
      expect(parseViews(wrong)).toEqual([]);
    }
  });
});

describe("keys", () => {
  it("lead to every page, each by its own, and are all in the list", () => {
    expect(new Set(PAGES.map((page) => page.key)).size).toBe(PAGES.length);
    const listed = KEYS.find(({ where }) => where === "Go to")?.lines.map(({ keys }) => keys.join(" "));
    expect(listed).toEqual(PAGES.map((page) => `g ${page.key}`));
  });
});

describe("what a search finds", () => {
  it("is said once for each kind of place", () => {
    const hit = (position: number, kind: string, said: string) =>
      ({ position, kind, snippet: { text: said } }) as Parameters<typeof distinct>[0][number];
    const hits = [hit(1, "prompt", "a"), hit(2, "prompt", "a"), hit(3, "tool", "a"), hit(4, "prompt", "b")];
    expect(distinct(hits).map((each) => each.position)).toEqual([1, 3, 4]);
    expect(distinct(Array.from({ length: 20 }, (_, at) => hit(at, "tool", `${at}`)))).toHaveLength(6);
  });
});

describe("sprints", () => {
  it("have prompts of their own, a line each", () => {
    expect(sprintPrompts(["2 = Write the guide.", "no number"])).toEqual([
      { sprint: 2, prompt: "Write the guide." },
      { sprint: 0, prompt: "no number" },
    ]);
  });
});
