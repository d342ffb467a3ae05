// A socket whose other end is the test.

import type { ClientFrame, Frame } from "../src/frames";
import { Connection, type ConnectionOptions, type Socket } from "../src/connection";

export const LOG = "01J00000000000000000000LOG";

export class FakeSocket implements Socket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly sent: ClientFrame[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }
  close(): void {
    this.closed = true;
  }
  open(): void {
    this.onopen?.({} as never);
  }
  say(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as never);
  }
  drop(code = 1006): void {
    this.onclose?.({ code } as never);
  }
  /** Opens and greets, as a server does. */
  welcome(head: number | null = 0, log = LOG, epoch = 1): void {
    this.open();
    this.say({ type: "welcome", log, epoch, head, limits: { frame_bytes: 1, stall_ms: 1, subscriptions: 256 } });
  }
  /** The last subscription asked for. */
  get sub(): Extract<ClientFrame, { type: "sub" }> {
    const frame = this.sent.filter((each) => each.type === "sub").at(-1);
    if (!frame) throw new Error("nothing was subscribed to");
    return frame;
  }
}

/** A connection whose sockets the test holds. */
export function connected(options: Partial<ConnectionOptions> = {}) {
  const sockets: FakeSocket[] = [];
  const connection = new Connection({
    url: "ws://test/v1/ws",
    token: "wb_test",
    random: () => 0.5,
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    ...options,
  });
  const socket = (): FakeSocket => {
    const last = sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  };
  return { connection, sockets, socket };
}
