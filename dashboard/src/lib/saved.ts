// Views of a list that somebody gave a name: parts of an address, kept in this browser for each person.

/** A name, and the parameters of the address that it stands for. */
export interface SavedView {
  name: string;
  search: Readonly<Record<string, string>>;
}

const VIEWS_MAX = 50;

/** What is kept, or nothing where it is no list of views. */
export function parseViews(text: string | null): SavedView[] {
  try {
    const kept: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(kept) ? kept.filter(isView).slice(0, VIEWS_MAX) : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is SavedView {
  const { name, search } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof name === "string" &&
    typeof search === "object" &&
    search !== null &&
    Object.values(search).every((each) => typeof each === "string")
  );
}

/** With that view, by name; one of the same name is replaced. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
  const others = views.filter((each) => each.name !== view.name);
  return [...others, view].sort((a, b) => a.name.localeCompare(b.name)).slice(0, VIEWS_MAX);
}

export const withoutView = (views: readonly SavedView[], name: string): SavedView[] =>
  views.filter((each) => each.name !== name);

/** Of an address, what a view keeps: the parameters named, as far as they are given. */
export function keptOf(search: Readonly<Record<string, string | undefined>>, names: readonly string[]) {
  const given = names.map((name) => [name, search[name]] as const);
  return Object.fromEntries(given.filter((entry): entry is readonly [string, string] => Boolean(entry[1])));
}

/** The view that the address shows, where it is one. */
export function shownView(views: readonly SavedView[], search: Readonly<Record<string, string>>) {
  const text = (of: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(of).sort());
  return views.find((each) => text(each.search) === text(search));
}
