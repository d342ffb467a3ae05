// Both halves for one server: requests over HTTP, subscriptions over one socket.

import { Connection, type ConnectionOptions } from "./connection";
import { Http, type HttpOptions } from "./http";

export interface ClientOptions {
  /** Such as `http://127.0.0.1:8377`. */
  url: string;
  /** A token; or `null` in a page whose cookie says who asks: each socket then gets a ticket of its own. */
  token: string | null;
  http?: Partial<HttpOptions>;
  connection?: Partial<ConnectionOptions>;
}

/** A client of one server. */
export class Client {
  readonly http: Http;
  readonly live: Connection;

  constructor(options: ClientOptions) {
    const { url, token } = options;
    const base = url.replace(/\/+$/, "");
    this.http = new Http({ url: base, token, ...options.http });
    const ticket = async () => {
      const headers = { "content-type": "application/json" };
      const answer = await this.http.request("/v1/auth/ticket", { method: "POST", headers, body: "{}" });
      return ((await answer.json()) as { ticket: string }).ticket;
    };
    const shown = token ?? ticket;
    this.live = new Connection({ url: `${base.replace(/^http/, "ws")}/v1/ws`, token: shown, ...options.connection });
  }

  /** Ends the socket; requests over HTTP can still be made. */
  close(): void {
    this.live.close();
  }
}
