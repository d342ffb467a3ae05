// Secrets that are made, digested and sealed in the browser: the log gets digests and ciphertext only.

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const pairs = text.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

const chance = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

export interface Secret {
  text: string;
  sha256: string;
}

/** 256 bits by chance as hex, with the digest of that text. */
export async function freshSecret(): Promise<Secret> {
  const text = hex(chance(32));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return { text, sha256: hex(new Uint8Array(digest)) };
}

export interface Sealed {
  sealed: { key_id: string; nonce: string; ciphertext: string };
  /** The key that opens it: 64 hex digits. */
  key: string;
}

export const isSealingKey = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** AES-256-GCM with the key given, or a new one; a key goes by the first 16 digits of its digest. */
export async function seal(value: string, given?: string): Promise<Sealed> {
  const key = given ?? hex(chance(32));
  const raw = bytesOf(key);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", raw));
  const imported = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  const nonce = chance(12);
  const text = new TextEncoder().encode(value);
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, imported, text));
  return {
    sealed: { key_id: `aes-${hex(digest).slice(0, 16)}`, nonce: hex(nonce), ciphertext: hex(ciphertext) },
    key,
  };
}
