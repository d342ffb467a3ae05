// Checks what the server claims about its log, in the browser: RFC 6962 inclusion, and the signed note of C2SP.

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

const base64 = (data: Uint8Array): string => btoa(String.fromCharCode(...data));

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
}

/** The hash of a leaf: of the stored record, byte for byte. */
export async function leafHash(record: Uint8Array): Promise<string> {
  return base64(await sha256(Uint8Array.of(0), record));
}

/** The root that a leaf and its path lead to (RFC 9162, 2.1.3.2); `null` where the path does not fit the tree. */
export async function rootOf(
  leaf: string,
  index: number,
  size: number,
  path: readonly string[],
): Promise<string | null> {
  if (index >= size) return null;
  let [fn, sn] = [index, size - 1];
  let hash = bytes(leaf);
  for (const step of path) {
    if (sn === 0) return null;
    const sibling = bytes(step);
    if (fn % 2 === 1 || fn === sn) {
      hash = await sha256(Uint8Array.of(1), sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      hash = await sha256(Uint8Array.of(1), hash, sibling);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 ? base64(hash) : null;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: string;
  time: string | undefined;
  /** What is signed. */
  body: string;
  signatures: Array<{ name: string; signature: string }>;
}

/** A signed note as its parts; `null` where it is none. */
export function parseCheckpoint(note: string): Checkpoint | null {
  const end = note.indexOf("\n\n");
  if (end < 0) return null;
  const body = note.slice(0, end + 1);
  const [origin, size, root, ...rest] = body.split("\n");
  if (!origin || !root || !/^\d+$/.test(size ?? "")) return null;
  const signatures = note
    .slice(end + 2)
    .split("\n")
    .map((line) => /^— (\S+) (\S+)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ name: match[1] as string, signature: match[2] as string }));
  const time = rest.find((line) => line.startsWith("time "))?.slice(5);
  return { origin, size: Number(size), root, time, body, signatures };
}

/** Whether the checkpoint does not reach a position yet; one that is not there reaches none. */
export function isBehind(checkpoint: Checkpoint | null | undefined, position: number | null | undefined): boolean {
  return typeof position === "number" && (checkpoint?.size ?? 0) <= position;
}

/** Whether the key (`name+hash+base64`) signed the note. */
export async function isSigned(checkpoint: Checkpoint, key: string): Promise<boolean> {
  const [, hash, encoded] = key.split("+");
  // The key itself may hold a plus sign: everything behind the second one is it.
  const whole = encoded === undefined ? "" : key.slice(key.indexOf("+", key.indexOf("+") + 1) + 1);
  const held = bytes(whole);
  if (held[0] !== 1 || held.length !== 33) return false;
  const imported = await crypto.subtle.importKey("raw", held.slice(1), "Ed25519", false, ["verify"]);
  for (const { signature } of checkpoint.signatures) {
    const signed = bytes(signature);
    const id = [...signed.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (id !== hash) continue;
    const text = new TextEncoder().encode(checkpoint.body);
    return crypto.subtle.verify("Ed25519", imported, signed.slice(4), text);
  }
  return false;
}

/** Whether the tree of `to` leaves begins with that of `from` (RFC 9162, 2.1.4.2). */
export async function isConsistent(
  from: { size: number; root: string },
  to: { size: number; root: string },
  proof: readonly string[],
): Promise<boolean> {
  if (from.size > to.size) return false;
  if (from.size === to.size) return proof.length === 0 && from.root === to.root;
  if (from.size === 0) return proof.length === 0;
  // A whole tree on the left is its own first step.
  const whole = 2 ** Math.round(Math.log2(from.size)) === from.size;
  const [first, ...rest] = whole ? [from.root, ...proof] : proof;
  if (first === undefined) return false;
  let [fn, sn] = [from.size - 1, to.size - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let [old, fresh] = [bytes(first), bytes(first)];
  for (const step of rest) {
    if (sn === 0) return false;
    const sibling = bytes(step);
    if (fn % 2 === 1 || fn === sn) {
      old = await sha256(Uint8Array.of(1), sibling, old);
      fresh = await sha256(Uint8Array.of(1), sibling, fresh);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      fresh = await sha256(Uint8Array.of(1), fresh, sibling);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && base64(old) === from.root && base64(fresh) === to.root;
}
