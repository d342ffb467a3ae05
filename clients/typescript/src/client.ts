// Both halves for one server: requests over HTTP, subscriptions over one socket.

import { Connection, type ConnectionOptions } from "./connection";
import { Http, type HttpOptions } from "./http";

export interface ClientOptions {
  /** Such as `http://127.0.0.1:8377`. */
  url: string;
  token: string;
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
    this.live = new Connection({ url: `${base.replace(/^http/, "ws")}/v1/ws`, token, ...options.connection });
  }

  /** Ends the socket; requests over HTTP can still be made. */
  close(): void {
    this.live.close();
  }
}
