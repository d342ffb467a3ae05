// Secrets that are made and digested in the browser: the log gets digests only.

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

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
