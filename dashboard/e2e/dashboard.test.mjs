// The dashboard as its users meet it: a real server, a real session, a real browser.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { browser, live, opened, Server, violations } from "./kit.mjs";
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
  ["audit", "/audit", "[data-position]"],
  ["audit-trail", "/audit?tab=trail", "text=version"],
  ["audit-proof", "/audit?tab=proof", "text=The signature is the log"],
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
  it("signs in, stays in over a reload, and signs out", async () => {
    const code = /setup#code=(\S+)/.exec(server.said)?.[1];
    assert.ok(code, `the server prints a link for the first account: ${server.said}`);
    const person = { name: "Ada", email: "ada@example.org", password: "a long enough password" };
    const headers = { "content-type": "application/json", origin: server.url };
    const made = await fetch(`${server.url}/v1/auth/setup`, {
      method: "POST",
      headers,
      body: JSON.stringify({ code, ...person }),
    });
    assert.ok(made.ok, await made.text());
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
    await page.getByRole("button", { name: /^Approved 2/ }).waitFor();
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
    await page.getByRole("button", { name: "Pause" }).click();
    const paused = await top();
    await rename("Harbour");
    await page.getByRole("button", { name: /Resume, 1 further/ }).waitFor();
    assert.equal(await top(), paused);
    await page.getByRole("button", { name: /Resume/ }).click();
    await page.selectOption("select[aria-label=type]", "ProjectRenamed");
    await page.getByText(/^2 shown/).waitFor();
    await page.goto(`${server.url}/audit?tab=proof`);
    await page.getByRole("button", { name: "Verify now" }).click();
    await page.getByText("Nothing was altered").waitFor();
    await page.getByText("Nothing is missing").waitFor();
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
    await page.keyboard.type("dry_at_low_water");
    await page.locator("[role=option]", { hasText: "In a tool" }).first().click();
    await page.waitForURL(/\/runs\/[0-9A-Z]{26}/);
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
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
});
