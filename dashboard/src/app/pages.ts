// What the navigation and the palette offer: one line a page.

export interface NavPage {
  label: string;
  /** Below `/p/{slug}`, or of the whole server. */
  scope: "project" | "server";
  path: string;
  /** Pressed after `g`. */
  key: string;
  /** Drawn in a field of 16 by 16. */
  icon: string;
}

export const PAGES: readonly NavPage[] = [
  {
    label: "Overview",
    scope: "project",
    path: "",
    key: "o",
    icon: "M2.5 9.5h4v4h-4zM2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM9.5 9.5h4v4h-4z",
  },
  { label: "Runs", scope: "project", path: "/runs", key: "r", icon: "M2.5 3.5h7M2.5 8h11M2.5 12.5h5" },
  {
    label: "Learnings",
    scope: "project",
    path: "/learnings",
    key: "l",
    icon: "M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12zM3 12a1.5 1.5 0 0 1 1.5-1.5H13M6 5.5h4",
  },
  {
    label: "Audit",
    scope: "server",
    path: "/audit",
    key: "a",
    icon: "M8 1.8 13 4v4c0 3.2-2.2 5.3-5 6.3C5.2 13.3 3 11.2 3 8V4zM5.8 8l1.6 1.6 2.9-3.2",
  },
];
