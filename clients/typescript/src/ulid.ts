// ULIDs: 48 bits of time, 80 bits of chance, in Crockford's base 32.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARS = 10;
const CHANCE_BYTES = 16;

/** A new id, for an aggregate or as an `Idempotency-Key`. */
export function newId(now: number = Date.now()): string {
  let time = now;
  let text = "";
  for (let at = 0; at < TIME_CHARS; at++) {
    text = ALPHABET.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  for (const byte of crypto.getRandomValues(new Uint8Array(CHANCE_BYTES))) text += ALPHABET.charAt(byte % 32);
  return text;
}

/** The milliseconds since 1970 that an id carries; `null` where it is no ULID. */
export function timeOf(id: string): number | null {
  if (!/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id)) return null;
  let time = 0;
  for (const char of id.slice(0, TIME_CHARS)) time = time * 32 + ALPHABET.indexOf(char);
  return time;
}
