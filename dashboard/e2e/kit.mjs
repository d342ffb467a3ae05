// A real server with a real browser before it.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { send } from "./story.mjs";

const root = new URL("../../", import.meta.url).pathname;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

function needed(variable) {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set; \`cargo xtask test\` sets it`);
  return value;
}

/** A server on a folder of its own, which may be stopped and started again on the same port. */
export class Server {
  data = mkdtempSync(join(tmpdir(), "waybill-dashboard-"));

  /** Imports the recorded session that the project brings. */
  import(project) {
    const session = join(root, "tests", "data", "pi-large-session.jsonl");
    const ran = spawnSync(needed("WAYBILL_BIN"), ["import", "pi", session, "--project", project, "--data", this.data]);
    if (ran.status !== 0) throw new Error(String(ran.stderr));
  }

  async start(port = 0) {
    const options = ["serve", "--data", this.data, "--port", String(port)];
    this.process = spawn(needed("WAYBILL_BIN"), options, { stdio: ["ignore", "pipe", "ignore"] });
    this.url = await new Promise((resolve, reject) => {
      this.said = "";
      this.process.stdout.on("data", (chunk) => {
        this.said += chunk;
        const found = /(http:\/\/127\.0\.0\.1:\d+)\//.exec(this.said);
        if (found) resolve(found[1]);
      });
      this.process.on("exit", () => reject(new Error(`the server ended: ${this.said}`)));
    });
    this.token = readFileSync(join(this.data, "token"), "utf8").trim();
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.process.kill("SIGTERM");
    await ended;
  }

  async restart(meanwhile = async () => {}) {
    const { port } = new URL(this.url);
    await this.stop();
    await meanwhile();
    await this.start(port);
  }

  send(lines) {
    return send(this.url, this.token, lines);
  }

  async get(path) {
    const answer = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  }

  remove() {
    rmSync(this.data, { recursive: true });
  }
}

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function browser() {
  // What the driver answers in place of the server counts as foreign to it.
  const own = process.env.WAYBILL_SITE ? ["--disable-features=LocalNetworkAccessChecks"] : [];
  return chromium.launch({ executablePath: needed("WAYBILL_CHROMIUM"), args: [...FLAGS, ...own] });
}

/** For work on the pages: those of a folder that is built anew, in place of those that the binary carries. */
export async function fromFolder(context, server) {
  const folder = process.env.WAYBILL_SITE;
  if (!folder) return;
  const types = { js: "text/javascript", css: "text/css", html: "text/html; charset=utf-8" };
  await context.route(
    (url) => url.origin === server.url && /^\/(app\/.*\.(js|css)|(p|audit)\b[^.]*|)$/.test(url.pathname),
    async (route) => {
      const { pathname } = new URL(route.request().url());
      const name = pathname.startsWith("/app/") ? pathname : "/index.html";
      const contentType = types[name.split(".").at(-1)];
      return route.fulfill({ body: readFileSync(join(folder, name)), contentType });
    },
  );
}

/** A signed-in page; `faults` holds what went wrong on it, and requests that left the server. */
export async function opened(from, server, path = "/", options = {}) {
  const { strict = true, ...rest } = options;
  const context = await from.newContext({
    viewport: { width: 1440, height: 900 },
    timezoneId: "UTC",
    locale: "en-GB",
    ...rest,
  });
  await fromFolder(context, server);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("console", (message) => strict && message.type() === "error" && faults.push(`console: ${message.text()}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== server.url && !["blob:", "data:"].includes(protocol)) faults.push(`request to ${request.url()}`);
  });
  const [address, search = ""] = path.split("?");
  await page.goto(`${server.url}${address}${search ? `?${search}` : ""}#token=${server.token}`);
  await live(page);
  return { page, faults, close: () => context.close() };
}

/** Waits until what is on screen is level with the log. */
export async function live(page) {
  await page.waitForSelector("[data-phase=live]", { timeout: 20_000 });
}

/** What axe finds wrong with the page, each as a line. */
export async function violations(page) {
  // The policy of the page lets no foreign script in; the driver has a way of its own.
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`),
  );
}
