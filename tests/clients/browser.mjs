// Opens a Waybill server's page in Chromium, follows topics from inside it, takes a screenshot, prints the state.
//
// WAYBILL_URL (http://127.0.0.1:PORT) and WAYBILL_TOKEN are required. Optional: WAYBILL_PATH (/), WAYBILL_SUBS
// (JSON, {"runs":"view:runs"}; {} follows nothing), WAYBILL_UNTIL (position, else the server's head), WAYBILL_DROPS
// (0), WAYBILL_DROP_AFTER (5), WAYBILL_SELECTOR (wait for it before the picture), WAYBILL_SCREENSHOT (file),
// WAYBILL_VIEWPORT (1280x800), WAYBILL_TIMEOUT_MS (60000), WAYBILL_CHROMIUM (/usr/bin/chromium).
// Exit codes: 0 fine, 1 a violation, a refusal or a page that fails, 2 wrong use.

import { chromium } from "playwright-core";
import { follow } from "./follow.mjs";

const env = process.env;
if (!env.WAYBILL_URL || !env.WAYBILL_TOKEN) {
  console.error("WAYBILL_URL and WAYBILL_TOKEN are required");
  process.exit(2);
}
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** JSON with sorted keys, so that equal states are equal bytes. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${fields.join(",")}}`;
}

async function main() {
  const timeoutMs = Number(env.WAYBILL_TIMEOUT_MS ?? 60_000);
  const [width, height] = (env.WAYBILL_VIEWPORT ?? "1280x800").split("x").map(Number);
  const browser = await chromium.launch({ executablePath: env.WAYBILL_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width, height } });
    const faults = [];
    page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
    const url = new URL(env.WAYBILL_PATH ?? "/plain", env.WAYBILL_URL);
    const response = await page.goto(url.href, { timeout: timeoutMs });
    const status = response.status();
    if (env.WAYBILL_SELECTOR) await page.waitForSelector(env.WAYBILL_SELECTOR, { timeout: timeoutMs });
    const socketUrl = new URL("/v1/ws", url);
    socketUrl.protocol = "ws:";
    const state = await page.evaluate(follow, {
      url: socketUrl.href,
      token: env.WAYBILL_TOKEN,
      subs: JSON.parse(env.WAYBILL_SUBS ?? '{"runs":"view:runs"}'),
      until: env.WAYBILL_UNTIL === undefined ? null : Number(env.WAYBILL_UNTIL),
      drops: Number(env.WAYBILL_DROPS ?? 0),
      dropAfter: Number(env.WAYBILL_DROP_AFTER ?? 5),
      timeoutMs,
    });
    if (env.WAYBILL_SCREENSHOT) await page.screenshot({ path: env.WAYBILL_SCREENSHOT });
    console.log(canonical({ ...state, title: await page.title(), status, faults }));
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
