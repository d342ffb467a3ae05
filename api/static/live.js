// The live page: one WebSocket, four subscriptions, and nothing on screen that the log does not say.

const STORE = "waybill.token";
const el = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
/** Steps on screen at once: a browser draws these in a blink. */
const STEPS_SHOWN = 500;
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const money = (usd) => `$${usd.toFixed(2)}`;

/** Makes an element; text is always text, never markup. */
function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "rect"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") node.addEventListener("click", value);
    else if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function duration(ms) {
  if (ms === null || ms === undefined) return "";
  if (ms < 1000) return `${ms} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
}

/** A view as the server tells it: rows by key, and the position they reflect. */
class Topic {
  constructor(topic, draw, params = {}) {
    this.topic = topic;
    this.params = params;
    this.draw = draw;
    this.rows = new Map();
    this.fresh = new Map();
    this.position = undefined;
  }
  take(frame) {
    if (frame.type === "snap") {
      if (frame.part === 0) this.fresh = new Map();
      for (const { key, row } of frame.data) this.fresh.set(key, row);
      if (frame.last) [this.rows, this.position] = [this.fresh, frame.position];
    } else if (frame.type === "delta") {
      if (frame.from !== this.position) return false;
      for (const { key, row } of frame.set) this.rows.set(key, row);
      for (const key of frame.del) this.rows.delete(key);
      this.position = frame.to;
    } else if (frame.type === "live") {
      this.position = frame.position;
    } else if (frame.type === "reset") {
      this.position = undefined;
    }
    return true;
  }
}

/** The connection: resumes every topic from its own position, with back-off and jitter. */
class Connection {
  constructor(token) {
    this.token = token;
    this.topics = new Map();
    this.retry = 500;
    this.dirty = new Set();
    this.open();
  }
  open() {
    const address = new URL("/v1/ws", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address, "waybill.v1");
    this.ready = false;
    this.socket.onopen = () => this.send({ type: "hello", token: this.token });
    this.socket.onmessage = (message) => this.receive(JSON.parse(message.data));
    this.socket.onclose = (event) => this.closed(event);
  }
  send(frame) {
    this.socket.send(JSON.stringify(frame));
  }
  subscribe(id, topic) {
    if (this.topics.has(id)) this.unsubscribe(id);
    this.topics.set(id, topic);
    if (this.ready) this.ask(id, topic);
  }
  unsubscribe(id) {
    this.topics.delete(id);
    if (this.ready) this.send({ type: "unsub", id: `${id}:${this.generation.get(id)}` });
  }
  ask(id, topic) {
    // A new name for each time: frames of an earlier subscription under way are told apart.
    const turn = (this.generation.get(id) ?? 0) + 1;
    this.generation.set(id, turn);
    const frame = { type: "sub", id: `${id}:${turn}`, topic: topic.topic, params: topic.params };
    if (topic.position !== undefined) frame.from = { log: this.log, epoch: this.epoch, position: topic.position };
    this.send(frame);
  }
  receive(frame) {
    if (frame.type === "welcome") {
      [this.log, this.epoch, this.head] = [frame.log, frame.epoch, frame.head];
      this.ready = true;
      this.retry = 500;
      this.generation = new Map();
      sessionStorage.setItem(STORE, this.token);
      for (const [id, topic] of this.topics) this.ask(id, topic);
      show(true);
      return;
    }
    if (frame.type === "bye") {
      this.retry = frame.retry_ms;
      return;
    }
    if (!frame.id) return;
    const [id, turn] = frame.id.split(":");
    const topic = this.topics.get(id);
    if (!topic || Number(turn) !== this.generation.get(id)) return;
    if (!topic.take(frame)) {
      topic.position = undefined;
      this.subscribe(id, topic);
      return;
    }
    // A snapshot under way shows nothing yet.
    if (frame.type === "snap" && !frame.last) return;
    this.head = Math.max(this.head ?? 0, topic.position ?? 0);
    badge(`live · position ${number.format(this.head)}`, true);
    this.redraw(topic);
  }
  /** Draws at most once per frame, however much arrives. */
  redraw(topic) {
    if (this.dirty.size === 0) {
      requestAnimationFrame(() => {
        const dirty = [...this.dirty];
        this.dirty.clear();
        for (const one of dirty) one.draw(one.rows);
      });
    }
    this.dirty.add(topic);
  }
  closed(event) {
    this.ready = false;
    if (event.code === 4401) {
      sessionStorage.removeItem(STORE);
      show(false);
      badge("token refused", false);
      return;
    }
    badge(`stale since ${new Date().toLocaleTimeString()}`, false);
    const wait = this.retry * (0.5 + Math.random());
    this.retry = Math.min(this.retry * 2, 15000);
    setTimeout(() => this.open(), wait);
  }
}

function badge(text, live) {
  el("badge").textContent = text;
  el("badge").classList.toggle("off", !live);
}

function show(signedIn) {
  el("main").hidden = !signedIn;
  el("sign-in").hidden = signedIn;
}

const chosen = { run: null, step: null };
let connection;

function drawTiles(rows) {
  const all = [...rows.values()];
  const sum = (field) => all.reduce((total, row) => total + row[field], 0);
  const tiles = [
    [number.format(all.length), all.length === 1 ? "run" : "runs"],
    [money(sum("total_cost_usd")), "spent"],
    [number.format(sum("assistant_messages")), "agent messages"],
    [number.format(sum("tool_results")), "tool results"],
    [compact.format(sum("cache_read_tokens")), "cache-read tokens"],
    [compact.format(sum("output_tokens")), "output tokens"],
  ];
  el("tiles").replaceChildren(
    ...tiles.map(([value, label]) => make("div", { class: "tile" }, make("b", {}, value), make("span", {}, label))),
  );
}

function drawRuns(rows) {
  drawTiles(rows);
  const newest = [...rows].sort(([, a], [, b]) => b.created_at.localeCompare(a.created_at));
  if (!chosen.run && newest.length > 0) choose(newest[0][0]);
  const item = ([id, row]) =>
    make("li", {}, make("button", { "aria-current": id === chosen.run, on: () => choose(id) },
      make("div", { class: "title" }, row.title ?? row.prompt_preview),
      make("div", { class: "muted" }, make("span", { class: `status ${row.status}` }, row.status),
        ` ${money(row.total_cost_usd)} · ${number.format(row.steps)} steps · ${duration(row.duration_ms)}`)));
  const empty = make("li", { class: "empty" }, "No run yet. Import one: waybill import pi FILE");
  el("runs").replaceChildren(...(newest.length > 0 ? newest.slice(0, 200).map(item) : [empty]));
}

function choose(run) {
  if (chosen.run === run) return;
  Object.assign(chosen, { run, step: null });
  el("messages").replaceChildren(make("p", { class: "empty" }, "Choose a step to read its messages."));
  connection.subscribe("timeline", new Topic(`view:run-timeline/${run}`, drawTimeline));
  const runs = connection.topics.get("runs");
  if (runs) connection.redraw(runs);
}

function drawTimeline(rows) {
  const run = rows.get("run")?.run;
  if (!run) return;
  const times = `${new Date(run.started_at ?? run.created_at).toLocaleString()} · ${duration(run.duration_ms)}`;
  const model = [...rows.values()].map((row) => row.step?.model).find(Boolean);
  el("run-head").replaceChildren(
    make("h1", { title: run.prompt }, run.title ?? "Run"),
    make("div", { class: "muted" }, make("span", { class: `status ${run.status}` }, run.status),
      ` ${times} · ${money(run.total_cost_usd)} · ${number.format(run.calls)} model calls`,
      model ? ` · ${model}` : "", run.error ? ` · ${run.error}` : ""));
  const steps = [...rows].filter(([, row]) => row.step).map(([key, row]) => [key, row.step]);
  steps.sort(([a], [b]) => a.localeCompare(b));
  const timesOf = (field) => steps.map(([, step]) => Date.parse(step[field] ?? step.started_at ?? run.created_at));
  const begin = timesOf("started_at").reduce((a, b) => Math.min(a, b), Infinity);
  const end = timesOf("ended_at").reduce((a, b) => Math.max(a, b), 0);
  const scale = 1000 / Math.max(1, end - begin);
  const shown = steps.slice(-STEPS_SHOWN);
  const before = steps.length - shown.length;
  const more = before > 0 ? make("p", { class: "empty" }, `${number.format(before)} earlier steps: waybill replay tells them`) : "";
  el("timeline").replaceChildren(more, ...shown.map(([key, step]) => stepRow(key, step, begin, scale)));
  if (!chosen.step && steps.length > 0) {
    // What runs now, else where the run ended: that is what a reader comes for.
    open((steps.find(([, step]) => step.status === "running") ?? steps.at(-1))[1]);
    const panel = el("timeline");
    panel.scrollTop = panel.scrollHeight;
  }
}

function stepRow(key, step, begin, scale) {
  const left = (Date.parse(step.started_at) - begin) * scale;
  const width = Math.max(3, (step.duration_ms ?? 0) * scale);
  const current = step.step === chosen.step;
  return make("button", { class: "step", "aria-current": current, on: () => open(step) },
    make("span", { class: "num" }, String(Number(key.split("/")[1]))),
    make("span", { class: "what", title: step.preview ?? step.role }, make("b", {}, step.role), ` ${step.preview ?? ""}`),
    make("svg", { viewBox: "0 0 1000 16", preserveAspectRatio: "none", role: "img", "aria-label": step.status },
      make("rect", { class: "rail", x: 0, y: 7.5, width: 1000, height: 1 }),
      make("rect", { class: `bar ${step.status}`, x: Math.min(left, 997), y: 2, width, height: 12, rx: 1.5 })),
    make("span", { class: "right wide" }, duration(step.duration_ms)),
    make("span", { class: "right wide" }, `${number.format(step.tool_results)} tools`),
    make("span", { class: "right" }, money(step.total_cost_usd)));
}

function open(step) {
  chosen.step = step.step;
  const waiting = step.sandbox ? "Reading…" : "This step has no sandbox, and so no messages here.";
  el("messages").replaceChildren(make("p", { class: "empty" }, waiting));
  if (step.sandbox) {
    const topic = `view:sandbox-messages/${step.sandbox}`;
    connection.subscribe("messages", new Topic(topic, drawMessages, { step: step.step }));
  }
  const timeline = connection.topics.get("timeline");
  if (timeline) drawTimeline(timeline.rows);
}

function drawMessages(rows) {
  const own = [...rows].sort(([a], [b]) => a - b);
  const message = ([, row]) => {
    const who = row.kind === "message" ? row.role : row.kind === "tool_call" ? `calls ${row.tool}` : `${row.tool} answers`;
    const text = row.kind === "tool_call" ? row.arguments : row.content;
    return make("div", { class: `message ${row.is_error ? "error" : ""}` },
      make("div", { class: "who" }, make("b", {}, who), make("time", {}, new Date(row.at).toLocaleTimeString()),
        row.stop_reason ? make("span", {}, row.stop_reason) : null),
      text ? make("pre", {}, text.length > 20000 ? `${text.slice(0, 20000)}…` : text) : null);
  };
  const empty = make("p", { class: "empty" }, "This step has no messages.");
  el("messages").replaceChildren(...(own.length > 0 ? own.map(message) : [empty]));
}

function drawUsage(rows) {
  const columns = [["day"], ["model"], ["calls", 1], ["input_tokens", 1], ["output_tokens", 1], ["cache_read_tokens", 1], ["cache_write_tokens", 1], ["total_cost_usd", 1]];
  const labels = { total_cost_usd: "cost", input_tokens: "input", output_tokens: "output", cache_read_tokens: "cache read", cache_write_tokens: "cache write" };
  const side = (right) => (right ? { class: "right" } : {});
  const cell = (row, [field, right]) => {
    const value = row[field];
    const text = field === "total_cost_usd" ? money(value) : typeof value === "number" ? number.format(value) : value;
    return make("td", side(right), text);
  };
  const sorted = [...rows.values()].sort((a, b) => b.day.localeCompare(a.day) || a.model.localeCompare(b.model));
  el("usage").replaceChildren(
    make("thead", {}, make("tr", {}, ...columns.map(([field, right]) => make("th", side(right), labels[field] ?? field)))),
    make("tbody", {}, ...sorted.map((row) => make("tr", {}, ...columns.map((column) => cell(row, column))))));
}

function start(token) {
  connection = new Connection(token);
  connection.subscribe("runs", new Topic("view:runs", drawRuns));
  connection.subscribe("usage", new Topic("view:usage", drawUsage));
  connection.subscribe("projects", new Topic("view:projects", (rows) => {
    el("where").textContent = [...rows.values()].map((row) => row.name).join(", ");
  }));
  // For tests and the curious: what the page holds, and where it stands.
  window.waybill = connection;
}

el("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  start(el("token").value.trim());
});

const offered = new URLSearchParams(location.hash.slice(1)).get("token");
if (offered) history.replaceState(null, "", location.pathname);
const token = offered ?? sessionStorage.getItem(STORE);
if (token) start(token);
else {
  show(false);
  badge("not signed in", false);
}
