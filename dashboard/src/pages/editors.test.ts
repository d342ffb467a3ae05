import { describe, expect, it } from "vitest";
import { denied, type Me } from "@/app/rights";
import { compared, folded, outline } from "@/lib/diff";
import { given } from "@/ui/form";
import { contentOf, filesOf, filesText } from "./assets/content";
import {
  best,
  type Candidate,
  candidates,
  isCandidate,
  type Judgement,
  judged,
  MEASURES,
  SCORES,
} from "./compare/figures";
import { servers, serverText } from "./personas/servers";
import { frequencyWords, scheduleOf, timeOf, zoned } from "./schedules/frequency";
import { shares } from "./settings/quality";
import { settingsOf } from "./settings/rows";
import { freshSecret } from "./settings/secrets";
import * as workflow from "./workflows/pipeline";
import {
  boxes,
  changed,
  type Draft,
  draftOf,
  dropped,
  looped,
  moved,
  reloop,
  reshaped,
  unlooped,
  xOf,
} from "./workflows/pipeline";

const form = (fields: Record<string, string | string[]>) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) for (const each of [value].flat()) data.append(name, each);
  return given(data);
};

describe("what differs", () => {
  it("is the least, with the longest common lines together", () => {
    const lines = compared("a\nb\nc\nd", "a\nc\nx\nd\n");
    expect(lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual(["same a", "del b", "same c", "add x", "same d"]);
    expect(compared("", "a")).toEqual([{ kind: "add", text: "a" }]);
    expect(compared("a", "")).toEqual([{ kind: "del", text: "a" }]);
    expect(compared("", "")).toEqual([]);
  });

  it("gives back either text, whatever they are", () => {
    let state = 7;
    const next = (below: number) => {
      state = (state * 48271) % 2147483647;
      return state % below;
    };
    for (let round = 0; round < 200; round++) {
      const text = () => Array.from({ length: next(12) }, () => "abcd"[next(4)]).join("\n");
      const [before, after] = [text(), text()];
      const lines = compared(before, after);
      const side = (not: string) => lines.filter((line) => line.kind !== not).map((line) => line.text);
      expect(side("add").join("\n")).toBe(before);
      expect(side("del").join("\n")).toBe(after);
    }
  });

  it("folds what is alike", () => {
    const many = Array.from({ length: 20 }, (_, at) => `line ${at}`);
    const lines = folded(compared(many.join("\n"), many.toSpliced(10, 1, "new").join("\n")), 2);
    expect(lines[0]).toEqual({ kind: "hunk", text: "8 lines alike" });
    expect(lines.filter((line) => line.kind === "same")).toHaveLength(4);
    expect(lines.at(-1)).toEqual({ kind: "hunk", text: "7 lines alike" });
  });

  it("is told of values as an outline, without what is empty, by names", () => {
    const value = { cli_tool: null, steps: [{ role: "designer", persona: ["id1", 2] }], tools: [], note: "a\nb" };
    expect(outline(value, new Map([["id1", "Ada"]]))).toBe(
      "steps:\n  - role: designer\n    persona:\n      - Ada\n      - 2\nnote:\n  a\n  b",
    );
  });
});

describe("rights", () => {
  const me = (part: Partial<Me>): Me => ({
    kind: "person",
    actor: "",
    user: null,
    email: null,
    administrator: false,
    projects: [],
    scopes: [],
    ...part,
  });
  const as = (role: string) => me({ projects: [{ project: "p", role }] });
  it("follow the table of roles", () => {
    expect(denied(me({ kind: "operator" }), "p", "keys")).toBeUndefined();
    for (const role of ["owner", "admin"]) expect(denied(as(role), "p", "members")).toBeUndefined();
    expect(denied(as("member"), "p", "work")).toBeUndefined();
    expect(denied(as("member"), "p", "settings")).toMatch(/member/);
    for (const role of ["auditor", "analyst"])
      expect(denied(as(role), "p", "work")).toBe(`You are an ${role} here: you may look, not change.`);
    expect(denied(as("owner"), "another", "work")).toMatch(/no role/);
    expect(denied(me({ kind: "api_key", scopes: ["runs:write"] }), "p", "work")).toBeUndefined();
    expect(denied(me({ kind: "api_key", scopes: ["runs:write"] }), "p", "settings")).toMatch(/settings:write/);
    expect(denied(me({ kind: "api_key", scopes: ["settings:write"] }), "p", "keys")).toMatch(/such/);
  });
});

describe("pipelines", () => {
  const base = (): Draft => ({
    settings: { workflow_type: "custom_pipeline" },
    loops: [{ name: "review", max_iterations: 3 }],
    steps: [
      { key: "a", role: "planner" },
      { key: "b", role: "designer", in_loop: "review" },
      { key: "c", role: "checker", in_loop: "review" },
    ],
  });
  const order = (draft: Draft) => draft.steps.map((step) => `${step.key}${step.in_loop ? "*" : ""}`).join(" ");

  it("move steps, into loops and out of them", () => {
    expect(order(moved(base(), "a", 2, null))).toBe("b* c* a");
    expect(order(moved(base(), "a", 1, "review"))).toBe("b* a* c*");
    expect(order(moved(base(), "c", -3, null))).toBe("c a b*");
    expect(moved(base(), "z", 0, null)).toEqual(base());
  });

  it("take a step where it was dropped", () => {
    expect(dropped(base(), "a", xOf(1) + 100)).toEqual({ to: 1, loop: "review" });
    expect(dropped(base(), "c", xOf(0) - 200)).toEqual({ to: 0, loop: null });
    expect(dropped(base(), "b", xOf(1))).toEqual({ to: 1, loop: "review" });
  });

  it("draw each loop around its steps, and one without steps behind the last", () => {
    const [box, empty] = boxes(looped(base(), undefined));
    expect([box?.first, box?.last]).toEqual([1, 2]);
    expect((box?.x ?? 0) < xOf(1) && (box?.x ?? 0) + (box?.width ?? 0) > xOf(2)).toBe(true);
    expect(empty?.x).toBeGreaterThan(xOf(2));
  });

  it("rename and remove loops with their steps", () => {
    expect(reloop(base(), "review", { name: "twice", max_iterations: 2 }).steps[1]?.in_loop).toBe("twice");
    expect(order(unlooped(base(), "review"))).toBe("a b c");
    expect(looped(base(), "a").steps[0]?.in_loop).toBe("loop 2");
  });

  it("become what the command takes, in every shape", () => {
    expect(reshaped(base(), "single_designer").steps.map((step) => step.role)).toEqual(["designer"]);
    const pair = workflow.settingsOf(reshaped(base(), "designer_checker"));
    expect(pair.steps?.map((step) => [step.role, step.in_loop])).toEqual([
      ["designer", "review"],
      ["checker", "review"],
    ]);
    const personas = workflow.settingsOf(changed(reshaped(base(), "persona_pipeline"), "a", { persona: "p" }));
    expect(personas.steps?.[0]).toEqual({ in_loop: null, persona: "p" });
    expect(JSON.stringify(workflow.settingsOf(base()))).not.toContain('"key"');
  });

  it("come back from a definition", () => {
    const step = { cli_tool: null, in_loop: null, instructions: "", model: null, thinking_effort: null };
    const definition = {
      cli_tool: null,
      loops: [],
      model: null,
      sandbox: {} as never,
      thinking_effort: null,
      workflow_type: "persona_pipeline" as const,
      steps: [{ ...step, role: "designer" as const, persona: ["p", 3] as [string, number] }],
    };
    expect(workflow.settingsOf(draftOf(definition)).steps).toEqual([{ in_loop: null, persona: "p" }]);
  });
});

describe("side by side", () => {
  const run = (part: object) =>
    ({ quality_score: null, total_cost_usd: 1, branch: null, verdicts_failed: 0, ...part }) as never;
  const of = (id: string, part: object): Candidate => ({ id, run: run(part), scores: undefined, summary: undefined });

  it("marks the best where they differ and it matters", () => {
    const all = [of("a", { total_cost_usd: 2, quality_score: 80 }), of("b", { quality_score: 90 }), of("c", {})];
    const named = (label: string) =>
      [...SCORES, ...MEASURES].find((each) => each.label === label) as (typeof SCORES)[number];
    expect(best(named("composite"), all)).toBe(90);
    expect(best(named("cost"), all)).toBe(1);
    expect(best(named("sent back"), all)).toBeNull();
    expect(best(named("composite"), [all[2] as Candidate])).toBeNull();
  });

  it("takes the latest scores of each run that there is, once", () => {
    const rows = [
      { run: "a", at: "2026-01-02", scores: { correctness: 2 }, summary: "later" },
      { run: "a", at: "2026-01-01", scores: { correctness: 1 }, summary: "earlier" },
    ];
    const found = candidates(["a", "x", "a"], new Map([["a", run({})]]), rows as never);
    expect(found.map((each) => each.summary)).toEqual(["later"]);
  });

  it("finds the latest judgement over all of them, by id or by branch", () => {
    const judgement = (part: Partial<Judgement>) => part as Judgement;
    const all = [of("a", { branch: "x" }), of("b", { branch: "y" })];
    const known = [
      judgement({ position: 1, candidates: ["a", "b"] }),
      judgement({ position: 2, candidates: ["x", "run-b"] }),
      judgement({ position: 3, candidates: ["a", "c"] }),
    ];
    expect(judged(known, all)?.position).toBe(2);
    expect(isCandidate("z", "a", run({ branch: null }))).toBe(false);
  });
});

describe("texts of forms", () => {
  it("keep the files of a skill", () => {
    const files = [
      { path: "SKILL.md", content: "# A\n\ntext\n" },
      { path: "lib/b.py", content: "print(1)\n" },
    ];
    expect(filesOf(filesText(files))).toEqual(files);
    expect(filesOf("no path\n")).toEqual([{ path: "SKILL.md", content: "no path\n" }]);
    expect(contentOf("skill", form({ files: filesText(files) }))).toEqual({ skill: { files } });
  });

  it("keep tool servers", () => {
    const held = [
      { name: "db", env_vars: ["DATABASE_URL"], transport: { stdio: { command: "pg-mcp", args: ["--ro"] } } },
      { name: "docs", env_vars: [], transport: { http: { url: "https://docs.example/mcp?a=b" } } },
    ];
    expect(servers(held.map(serverText).join("\n"))).toEqual(held);
  });

  it("read nothing as nothing", () => {
    const empty = form({ a: " ", b: "1\n\n 2 ", c: ["x", "y"] });
    expect([empty.maybe("a"), empty.number("a"), empty.on("z")]).toEqual([null, null, false]);
    expect([empty.lines("b"), empty.all("c")]).toEqual([
      ["1", "2"],
      ["x", "y"],
    ]);
  });
});

describe("schedules", () => {
  it("are words and back", () => {
    const fields = {
      time: "07:05",
      weekday: "friday",
      anchor: "2026-01-02",
      day: "28",
      cron: "0 6 * * 1-5",
      timezone: "UTC",
    };
    const of = (kind: string) => scheduleOf(form({ ...fields, kind }));
    const words = (kind: string) => frequencyWords(of(kind));
    expect(words("daily")).toBe("every day at 07:05 in UTC");
    expect(words("every_other_day")).toBe("every other day at 07:05 in UTC");
    expect(words("weekly")).toBe("every friday at 07:05 in UTC");
    expect(words("biweekly")).toBe("every other friday at 07:05 in UTC");
    expect(words("monthly")).toBe("on day 28 of the month at 07:05 in UTC");
    expect(words("cron")).toBe("cron 0 6 * * 1-5 in UTC");
    expect(timeOf(of("cron").frequency)).toBe("");
  });

  it("show an instant as its zone has it, on both sides of a change of clocks", () => {
    expect(zoned("2026-10-24T00:30:00Z", "Europe/Berlin")).toEqual({
      day: "Sat, 24 Oct 2026",
      time: "02:30",
      offset: "UTC+02:00",
    });
    expect(zoned("2026-10-26T01:30:00Z", "Europe/Berlin")).toMatchObject({ time: "02:30", offset: "UTC+01:00" });
  });
});

describe("settings", () => {
  it("are told apart, revoked keys last", () => {
    const key = (name: string, revoked_at: string | null) => ({ api_key: { name, revoked_at, issued_at: name } });
    const held = settingsOf([key("a", "x"), key("b", null), { env: { name: "Z" } }, { env: { name: "A" } }] as never);
    expect(held.keys.map((each) => each.name)).toEqual(["b", "a"]);
    expect(held.variables.map((each) => each.name)).toEqual(["A", "Z"]);
  });

  it("weigh by shares of the sum", () => {
    const weights = { correctness: 2, completeness: 1, test_coverage: 1, type_safety: 0, code_style: 0 };
    expect(shares(weights)[0]).toEqual(["correctness", 0.5]);
  });

  it("make secrets of 256 bits", async () => {
    const secret = await freshSecret();
    expect(secret.text).toMatch(/^[0-9a-f]{64}$/);
    expect(secret.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
