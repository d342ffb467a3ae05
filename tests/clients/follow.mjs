// Runs inside a page: follows topics over the page's own WebSocket, with the checks of protocol.py that matter there.

/**
 * Follows topics until each holds everything up to `until` (the server's head where it is null).
 * Takes `{url, token, subs: {id: topic}, until, drops, dropAfter, timeoutMs}`; gives the state received.
 */
export async function follow(options) {
  const subs = Object.entries(options.subs).map(([id, topic]) => ({
    id, topic, log: null, epoch: null, position: null, fresh: true, rows: {}, events: [], parts: null, mayReset: false,
  }));
  const byId = new Map(subs.map((sub) => [sub.id, sub]));
  const result = { connections: 0, frames: 0, resets: 0, log: null, epoch: null, head: null };
  const check = (holds, what) => { if (!holds) throw new Error(`violation: ${what}`); };
  const after = (later, earlier) => later !== null && (earlier === null || later > earlier);
  const target = () => options.until ?? result.head;
  const reached = (sub) => !sub.fresh && !sub.parts && (target() === null || sub.position === target() || after(sub.position, target()));
  const arrived = (sub, position) => {
    Object.assign(sub, { position, fresh: false, log: result.log, epoch: result.epoch });
  };

  const handlers = {
    snap(sub, frame) {
      check(sub.fresh || sub.parts || sub.mayReset, `${sub.id}: snap while holding ${sub.position}`);
      sub.parts ??= { position: frame.position, next: frame.part, rows: {} };
      check(frame.part === sub.parts.next && frame.position === sub.parts.position, `${sub.id}: parts do not fit`);
      for (const { key, row } of frame.data) sub.parts.rows[key] = row;
      sub.parts.next += 1;
      if (!frame.last) return;
      sub.rows = sub.parts.rows;
      Object.assign(sub, { parts: null, mayReset: false });
      arrived(sub, frame.position);
    },
    delta(sub, frame) {
      check(!sub.fresh && !sub.parts, `${sub.id}: delta before a snapshot`);
      check(frame.from === sub.position, `${sub.id}: delta from ${frame.from}, but ${sub.position} is held`);
      check(after(frame.to, frame.from), `${sub.id}: delta from ${frame.from} to ${frame.to} goes nowhere`);
      for (const { key, row } of frame.set) sub.rows[key] = row;
      for (const key of frame.del) delete sub.rows[key];
      arrived(sub, frame.to);
    },
    events(sub, frame) {
      if (sub.fresh) sub.position = frame.from;
      check(frame.from === sub.position, `${sub.id}: events from ${frame.from}, but ${sub.position} is held`);
      let last = frame.from;
      for (const { position } of frame.events) {
        check(position === (last === null ? 0 : last + 1), `${sub.id}: event ${position} after ${last}`);
        last = position;
      }
      check(last === frame.to, `${sub.id}: frame to ${frame.to} ends with event ${last}`);
      sub.events.push(...frame.events);
      arrived(sub, frame.to);
    },
    live(sub, frame) {
      check(frame.position === sub.position || after(frame.position, sub.position), `${sub.id}: live goes back`);
      arrived(sub, frame.position);
    },
    view(sub) {
      sub.mayReset = true;
    },
    reset(sub) {
      result.resets += 1;
      Object.assign(sub, { rows: {}, events: [], position: null, fresh: true, mayReset: true });
    },
  };

  function request(sub) {
    Object.assign(sub, { parts: null, mayReset: false });
    const from = sub.fresh ? {} : { from: { log: sub.log, epoch: sub.epoch, position: sub.position } };
    return JSON.stringify({ type: "sub", id: sub.id, topic: sub.topic, params: {}, ...from });
  }

  /** One connection; resolves to whether everything is in. */
  function session(budget) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(options.url, ["waybill.v1"]);
      const end = (settle, value) => { socket.onmessage = socket.onclose = null; socket.close(); settle(value); };
      socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token: options.token }));
      socket.onclose = (event) => (event.code >= 4400 && event.code < 4410
        ? reject(new Error(`refused: closed with ${event.code} ${event.reason}`)) : setTimeout(resolve, 200, false));
      socket.onmessage = ({ data }) => {
        try {
          const frame = JSON.parse(data);
          result.frames += 1;
          if (frame.type === "error") throw new Error(`refused: ${JSON.stringify(frame.problem)}`);
          if (frame.type === "bye" || frame.type === "pong") return;
          if (frame.type === "welcome") {
            result.connections += 1;
            Object.assign(result, { log: frame.log, epoch: frame.epoch, head: frame.head });
            subs.forEach((sub) => socket.send(request(sub)));
            return;
          }
          const sub = byId.get(frame.id);
          check(sub && handlers[frame.type], `unexpected frame ${frame.type} for ${frame.id}`);
          handlers[frame.type](sub, frame);
          budget -= 1;
          if (subs.every(reached)) end(resolve, true);
          else if (budget === 0) end(resolve, false);
        } catch (error) {
          end(reject, error);
        }
      };
    });
  }

  const deadline = Date.now() + options.timeoutMs;
  for (let cut = 0, done = false; !done; cut += 1) {
    check(Date.now() < deadline, `out of time at ${subs.map((sub) => `${sub.id}=${sub.position}`)}`);
    const budget = cut < options.drops ? 1 + ((cut * 7) % options.dropAfter) : Infinity;
    done = await Promise.race([session(budget), new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`out of time at ${subs.map((sub) => `${sub.id}=${sub.position}`)}`)),
        deadline - Date.now());
    })]);
  }
  result.subscriptions = Object.fromEntries(subs.map(({ id, topic, position, rows, events }) => [
    id, topic === "events" ? { topic, position, events } : { topic, position, rows },
  ]));
  return result;
}
