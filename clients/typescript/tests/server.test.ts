// Against a real server: commands, live views, cuts, a restart. WAYBILL_BIN names the binary.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { Client } from "../src/client";
import type { Socket } from "../src/connection";
import { newId } from "../src/ulid";

const binary = process.env.WAYBILL_BIN;
const data = mkdtempSync(join(tmpdir(), "waybill-client-"));
let server: ChildProcess;
let url = "";
const sockets: WebSocket[] = [];

async function serve(port: string): Promise<void> {
  server = spawn(binary ?? "", ["serve", "--data", data, "--port", port], { stdio: ["ignore", "pipe", "ignore"] });
  url = await new Promise((resolve, reject) => {
    let said = "";
    server.stdout?.on("data", (chunk) => {
      said += String(chunk);
      const found = /(http:\/\/127\.0\.0\.1:\d+)\//.exec(said);
      if (found?.[1]) resolve(found[1]);
    });
    server.on("exit", () => reject(new Error(`the server ended: ${said}`)));
  });
}

const ended = (): Promise<unknown> => new Promise((resolve) => server.on("exit", resolve).kill("SIGTERM"));

function client(): Client {
  const open = (address: string, protocol: string): Socket => {
    const socket = new WebSocket(address, protocol);
    sockets.push(socket);
    return socket as unknown as Socket;
  };
  return new Client({ url, token: readFileSync(join(data, "token"), "utf8").trim(), connection: { open, retryMs: 20 } });
}

describe.skipIf(!binary)("with a server", () => {
  beforeAll(() => serve("0"));
  afterAll(async () => {
    await ended();
    rmSync(data, { recursive: true });
  });

  it("what is commanded is seen, at its position, through cuts and a restart", async () => {
    const one = client();
    const { subscription: projects } = one.live.view("projects");
    const { subscription: log } = one.live.events({ category: "project" }, { from: null });
    const id = newId();
    const made = await one.http.command("project/create", id, { name: "One", slug: "one" });
    await projects.reached(made.position);
    expect(projects.snapshot.data.get(id)?.name).toBe("One");
    for (let round = 0; round < 8; round++) {
      if (round % 2 === 0) sockets.at(-1)?.terminate();
      const answer = await one.http.command("project/rename", id, { name: `One ${round}`, slug: "one" });
      await projects.reached(answer.position);
      expect(projects.snapshot.data.get(id)?.name).toBe(`One ${round}`);
    }
    expect(one.live.status.connections).toBeGreaterThan(3);
    const port = new URL(url).port;
    await ended();
    await serve(port);
    const last = await one.http.command("project/rename", id, { name: "Last", slug: "one" });
    await projects.reached(last.position);
    await log.reached(last.position);
    expect(projects.snapshot.data.get(id)?.name).toBe("Last");
    const versions = log.snapshot.data.map((event) => event.version);
    expect(versions).toEqual(Array.from({ length: 10 }, (_, version) => version));
    const then = await one.http.view("projects", { at: made.position });
    expect(then.rows.map(({ row }) => row.name)).toEqual(["One"]);
    one.close();
  });

  it("a command sent twice under one key is done once", async () => {
    const one = client();
    const [id, commit] = [newId(), newId()];
    const first = await one.http.command("project/create", id, { name: "Two", slug: "two" }, { commit });
    const again = await one.http.command("project/create", id, { name: "Two", slug: "two" }, { commit });
    expect(again).toEqual({ ...first, duplicate: true });
    await expect(one.http.command("project/create", newId(), { name: "Three", slug: "two" })).rejects.toMatchObject({ code: "taken" });
    one.close();
  });

  it("a wrong token is refused for good", async () => {
    const open = (address: string, protocol: string) => new WebSocket(address, protocol) as unknown as Socket;
    const stranger = new Client({ url, token: "wb_wrong", connection: { open } });
    await new Promise<void>((resolve) => {
      stranger.live.subscribe(() => stranger.live.status.phase === "refused" && resolve());
    });
    await expect(stranger.http.json("/v1/log")).rejects.toMatchObject({ code: "unauthorized" });
    stranger.close();
  });
});
