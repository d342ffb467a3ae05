// The address as state: plain words, so that a link reads and can be typed.

export type Search = Record<string, string | undefined>;

/** `?a=1&b=x` as texts, nothing guessed. */
export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Texts as `?a=1&b=x`; what is empty or absent is left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

/** Of what an address carries, the parameters that a page knows. */
export function only<K extends string>(...names: K[]): (search: Record<string, unknown>) => { [name in K]?: string } {
  return (search) => {
    const kept: { [name in K]?: string } = {};
    for (const name of names) {
      const value = search[name];
      if (value !== undefined && value !== null && value !== "") kept[name] = String(value);
    }
    return kept;
  };
}
