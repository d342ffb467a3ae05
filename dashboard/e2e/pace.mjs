// How much slower this machine is, at this moment, than the one that the promised times are for.

/** What each reference takes there: two cores, nothing else running, the server built for release. */
const BROWSER_MS = 80;
const SERVER_MS = 250;
/** Beyond these a time says nothing any more, and its test fails. A server built for debugging is ten times slower by itself. */
const BROWSER_MAX = 15;
const SERVER_MAX = 30;

const bounded = (factor, most) => Math.min(most, Math.max(1, factor));

/** The same work each time, in the same browser: text to objects and back, and elements laid out. */
export async function browserFactor(chrome) {
  const page = await chrome.newPage();
  const took = await page.evaluate(() => {
    const rows = Array.from({ length: 20_000 }, (_, at) => ({ at, text: `row ${at} of the reference`, none: null }));
    const began = performance.now();
    const parsed = JSON.parse(JSON.stringify(rows));
    parsed.sort((a, b) => (a.text < b.text ? -1 : 1));
    const box = document.createElement("div");
    for (const row of parsed.slice(0, 2000))
      box.append(Object.assign(document.createElement("p"), { textContent: row.text }));
    document.body.append(box);
    return box.offsetHeight > 0 ? performance.now() - began : Number.NaN;
  });
  await page.close();
  return bounded(took / BROWSER_MS, BROWSER_MAX);
}

/** A run as long as the one that is timed, asked for over HTTP: what any client would wait for. */
export async function serverFactor(server, { run, sandbox, step }) {
  const began = performance.now();
  await server.get(`/v1/views/run-timeline/${run}`);
  await server.get(`/v1/views/sandbox-messages/${sandbox}?step=${step}`);
  return bounded((performance.now() - began) / SERVER_MS, SERVER_MAX);
}
