// Tool servers as lines of text: `name = command arguments [VARIABLES]`, or a URL in place of the command.

import type { ViewRows } from "@waybill";

type Server = ViewRows["persona-versions"]["content"]["mcp_servers"][number];

export function serverText(server: Server): string {
  const { transport } = server;
  const where = "http" in transport ? transport.http.url : [transport.stdio.command, ...transport.stdio.args].join(" ");
  return `${server.name} = ${where}${server.env_vars.length > 0 ? ` [${server.env_vars.join(" ")}]` : ""}`;
}

/** Lines without a sign of equality go to the server as they are, which says what is missing. */
export function servers(text: string): Server[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [name = "", rest = ""] = split(line, "=");
      const env = /\[([^\]]*)\]\s*$/.exec(rest);
      const where = (env ? rest.slice(0, env.index) : rest).trim();
      const [command = "", ...args] = where.split(/\s+/);
      return {
        name: name.trim(),
        env_vars: env?.[1]?.split(/[\s,]+/).filter(Boolean) ?? [],
        transport: /^https?:/.test(where) ? { http: { url: where } } : { stdio: { command, args } },
      };
    });
}

function split(line: string, at: string): string[] {
  const index = line.indexOf(at);
  return index < 0 ? [line] : [line.slice(0, index), line.slice(index + 1)];
}
