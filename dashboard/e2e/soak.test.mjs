// Memory while the log grows: it may breathe, it may not climb. `WAYBILL_SOAK_MINUTES=60` makes it an hour.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, live, opened, Server } from "./kit.mjs";
import { story } from "./story.mjs";

const MINUTES = Number(process.env.WAYBILL_SOAK_MINUTES ?? 0.75);
const SAMPLES_MIN = 12;
/** The last third of the samples against the second: the first fills what is bounded. */
const GROWTH_MAX = 1.1;
const SLACK_BYTES = 2_000_000;

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("an open dashboard", () => {
  const server = new Server();
  let chrome;
  let told;

  before(async () => {
    await server.start();
    told = story({ runs: 12 });
    await server.send(told.lines);
    chrome = await browser();
  });

  after(async () => {
    await chrome?.close();
    await server.stop();
    server.remove();
  });

  it("keeps its memory while events arrive and pages are walked through", async (t) => {
    const { page, faults, close } = await opened(chrome, server, "/audit");
    const driver = await page.context().newCDPSession(page);
    await driver.send("Performance.enable");
    const stream = `run-${told.runs.at(-1)}`;
    const step = (await server.get(`/v1/views/run-timeline/${told.runs.at(-1)}`)).rows
      .flatMap(({ row }) => (row.step ? [row.step.step] : []))
      .at(-1);
    const line = { stream, command: "record-usage", body: { step, model: "opus", input_tokens: 5, cost_usd: 0.01 } };
    const pages = ["/audit", "/p/harbour", "/p/harbour/runs", `/p/harbour/runs/${told.runs.at(-1)}`];
    const samples = [];
    let events = 0;
    const until = Date.now() + MINUTES * 60_000;
    for (let turn = 0; Date.now() < until || samples.length < SAMPLES_MIN; turn++) {
      // Within the page, as a click does it: nothing is loaded anew.
      await page.evaluate(
        (path) => {
          history.pushState(null, "", path);
          dispatchEvent(new PopStateEvent("popstate"));
        },
        pages[turn % pages.length],
      );
      for (let burst = 0; burst < 5; burst++) {
        await server.send(Array.from({ length: 100 }, () => line));
        events += 100;
      }
      await live(page);
      if (turn % pages.length !== pages.length - 1) continue;
      await driver.send("HeapProfiler.collectGarbage");
      const { metrics } = await driver.send("Performance.getMetrics");
      const figure = (name) => metrics.find((each) => each.name === name).value;
      samples.push({ heap: figure("JSHeapUsedSize"), nodes: figure("Nodes"), listeners: figure("JSEventListeners") });
    }
    const third = Math.floor(samples.length / 3);
    const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
    for (const [name, slack] of [
      ["heap", SLACK_BYTES],
      ["nodes", 500],
      ["listeners", 50],
    ]) {
      const [was, is] = [second, last].map((part) => mean(part.map((sample) => sample[name])));
      t.diagnostic(`${name}: ${was.toFixed(0)}, then ${is.toFixed(0)}; ${samples.length} samples, ${events} events`);
      assert.ok(is <= was * GROWTH_MAX + slack, `${name} climbs: ${JSON.stringify(samples.map((each) => each[name]))}`);
    }
    assert.deepEqual(faults, []);
    await close();
  });
});
