// The dashboard as its users meet it: a real server, a real session, a real browser.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { browser, fromFolder, live, opened, Server, violations } from "./kit.mjs";
import { dice, story } from "./story.mjs";

const server = new Server();
const d = dice(99);
let chrome;
let told;
let imported;

before(async () => {
  server.import("pi");
  await server.start();
  told = story();
  await server.send(told.lines);
  const runs = await server.get("/v1/views/runs?source=import");
  imported = runs.rows[0].key;
  chrome = await browser();
});

after(async () => {
  await chrome?.close();
  await server.stop();
  server.remove();
});

const finished = () => told.runs[told.runs.length - 3];
const PAGES = () => [
  ["overview", "/p/harbour", "text=Recent runs"],
  ["runs", "/p/harbour/runs", "[role=row][data-run]"],
  ["run", `/p/harbour/runs/${finished()}`, "article"],
  ["run-costs", `/p/harbour/runs/${finished()}?tab=costs`, "text=Dearest steps"],
  ["run-events", `/p/harbour/runs/${finished()}?tab=events`, "[data-position]"],
  ["run-details", `/p/harbour/runs/${finished()}?tab=details`, "text=Exact versions"],
  ["learnings", "/p/harbour/learnings", "text=Approve"],
  ["learning-versions", `/p/harbour/learnings?tab=documents&id=${told.document}`, "section[aria-label=Changes]"],
  ["compare", `/p/harbour/compare?runs=${told.compared}`, "text=Only the second"],
  ["compare-empty", "/p/harbour/compare", "text=What judges compared"],
  ["analytics", "/p/harbour/analytics?id=composite", "text=claude-opus-4-6"],
  [
    "analytics-weights",
    "/p/harbour/analytics?id=composite&by=whole&weights=correctness:9,type_safety:1,code_style:1,test_coverage:4,completeness:1",
    "[data-testid=side-by-side] td",
  ],
  ["workflows", `/p/harbour/workflows?id=${told.workflow}`, ".react-flow__node >> text=evaluator"],
  ["workflow-versions", `/p/harbour/workflows?id=${told.workflow}&tab=versions`, "section[aria-label=Changes]"],
  ["personas", `/p/harbour/personas?id=${told.designer}`, "textarea[name=instructions]"],
  ["persona-versions", `/p/harbour/personas?id=${told.designer}&tab=versions`, "section[aria-label=Changes]"],
  ["contexts", `/p/harbour/contexts?id=${told.context}`, "textarea[name=claude_md]"],
  ["assets", `/p/harbour/assets?id=${told.asset}`, "textarea[name=files]"],
  ["asset-versions", `/p/harbour/assets?id=${told.asset}&tab=versions`, "section[aria-label=Changes]"],
  ["issues", "/p/harbour/issues", "text=What to ask an agent for"],
  ["chains", "/p/harbour/issues?tab=chains", "article ol > li"],
  ["schedules", `/p/harbour/schedules?id=${told.monthly}`, "[data-testid=upcoming] li"],
  ["plans", `/p/harbour/plans?id=${told.plan}`, "text=Tide data for every berth"],
  ["settings-members", "/p/harbour/settings", "text=grace@example.org"],
  ["settings-keys", "/p/harbour/settings?tab=keys", "text=Make the key"],
  ["settings-variables", "/p/harbour/settings?tab=variables", "text=PORT_CODE"],
  ["settings-sessions", "/p/harbour/settings?tab=sessions", "text=just warm"],
  ["settings-quality", "/p/harbour/settings?tab=quality", "text=Weights in force"],
  ["settings-general", "/p/harbour/settings?tab=general", "text=Author of agents"],
  ["empty", "/p/pi/workflows", "text=No workflows yet"],
  ["audit", "/audit", "[data-position]"],
  ["audit-trail", "/audit?tab=trail", "[data-position]"],
  ["audit-proof", "/audit?tab=proof", "[data-testid=witnesses] p"],
  ["audit-exports", "/audit?tab=exports", "text=Take a table away"],
  ["audit-chosen", "/audit?positions=3,5,8", "text=3 chosen events"],
];

/** Written only when asked for: pictures of changed pixels are no news. */
async function picture(page, name) {
  if (!process.env.WAYBILL_SCREENSHOTS) return;
  mkdirSync(process.env.WAYBILL_SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.WAYBILL_SCREENSHOTS, `${name}.png`) });
}

for (const scheme of ["light", "dark"]) {
  describe(`every page in ${scheme}`, () => {
    it("shows what it is for, without a violation, an error or a request elsewhere", async () => {
      for (const [name, path, selector] of PAGES()) {
        const { page, faults, close } = await opened(chrome, server, path, {
          colorScheme: scheme,
          reducedMotion: "reduce",
        });
        await page.waitForSelector(selector);
        await page.waitForFunction(() => document.fonts.status === "loaded");
        assert.deepEqual(await violations(page), [], `${name} in ${scheme}`);
        await picture(page, `${name}-${scheme}`);
        assert.deepEqual(faults, [], `${name} in ${scheme}`);
        await close();
      }
    });
  });
}

describe("signing in", () => {
  it("refuses a wrong token with a hint, takes the right one, and forgets it on sign-out", async () => {
    const context = await chrome.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Token" }).click();
    await page.fill("#token", "wb_wrong");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=alert]");
    assert.match(await page.textContent("[role=alert]"), /token/);
    assert.deepEqual(await violations(page), []);
    await page.fill("#token", server.token);
    await page.keyboard.press("Enter");
    await live(page);
    assert.equal(await page.locator("nav[aria-label=Pages]").count(), 1);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("sign out");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#token");
    await context.close();
  });
});

describe("an account", () => {
  const person = { name: "Ada", email: "ada@example.org", password: "a long enough password" };

  it("is made by the first who opens the printed link, once, and opens the dashboard", async () => {
    const link = /http:\S+\/setup#code=\S+/.exec(server.said)?.[0];
    assert.ok(link, `the server prints a link for the first account: ${server.said}`);
    const context = await chrome.newContext({ viewport: { width: 1000, height: 700 } });
    const page = await context.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    const make = async (password) => {
      await page.fill("#name", person.name);
      await page.fill("#email", person.email);
      await page.fill("#password", password);
      await page.getByRole("button", { name: "Make the account" }).click();
    };
    await page.goto(link);
    assert.deepEqual(await violations(page), []);
    assert.equal(page.url(), `${server.url}/setup`, "the code leaves the address bar");
    await make("short");
    assert.equal(await page.locator("#password:invalid").count(), 1, "and nothing was sent");
    await picture(page, "setup");
    await make(person.password);
    await page.getByText("The account is there, and you are logged in.").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "setup-done");
    assert.deepEqual(faults, []);
    await page.getByRole("link", { name: "Open Waybill" }).click();
    await live(page);
    await page.goto(link);
    await make(person.password);
    await page.getByText(/was used before/).waitFor();
    await picture(page, "setup-again");
    await context.close();
  });

  it("signs in, stays in over a reload, and signs out", async () => {
    const context = await chrome.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await page.fill("#email", person.email);
    await page.fill("#password", "another password");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=alert]");
    await page.fill("#password", person.password);
    await page.keyboard.press("Enter");
    await live(page);
    await page.reload();
    await live(page);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("sign out");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#email");
    await page.reload();
    await page.waitForSelector("#email");
    await context.close();
  });
});

describe("roles", () => {
  const email = "ada@example.org";
  const CHANGES =
    /^(New |Archive|Rename|Save as|Save$|Approve\b|Reject\b|Edit|Resolve|Dismiss|Publish|Put version|Run now|Reschedule|Invite|Remove|Take back|Make |Set |Revoke|Add |Discard|Disable|Enable|Cancel it|Record |Define |Withdraw|Start$)/;
  /** Pages on which somebody may change something, and others are told why they may not. */
  const OFFERING = /learnings|analytics|workflow|persona|context|asset|issues|chains|schedule|plans|settings/;
  const line = (command, body) => ({ stream: `project-${told.project}`, command, body });
  let user;

  before(async () => {
    const users = await server.get("/v1/views/users");
    user = users.rows.find(({ row }) => row.email === email).key;
    const invitation = d.id(Date.now());
    await server.send([
      line("invite-member", { invitation, email, role: "auditor" }),
      line("accept-invitation", { invitation, email, user }),
    ]);
  });

  const signedIn = async () => {
    const context = await chrome.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    await fromFolder(context, server);
    const page = await context.newPage();
    await page.goto(`${server.url}/p/harbour`);
    await page.fill("#email", email);
    await page.fill("#password", "a long enough password");
    await page.keyboard.press("Enter");
    await live(page);
    return { page, context };
  };

  it("let an auditor see every page, offer no change, and say why", async () => {
    const { page, context } = await signedIn();
    for (const [name, path, selector] of PAGES().filter(([name]) => name !== "empty")) {
      await page.goto(`${server.url}${path}`);
      const offering = OFFERING.test(name);
      if (offering) await page.getByText("You are an auditor here").first().waitFor();
      await page.waitForSelector(offering ? "main article, main section, main h2" : selector);
      assert.equal(await page.locator("main").getByRole("button", { name: CHANGES }).count(), 0, name);
      assert.equal(await page.getByRole("alert").count(), 0, name);
      assert.deepEqual(await violations(page), [], name);
    }
    await page.goto(`${server.url}/p/harbour/workflows?id=${told.workflow}`);
    await page.locator(".react-flow__node", { hasText: "evaluator" }).waitFor();
    assert.equal(await page.locator("main select:enabled").count(), 0);
    await picture(page, "auditor-workflows-light");
    await context.close();
  });

  it("let an auditor read versions, messages, events and proofs like anybody, and keys decide nothing", async () => {
    const { page, context } = await signedIn();
    await page.goto(`${server.url}/p/harbour/personas?id=${told.designer}&tab=versions`);
    await page.locator("section[aria-label=Changes]").waitFor();
    await page.goto(`${server.url}/p/harbour/runs/${finished()}`);
    await page.locator("article").first().waitFor();
    await page.getByRole("button", { name: /Signed at/ }).click();
    await page.getByText("✓ both paths lead to the root").waitFor();
    await page.goto(`${server.url}/audit`);
    await page.waitForSelector("[data-position]");
    await page.goto(`${server.url}/p/harbour/learnings`);
    await page.locator("[aria-current=true]").waitFor();
    const waiting = async () => (await server.get(`/v1/views/learning-queue?project=${told.project}`)).rows.length;
    const before = await waiting();
    for (const key of ["a", "r", "e"]) await page.keyboard.press(key);
    assert.equal(await page.locator("main input, main textarea").count(), 0);
    // What was asked of the server before this is done when it answers.
    await page.keyboard.press("j");
    assert.equal(await waiting(), before);
    await context.close();
  });

  it("let a member work, and leave settings to others", async () => {
    await server.send([line("change-member-role", { user, role: "member" })]);
    const { page, context } = await signedIn();
    await page.goto(`${server.url}/p/harbour/issues`);
    await page.getByRole("button", { name: "New issue" }).waitFor();
    await page.goto(`${server.url}/p/harbour/workflows?id=${told.workflow}`);
    await page.getByRole("button", { name: "New workflow" }).waitFor();
    for (const path of ["personas", "contexts", "assets", "analytics", "learnings"]) {
      await page.goto(`${server.url}/p/harbour/${path}`);
      await page.getByText("You are a member here: settings are changed by owners and admins.").first().waitFor();
      assert.equal(await page.locator("main").getByRole("button", { name: CHANGES }).count(), 0, path);
    }
    await server.send([line("change-member-role", { user, role: "admin" })]);
    await page.goto(`${server.url}/p/harbour/personas`);
    await page.getByRole("button", { name: "New persona" }).waitFor({ timeout: 20_000 });
    await context.close();
  });
});

describe("comparing", () => {
  it("takes what is ticked in Runs, and shows the judge's winner with the reasons", async () => {
    const { page, faults, close } = await opened(chrome, server, "/p/harbour/runs?q=Berth+planner%2C");
    for (const run of told.compared) await page.locator(`[data-run="${run}"] input`).check();
    await page.getByRole("link", { name: "Compare", exact: true }).last().click();
    await page.waitForURL(/\/compare\?runs=/);
    const verdict = page.getByRole("region", { name: "Judgement" });
    await verdict.getByText("waybill/berths-b").waitFor();
    assert.match(await verdict.textContent(), /tests low water at every berth/);
    const row = page.getByRole("row", { name: /^test coverage/ });
    assert.match(await row.textContent(), /62.*91 \(best\)/);
    await page.getByLabel("Leave waybill/berths-a out").click();
    await page.getByText("Nothing to compare yet").waitFor();
    await page.getByRole("link", { name: /2 candidates/ }).click();
    await verdict.waitFor();
    assert.deepEqual(faults, []);
    await close();
  });
});

describe("the editor of pipelines", () => {
  it("draws, is held to the server's rules, and saves the next version", async () => {
    const { page, faults, close } = await opened(chrome, server, `/p/harbour/workflows?id=${told.workflow}`, {
      strict: false,
    });
    const steps = () => page.locator("[aria-label='Steps and loops'] button").allTextContents();
    await page.locator(".react-flow__node", { hasText: "evaluator" }).waitFor();
    await page.getByRole("button", { name: "3 checker" }).click();
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Save as the next version" }).click();
    const refused = page.getByRole("alert");
    await refused.waitFor();
    assert.match(await refused.textContent(), /loop `review` ends with step 2 \(designer\)/);
    assert.match(await refused.textContent(), /end the loop with a checker or reviewer/);
    await picture(page, "workflow-refused-light");
    await page.getByRole("button", { name: "Discard" }).click();
    await refused.waitFor({ state: "detached" });
    // The planner is dragged behind the evaluator.
    const box = async (text) => page.locator(".react-flow__node-step", { hasText: text }).boundingBox();
    const [from, to] = [await box("planner"), await box("evaluator")];
    await page.mouse.move(from.x + 60, from.y + 30);
    await page.mouse.down();
    await page.mouse.move(to.x + to.width - 10, to.y + 34, { steps: 12 });
    await page.mouse.up();
    await page.waitForFunction(() =>
      document.querySelector("[aria-label='Steps and loops']")?.textContent.startsWith("1 designer"),
    );
    assert.deepEqual(await steps(), ["1 designer", "2 checker", "3 evaluator", "4 planner", "↻ review"]);
    await page.getByLabel("Why it changes").fill("plans come last");
    await page.getByRole("button", { name: "Save as the next version" }).click();
    await page.getByText("Versions 3").waitFor();
    const { rows } = await server.get(`/v1/views/workflow-versions/${told.workflow}`);
    const held = rows.map(({ row }) => row).find((row) => row.current);
    assert.equal(held.version, 3);
    assert.equal(held.note, "plans come last");
    assert.deepEqual(
      held.content.steps.map((step) => step.role),
      ["designer", "checker", "evaluator", "planner"],
    );
    assert.deepEqual(faults, []);
    await close();
  });
});

describe("what has versions", () => {
  it("is published, put in force and taken back to an earlier one", async () => {
    const { page, faults, close } = await opened(chrome, server, `/p/harbour/assets?id=${told.asset}&tab=versions`);
    await page.getByText("+ Ask `Port::tides` for the day and the day after.").waitFor();
    await page.getByRole("button", { name: "Publish version 2" }).click();
    await page.getByText("version 2 is in force").waitFor();
    await page.getByRole("button", { name: /^Version 1/ }).click();
    await page.getByRole("button", { name: "Put version 1 in force" }).click();
    await page.getByText("version 1 is in force").waitFor();
    await page.goto(`${server.url}/p/harbour/contexts?id=${told.context}`);
    await page.fill("textarea[name=system_prompt]", "Be kind.");
    await page.fill("input[name=note]", "softer");
    await page.getByRole("button", { name: "Save as the next version" }).click();
    await page.getByText("version 3 is in force").waitFor();
    await page.goto(`${server.url}/p/harbour/personas?id=${told.designer}`);
    await page.fill("textarea[name=mcp_servers]", "db = pg-mcp --read-only [DATABASE_URL]");
    await page.getByRole("button", { name: "Save as the next version" }).click();
    await page.getByText("Versions 3").waitFor();
    const personas = await server.get(`/v1/views/persona-versions/${told.designer}`);
    const { content } = personas.rows.map(({ row }) => row).find((row) => row.current);
    assert.equal(content.mcp_servers[0].transport.stdio.args[0], "--read-only");
    assert.equal(content.skills.length, 1, "what was not touched stays");
    assert.deepEqual(faults, []);
    await close();
  });
});

describe("work that is planned", () => {
  it("goes from a plan to issues to a chain", async () => {
    const { page, faults, close } = await opened(chrome, server, `/p/harbour/plans?id=${told.plan}`);
    await page.getByLabel("Move item 1 down").click();
    await page.getByRole("heading", { name: "2. Tide data for every berth" }).waitFor();
    await page.getByRole("button", { name: "Approve", exact: true }).click();
    await page.getByRole("button", { name: "Make it an issue" }).first().click();
    await page.getByRole("link", { name: "its issue" }).click();
    await page.getByRole("heading", { name: "The planner reads it once" }).waitFor();
    await page.getByRole("button", { name: "Chains" }).click();
    await page.getByRole("button", { name: "New chain" }).click();
    await page.fill("input[name=title]", "Tides");
    await page.fill("input[name=branch]", "waybill/tides");
    await page.getByLabel("The planner reads it once").check();
    await page.getByRole("button", { name: "Make it", exact: true }).click();
    await page.getByRole("heading", { name: "Tides", exact: true }).waitFor();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("[aria-current=step]", { hasText: "The planner reads it once" }).waitFor();
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.getByRole("dialog").getByLabel("Why").fill("the tide is out");
    await page.keyboard.press("Enter");
    await page.getByText("Paused: the tide is out").waitFor();
    await page.getByRole("button", { name: "New chain" }).click();
    await page.fill("input[name=title]", "Three sprints");
    await page.getByLabel("A chain of").selectOption("sprints");
    await page.fill("textarea[name=default_prompt]", "Take the next berth.");
    await page.fill("textarea[name=prompts]", "2 = Write the guide.");
    await page.getByRole("button", { name: "Make it", exact: true }).click();
    await page.getByRole("heading", { name: "Three sprints", exact: true }).waitFor();
    await page.getByText("Write the guide.").waitFor();
    assert.deepEqual(faults, []);
    await close();
  });

  it("recurs at the times that the server works out, across a change of clocks", async () => {
    const { page, close } = await opened(chrome, server, `/p/harbour/schedules?id=${told.monthly}`);
    await page.waitForSelector("[data-testid=upcoming] li");
    const { rows } = await server.get(`/v1/views/schedule?project=${told.project}`);
    const { row } = rows.find(({ key }) => key === told.monthly);
    const shown = await page
      .locator("[data-testid=upcoming] time")
      .evaluateAll((all) => all.map((each) => each.dateTime));
    assert.deepEqual(shown, row.upcoming);
    assert.equal(shown.length, 10);
    for (const text of await page.locator("[data-testid=upcoming] li").allTextContents())
      assert.match(text, /07:00UTC/);
    assert.ok((await page.getByText("clocks change").count()) >= 1);
    await page.getByRole("button", { name: "Reschedule" }).click();
    await page.fill("input[name=timezone]", "Atlantis/Capital");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").textContent(), /zone/);
    await close();
  });
});

describe("metrics", () => {
  it("lead from a point and a group to their events, and show other weights beside those in force", async () => {
    const { page, faults, close } = await opened(chrome, server, "/p/harbour/analytics?id=composite");
    const asked = (query) => server.get(`/v1/metrics/composite?project=${told.project}&${query}`);
    const rows = (await asked("by=model")).rows;
    const row = page.locator("tr", { hasText: rows[0].model });
    await row.getByText(String(Math.round(rows[0].value * 100) / 100), { exact: true }).waitFor();
    // The middle of the chart is some day; whichever point is nearest, it leads to events of that day.
    await page.locator(".u-over").first().click();
    const status = page.locator("section", { hasText: "By day" }).getByRole("status");
    await status.getByRole("link").waitFor();
    const day = /\d{4}-\d\d-\d\d/.exec(await status.textContent())[0];
    await status.getByRole("link").click();
    await page.getByText(/chosen event/).waitFor();
    const positions = new URL(page.url()).searchParams.get("positions").split(",");
    await page.locator("[data-position]").first().waitFor();
    assert.equal(await page.locator("[data-position]").count(), positions.length);
    const first = (await server.get(`/v1/events?after=${positions[0] - 1}&limit=1`)).events[0];
    assert.equal(first.type, "ScoresIssued");
    assert.equal(first.occurred_at.slice(0, 10), day);
    await page.goBack();
    await page.fill("input[name=correctness]", "9");
    await page.getByRole("button", { name: "Try these weights" }).click();
    await page.waitForURL(/weights=correctness/);
    const side = page.getByTestId("side-by-side").locator("tr", { hasText: rows[0].model });
    await side.waitFor();
    const definition = (await asked("by=model")).definition;
    definition.weights = definition.weights.map((each) =>
      each.field === "correctness" ? { ...each, weight: 9 } : each,
    );
    const tried = await asked(`by=model&definition=${encodeURIComponent(JSON.stringify(definition))}`);
    const fresh = tried.rows.find((each) => each.model === rows[0].model);
    assert.match(await side.textContent(), new RegExp(String(Math.round(fresh.value * 100) / 100).replace(".", "\\.")));
    await page.fill("input[name=note]", "correctness first");
    await page.getByRole("button", { name: "Record them" }).click();
    await page.getByText("comes with the program").waitFor({ state: "detached" });
    const own = (await server.get(`/v1/views/metrics?project=${told.project}`)).rows.map((each) => each.row);
    assert.equal(own[0].definitions[0].weights.find((each) => each.field === "correctness").weight, 9);
    assert.deepEqual(faults, []);
    await close();
  });

  it("are defined, refused with a reason, revised, and shown old against new", async () => {
    const { page, close } = await opened(chrome, server, "/p/harbour/analytics", { strict: false });
    await page.getByRole("button", { name: "New metric" }).click();
    await page.fill("input[name=name]", "passes");
    await page.fill("input[name=summary]", "Verdicts that passed");
    const text = await page.inputValue("textarea[name=definition]");
    await page.fill("textarea[name=definition]", text.replace('"rate"', '"mean"'));
    await page.getByRole("button", { name: "Define it" }).click();
    await page.getByRole("alert").waitFor();
    await page.fill("textarea[name=definition]", text);
    await page.getByRole("button", { name: "Define it" }).click();
    await page.getByRole("heading", { name: "passes" }).waitFor();
    await page.locator("summary", { hasText: "Its definition" }).click();
    const held = JSON.parse(await page.inputValue("textarea[name=definition]"));
    held.filters = [{ field: "model", op: "is", value: "claude-opus-4-6" }];
    await page.fill("textarea[name=definition]", JSON.stringify(held));
    await page.getByRole("button", { name: "Save as the next version" }).click();
    await page.getByRole("button", { name: "Versions 2" }).waitFor();
    await page.getByRole("button", { name: "Show both" }).click();
    await page.getByTestId("side-by-side").locator("tr", { hasText: "gpt-5.1-codex" }).waitFor();
    const gone = page.getByTestId("side-by-side").locator("tr", { hasText: "gpt-5.1-codex" });
    assert.match(await gone.textContent(), /\d+%–/);
    await close();
  });
});

describe("settings", () => {
  it("show a new key once; it works until it is revoked", async () => {
    const { page, faults, close } = await opened(chrome, server, "/p/harbour/settings?tab=keys");
    await page.fill("input[name=name]", "ci");
    await page.getByRole("button", { name: "Make the key" }).click();
    const key = await page.locator("[data-testid=once] code").last().textContent();
    assert.match(key, /^wb_[0-9A-Z]{26}_[0-9a-f]{64}$/);
    assert.deepEqual(await violations(page), []);
    await picture(page, "settings-key-once-light");
    const ask = () =>
      fetch(`${server.url}/v1/views/runs?project=${told.project}`, { headers: { authorization: `Bearer ${key}` } });
    assert.equal((await ask()).status, 200);
    await page.getByRole("button", { name: "I have it" }).click();
    assert.ok(!(await page.content()).includes(key.slice(-64)));
    await page.getByRole("button", { name: "Revoke ci" }).click();
    const question = page.getByRole("dialog", { name: "End the key ci?" });
    await question.waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "question-light");
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    assert.equal((await ask()).status, 200, "nothing was done");
    await page.getByRole("button", { name: "Revoke ci" }).click();
    await question.getByRole("button", { name: "Revoke" }).click();
    await page.getByText("revoked").waitFor();
    assert.equal((await ask()).status, 401);
    assert.deepEqual(faults, []);
    await close();
  });

  it("send secrets to be sealed, and never show them", async () => {
    const { page, faults, close } = await opened(chrome, server, "/p/harbour/settings?tab=variables");
    await page.fill("input[name=name]", "DATABASE_URL");
    await page.fill("textarea[name=value]", "postgres://swordfish");
    await page.getByRole("button", { name: "Set it" }).click();
    await page.getByText("sealed, cannot be read").waitFor();
    assert.ok(!(await page.content()).includes("swordfish"));
    const events = await server.get(`/v1/events?stream=project-${told.project}&limit=1000`);
    assert.ok(!JSON.stringify(events).includes("swordfish"));
    assert.ok(events.events.some((event) => event.data.name === "DATABASE_URL"));
    assert.deepEqual(faults, []);
    await close();
  });

  it("invite, weigh quality anew and set sessions up", async () => {
    const { page, faults, close } = await opened(chrome, server, "/p/harbour/settings");
    await page.fill("input[name=email]", "lin@example.org");
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByText("lin@example.org").waitFor();
    await page.getByRole("button", { name: "Quality" }).click();
    await page.fill("input[name=correctness]", "5");
    await page.getByRole("button", { name: "Set as the next version" }).click();
    await page.getByText("version 3", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Sessions" }).click();
    await page.getByRole("button", { name: "Set up judging" }).click();
    await page.fill("input[name=default_model]", "claude-opus-4-6");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("claude-opus-4-6").waitFor();
    assert.deepEqual(faults, []);
    await close();
  });
});

describe("live", () => {
  it("shows a run as it is asked for, starts and costs, without a reload", async () => {
    const { page, close } = await opened(chrome, server, "/p/harbour/runs");
    const [run, step] = [d.id(Date.now()), d.id(Date.now())];
    const line = (command, body) => ({ stream: `run-${run}`, command, body });
    await server.send([
      line("request", { project: told.project, source: "issue", title: "Seen at once", prompt: "p" }),
    ]);
    const row = page.locator(`[data-run="${run}"]`);
    await row.waitFor();
    assert.match(await row.textContent(), /pending.*Seen at once/);
    await server.send([
      line("start", {}),
      line("start-step", { step, role: "designer", model: "opus" }),
      line("record-usage", { step, model: "opus", cost_usd: 12.34 }),
    ]);
    await row.getByText("$12.34").waitFor();
    assert.match(await row.textContent(), /running/);
    await close();
  });

  it("comes back after the server was restarted, with what happened meanwhile", async () => {
    const { page, close } = await opened(chrome, server, "/p/harbour/runs", { strict: false });
    await server.restart(async () => {
      await page.waitForSelector("[data-phase=stale]");
      assert.match(await page.textContent("[data-phase=stale]"), /Stale since \d\d:\d\d:\d\d/);
      assert.ok((await page.locator("[data-run]").count()) > 5, "what is held stays on screen");
    });
    const run = d.id(Date.now());
    await server.send([
      {
        stream: `run-${run}`,
        command: "request",
        body: { project: told.project, source: "issue", title: "After the restart", prompt: "p" },
      },
    ]);
    await page.locator(`[data-run="${run}"]`).waitFor({ timeout: 30_000 });
    await live(page);
    await close();
  });
});

describe("the table of runs", () => {
  it("keeps filters, search, order and columns in the address", async () => {
    const { page, close } = await opened(chrome, server, "/p/harbour/runs");
    const all = Number(await page.getAttribute("[role=table]", "aria-rowcount"));
    await page.selectOption("select[aria-label=Status]", "failed");
    await page.waitForURL(/status=failed/);
    await page.waitForFunction(
      (before) => Number(document.querySelector("[role=table]")?.getAttribute("aria-rowcount")) < before,
      all,
    );
    for (const text of await page.locator("[role=row][data-run]").allTextContents()) assert.match(text, /failed/);
    await page.getByRole("button", { name: "Cost" }).click();
    await page.waitForURL(/sort=-cost/);
    await page.locator("summary", { hasText: "Columns" }).click();
    await page.getByLabel("Branch").check();
    await page.waitForURL(/columns=.*branch/);
    const address = page.url();
    const { page: other, close: shut } = await opened(chrome, server, address.slice(server.url.length));
    await other.waitForSelector("[role=row][data-run]");
    assert.equal(await other.getByRole("columnheader", { name: "Cost" }).getAttribute("aria-sort"), "descending");
    assert.equal(await other.getByRole("columnheader", { name: "Branch" }).count(), 1);
    await shut();
    await close();
  });

  it("keeps what is filtered under a name, for each reader, and forgets it", async () => {
    const { page, close } = await opened(chrome, server, "/p/harbour/runs?status=failed&sort=-cost");
    await page.waitForSelector("[role=row][data-run]");
    await page.locator("summary", { hasText: "Views" }).click();
    await page.getByRole("button", { name: "Save this view" }).click();
    const question = page.getByRole("dialog", { name: "Save this view" });
    await question.getByLabel("Name").fill("Dear failures");
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Enter");
    await page.locator("summary", { hasText: "View: Dear failures" }).waitFor();
    await page.goto(`${server.url}/p/harbour/runs`);
    await page.locator("summary", { hasText: "Views" }).click();
    await page.getByRole("link", { name: "Dear failures" }).click();
    await page.waitForURL(/status=failed/);
    assert.equal(new URL(page.url()).searchParams.get("sort"), "-cost");
    const summary = page.locator("summary", { hasText: "View: Dear failures" });
    await summary.waitFor();
    if (!(await page.getByLabel("Forget the view Dear failures").isVisible())) await summary.click();
    await page.getByLabel("Forget the view Dear failures").click();
    await page.locator("summary", { hasText: /^Views$/ }).waitFor();
    await close();
  });

  it("is walked by keys, and sums what is selected", async () => {
    const { page, close } = await opened(chrome, server, "/p/harbour/runs");
    await page.focus("[role=table]");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\/[0-9A-Z]{26}/);
    await close();
  });
});

describe("a run", () => {
  it("moves as a whole to any of its events, and back to now", async () => {
    const { page, faults, close } = await opened(chrome, server, `/p/pi/runs/${imported}`);
    const figure = (label) => page.locator("dl > div", { hasText: label }).locator("dd").first();
    assert.match(await figure("Cost").textContent(), /\$30\.33/);
    await page.getByRole("button", { name: "Time travel" }).click();
    const slider = page.getByLabel("Position in the run");
    await page.waitForFunction(() => Number(document.querySelector("input[type=range]")?.max) > 1900);
    await slider.fill("400");
    await page.waitForURL(/at=\d+/);
    await page.getByText("You see the log as of").waitFor();
    await page.waitForFunction(() => !document.body.textContent.includes("$30.33"));
    assert.match(await page.locator("[data-run] header").first().textContent(), /running/);
    const at = new URL(page.url()).searchParams.get("at");
    const then = await server.get(`/v1/views/run-timeline/${imported}?at=${at}`);
    const { run } = then.rows.find((row) => row.key === "run").row;
    assert.match(await figure("Steps").textContent(), new RegExp(`^${run.steps}`));
    assert.deepEqual(await violations(page), []);
    await page.getByLabel("One event on").click();
    await page.waitForURL((url) => url.searchParams.get("at") !== at);
    await page.getByTestId("time-slider").getByRole("button", { name: "Back to now" }).click();
    await page.getByText("$30.33").first().waitFor();
    assert.equal(new URL(page.url()).searchParams.get("at"), null);
    assert.deepEqual(faults, []);
    await close();
  });

  it("shows loops and verdicts as they stood then", async () => {
    const events = (await server.get(`/v1/events?stream=run-${finished()}&limit=10000`)).events;
    const verdict = events.find((event) => event.type === "VerdictIssued").position;
    const { page, faults, close } = await opened(chrome, server, `/p/harbour/runs/${finished()}?at=${verdict + 40}`);
    await page.getByText("You see the log as of").waitFor();
    await page.waitForFunction(() => Number(document.querySelector("input[type=range]")?.max) > 50);
    assert.equal(await page.locator("[role=option]", { hasText: "fail" }).count(), 1);
    assert.equal(await page.locator("[role=option]", { hasText: "evaluator" }).count(), 0);
    await page.waitForSelector("article");
    await picture(page, "run-time-travel-light");
    assert.deepEqual(faults, []);
    await close();
  });

  it("is found by steps, filters its events, and gives each as JSON and as curl", async () => {
    const context = { permissions: ["clipboard-read", "clipboard-write"] };
    const { page, close } = await opened(chrome, server, `/p/pi/runs/${imported}`, context);
    await page.locator("[role=option]").nth(5).click();
    await page.waitForURL(/step=/);
    await page.focus("[role=listbox]");
    const step = page.url();
    await page.keyboard.press("j");
    await page.waitForURL((url) => url.href !== step);
    await page.getByRole("button", { name: "Events", exact: true }).click();
    await page.selectOption("select[aria-label='Type of event']", "StepUsageRecorded");
    await page.getByText("453 events").waitFor();
    await page.locator("[data-position] > button").first().click();
    await page.getByRole("button", { name: "Copy as curl" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const path = /'http:\/\/[^/]+(\/v1\/events\?[^']+)'/.exec(copied)[1];
    assert.equal((await server.get(path)).events[0].type, "StepUsageRecorded");
    await close();
  });

  it("is proved in the browser, and its evidence can be taken away", async () => {
    const { page, close } = await opened(chrome, server, `/p/harbour/runs/${finished()}`);
    await page.getByRole("button", { name: /Signed at/ }).click();
    await page.getByText("✓ both paths lead to the root").waitFor();
    await page.getByText("✓ Ed25519, the log’s own key").waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "run-proof-light");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByText("Download the evidence").click(),
    ]);
    assert.match(download.suggestedFilename(), /^evidence-.*\.tar$/);
    await close();
  });

  it("is not signed while the last checkpoint is older, and is once a newer one is there", async () => {
    const { page, close } = await opened(chrome, server, `/p/harbour/runs/${finished()}`);
    await page.getByRole("button", { name: /Signed at/ }).waitFor();
    let asked = 0;
    await page.route(`${server.url}/v1/log/checkpoint`, async (route) => {
      asked += 1;
      if (asked > 1) return route.continue();
      const answer = await route.fetch();
      const [origin, , ...rest] = (await answer.text()).split("\n");
      return route.fulfill({ response: answer, body: [origin, 1, ...rest].join("\n") });
    });
    await page.reload();
    await page.getByRole("button", { name: "Not signed yet" }).waitFor();
    await page.getByRole("button", { name: /Signed at/ }).waitFor();
    await page.waitForTimeout(2500);
    assert.equal(asked, 2);
    await close();
  });

  it("shows hostile output as text: no image, no script, no link that runs", async () => {
    const [run, sandbox, step] = [d.id(Date.now()), d.id(Date.now()), d.id(Date.now())];
    const line = (command, body) => ({ stream: `run-${run}`, command, body });
    const hostile =
      'Look <img src="http://evil.test/x.png" onerror="window.hurt=1"> <script>window.hurt=1</script> [here](javascript:window.hurt=1) ![i](http://evil.test/y.png) [fine](https://ok.test) <b onclick="window.hurt=1">bold</b> <style>*{display:none}</style> <iframe src="http://evil.test"></iframe>';
    await server.send([
      line("request", { project: told.project, source: "issue", title: "Hostile", prompt: hostile }),
      { stream: `sandbox-${sandbox}`, command: "create", body: { project: told.project, run } },
      { stream: `sandbox-${sandbox}`, command: "start", body: {} },
      line("start", {}),
      line("start-step", { step, role: "designer", sandbox }),
      line("append-step-message", { step, message: d.id(Date.now()), role: "assistant", content: hostile }),
      line("record-tool-result", {
        step,
        call_id: "c",
        tool: "bash",
        output: `\u001b[31mred\u001b[0m <img src=x onerror="window.hurt=1">`,
      }),
    ]);
    const { page, faults, close } = await opened(chrome, server, `/p/harbour/runs/${run}`);
    await page.locator("article a", { hasText: "fine" }).waitFor();
    await page.locator("[role=log] button[aria-expanded]").first().click();
    await page.locator("pre .ansi-red-fg", { hasText: "red" }).waitFor();
    assert.equal(
      await page.locator("[role=log] img, [role=log] script, [role=log] iframe, [role=log] style").count(),
      0,
    );
    assert.equal(await page.locator("[role=log] a[href^=javascript], [role=log] [onclick]").count(), 0);
    assert.equal(await page.evaluate(() => window.hurt), undefined);
    await page.goto(`${server.url}/p/harbour/runs/${run}?tab=details`);
    await page.getByText("Exact versions").waitFor();
    assert.equal(await page.evaluate(() => window.hurt), undefined);
    assert.deepEqual(faults, []);
    await close();
  });
});

describe("learnings", () => {
  it("are approved, rejected and edited without a mouse, and the log says so", async () => {
    const { page, close } = await opened(chrome, server, "/p/harbour/learnings");
    const waiting = async () => (await server.get(`/v1/views/learning-queue?project=${told.project}`)).rows.length;
    const before = await waiting();
    const current = () => page.locator("[aria-current=true]").textContent();
    const first = await current();
    await page.keyboard.press("a");
    await page.waitForFunction((text) => document.querySelector("[aria-current=true]")?.textContent !== text, first);
    await page.getByRole("button", { name: /^Approved 5/ }).waitFor();
    assert.equal(await waiting(), before - 1);
    const second = await current();
    await page.keyboard.press("r");
    await page.keyboard.type("known already");
    await page.keyboard.press("Enter");
    await page.waitForFunction((text) => document.querySelector("[aria-current=true]")?.textContent !== text, second);
    await page.keyboard.press("e");
    await page.fill("textarea[name=trigger]", "whenever the tide turns");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator("dd", { hasText: "whenever the tide turns" }).waitFor();
    const third = await current();
    await page.keyboard.press("j");
    await page.waitForFunction((text) => document.querySelector("[aria-current=true]")?.textContent !== text, third);
    const all = (await server.get(`/v1/views/learnings?project=${told.project}`)).rows.map(({ row }) => row);
    assert.equal(all.filter((row) => row.status === "rejected" && row.note === "known already").length, 1);
    assert.equal(all.filter((row) => row.trigger === "whenever the tide turns").length, 1);
    await close();
  });

  it("are compiled to versions, and another version is put in force", async () => {
    const address = `/p/harbour/learnings?tab=documents&id=${told.document}`;
    const { page, close } = await opened(chrome, server, address);
    const inForce = async () => (await server.get(`/v1/views/learning-documents/${told.document}`)).rows[0].row;
    await page.locator("section[aria-label=Changes]", { hasText: "Spring tides" }).waitFor();
    await page.getByRole("button", { name: /Version 1/ }).click();
    await page.getByRole("button", { name: "Put version 1 in force" }).click();
    await page.locator("header, article", { hasText: "version 1 in force" }).first().waitFor();
    assert.equal((await inForce()).active_version, 1);
    await page.getByText("fills the cache of tide tables").first().waitFor();
    await page.fill("input[name=note]", "what was approved since");
    await page.getByRole("button", { name: "Compile and put in force" }).click();
    await page.getByRole("button", { name: /Version 3/ }).waitFor();
    await page.getByText("The next version takes in").waitFor({ state: "detached" });
    const { active_version, versions, missing } = await inForce();
    assert.deepEqual({ active_version, versions, missing }, { active_version: 3, versions: 3, missing: [] });
    await close();
  });
});

describe("the audit", () => {
  it("follows the log, pauses, filters, and verifies every byte", async () => {
    const { page, close } = await opened(chrome, server, "/audit");
    const top = () => page.locator("[data-position]").first().getAttribute("data-position");
    await page.waitForSelector("[data-position]");
    const before = Number(await top());
    const rename = (name) =>
      server.send([{ stream: `project-${told.project}`, command: "rename", body: { name, slug: "harbour" } }]);
    await rename("Harbour II");
    await page.waitForFunction(
      (old) => Number(document.querySelector("[data-position]")?.getAttribute("data-position")) > old,
      before,
    );
    // Rows are buttons too, and say what happened: schedules were paused, for one.
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    const paused = await top();
    await rename("Harbour");
    await page.getByRole("button", { name: /^Resume, 1 further/ }).waitFor();
    assert.equal(await top(), paused);
    await page.getByRole("button", { name: /^Resume, 1 further/ }).click();
    await page.selectOption("select[aria-label=type]", "ProjectRenamed");
    await page.getByText(/^2 shown/).waitFor();
    await page.goto(`${server.url}/audit?tab=proof`);
    await page.getByRole("button", { name: "Verify now" }).click();
    await page.getByText("Nothing was altered").waitFor();
    await page.getByText("Nothing is missing").waitFor();
    await close();
  });

  it("holds each checkpoint against the one that this browser saw before", async () => {
    // That no witness is there is said with a 404, which browsers note.
    const { page, close } = await opened(chrome, server, "/audit?tab=proof", { strict: false });
    const seen = page.getByTestId("seen");
    await seen.getByText("This is the first checkpoint").waitFor();
    const rename = { name: "Harbour", slug: "harbour" };
    await server.send([
      { stream: `project-${told.project}`, command: "rename", body: { ...rename, name: "Harbour III" } },
    ]);
    await seen.getByText("The log has only grown").waitFor();
    await page.getByTestId("witnesses").getByRole("button").click();
    await page.getByTestId("witnesses").getByText("No witness has cosigned this log").waitFor();
    // Another past than the log's own is not believed.
    await page.evaluate(() => {
      const [key] = Object.keys(localStorage).filter((name) => name.startsWith("waybill.seen."));
      const held = JSON.parse(localStorage.getItem(key));
      localStorage.setItem(key, JSON.stringify({ ...held, size: held.size - 1 }));
    });
    await page.reload();
    await seen.getByText("The log is not the one that was seen").waitFor();
    await server.send([{ stream: `project-${told.project}`, command: "rename", body: { ...rename, name: "Harbour" } }]);
    await close();
  });

  it("gives tables away, and shows the log up to any position", async () => {
    const { page, faults, close } = await opened(chrome, server, "/audit?tab=exports");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download" }).click(),
    ]);
    assert.equal(file.suggestedFilename(), "runs.csv");
    assert.match(readFileSync(await file.path(), "utf8").split("\n")[0], /^run,|,run,/);
    await page.goto(`${server.url}/audit?at=40`);
    await page.locator("[data-position='40']").waitFor();
    assert.equal(await page.locator("[data-position='41']").count(), 0);
    assert.deepEqual(faults, []);
    await close();
  });
});

describe("the whole", () => {
  it("is reached by keys alone", async () => {
    const { page, close } = await opened(chrome, server, "/p/harbour");
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL(/\/p\/harbour\/runs$/);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("tariff");
    await page.locator("[role=option]", { hasText: "Audit log for tariff changes" }).first().waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "palette-light");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\/[0-9A-Z]{26}/);
    await page.keyboard.press("Control+k");
    // Only the output of a tool has this; prompts that say more of what is asked would come before it.
    await page.keyboard.type("41 passed");
    await page.locator("[role=option]", { hasText: "In a tool" }).first().click();
    await page.waitForURL(/\/runs\/[0-9A-Z]{26}/);
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.getByRole("heading", { name: "Keyboard" }).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "keyboard-light");
    const goes = await help.locator("section", { hasText: "Go to" }).locator("dl > div").allTextContents();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    assert.ok(goes.length >= 14);
    for (const each of goes) {
      const [, key, name] = /^g(.)(.+)$/.exec(each);
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await page.locator("nav[aria-label=Pages] [aria-current]", { hasText: name }).waitFor();
    }
    await close();
  });

  it("shows everything as of a position that the address names", async () => {
    const created = (await server.get(`/v1/events?stream=project-${told.project}&limit=1`)).events[0].position;
    const { page, close } = await opened(chrome, server, `/p/harbour/runs?at=${created + 40}`);
    await page.getByText("You see the log as of").waitFor();
    await page.waitForSelector("[role=row][data-run]");
    const then = await server.get(`/v1/views/runs?project=${told.project}&at=${created + 40}`);
    assert.equal(await page.locator("[role=row][data-run]").count(), then.rows.length);
    await page.getByRole("link", { name: "Overview" }).click();
    await page.waitForURL(/\/p\/harbour\/?\?at=/);
    await page.getByRole("button", { name: "Back to now" }).click();
    await page.waitForURL((url) => !url.searchParams.has("at"));
    await close();
  });

  it("fits a phone", async () => {
    for (const [name, path, selector] of PAGES()) {
      const { page, close } = await opened(chrome, server, path, {
        viewport: { width: 390, height: 844 },
        isMobile: true,
        hasTouch: true,
      });
      await page.waitForSelector(selector);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
      if (name === "run" || name === "overview") await picture(page, `phone-${name}-light`);
      await close();
    }
  });

  it("leads from page to page on a phone", async () => {
    const { page, faults, close } = await opened(chrome, server, "/p/harbour", {
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
      reducedMotion: "reduce",
    });
    await page.getByRole("button", { name: "Menu" }).tap();
    const menu = page.getByRole("dialog", { name: "Menu" });
    await menu.getByRole("link", { name: "Schedules" }).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "phone-menu-light");
    await menu.getByRole("link", { name: "Schedules" }).tap();
    await page.waitForURL(/\/schedules/);
    await page.getByRole("heading", { name: "Schedules" }).waitFor();
    await menu.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Menu" }).tap();
    await menu.getByRole("button", { name: "Search" }).tap();
    await page.getByRole("combobox", { name: "Search pages" }).waitFor();
    assert.deepEqual(faults, []);
    await close();
  });
});
