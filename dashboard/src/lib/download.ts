// Giving an answer to the reader as a file: it needs the token, which a plain link would not carry.

import { client } from "@/app/session";

/** How long the browser may take to begin. */
const KEPT_MS = 60_000;

export async function download(path: string, name: string): Promise<void> {
  const answer = await client().http.request(path);
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  [link.href, link.download] = [address, name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
