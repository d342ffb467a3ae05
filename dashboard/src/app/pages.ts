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

/** What leads to it, pressed one after the other. */
export const keysOf = (page: NavPage): readonly string[] => ["g", page.key];

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
    label: "Compare",
    scope: "project",
    path: "/compare",
    key: "c",
    icon: "M2.5 3.5h4.5v9H2.5zM9 3.5h4.5v9H9z",
  },
  {
    label: "Analytics",
    scope: "project",
    path: "/analytics",
    key: "y",
    icon: "M2.5 13.5h11M4 11l3-4 2.5 2L13 3.5",
  },
  {
    label: "Learnings",
    scope: "project",
    path: "/learnings",
    key: "l",
    icon: "M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12zM3 12a1.5 1.5 0 0 1 1.5-1.5H13M6 5.5h4",
  },
  {
    label: "Workflows",
    scope: "project",
    path: "/workflows",
    key: "w",
    icon: "M2 6h4v4H2zM10 2.5h4v4h-4zM10 9.5h4v4h-4zM6 8h2V4.5h2M8 8v3.5h2",
  },
  {
    label: "Personas",
    scope: "project",
    path: "/personas",
    key: "p",
    icon: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8M2.8 13.5c.5-2.6 2.6-4 5.2-4s4.7 1.4 5.2 4",
  },
  {
    label: "Contexts",
    scope: "project",
    path: "/contexts",
    key: "x",
    icon: "M4 2.5h5.5L12.5 5.5v8H4zM9.5 2.5v3h3M6 8.5h4.5M6 11h3",
  },
  {
    label: "Assets",
    scope: "project",
    path: "/assets",
    key: "s",
    icon: "M8 2 13.5 5v6L8 14 2.5 11V5zM2.5 5 8 8l5.5-3M8 8v6",
  },
  {
    label: "Issues",
    scope: "project",
    path: "/issues",
    key: "i",
    icon: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M8 5.2v3.3M8 10.6v.2",
  },
  {
    label: "Schedules",
    scope: "project",
    path: "/schedules",
    key: "h",
    icon: "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5V5M10.5 2.5V5",
  },
  {
    label: "Plans",
    scope: "project",
    path: "/plans",
    key: "n",
    icon: "M2.8 4l1 1 1.8-2M2.8 8.4l1 1 1.8-2M2.8 12.8l1 1 1.8-2M8 4.2h5.5M8 8.6h5.5M8 13h5.5",
  },
  {
    label: "Settings",
    scope: "project",
    path: "/settings",
    key: "e",
    icon: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3M6 10a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3",
  },
  {
    label: "Audit",
    scope: "server",
    path: "/audit",
    key: "a",
    icon: "M8 1.8 13 4v4c0 3.2-2.2 5.3-5 6.3C5.2 13.3 3 11.2 3 8V4zM5.8 8l1.6 1.6 2.9-3.2",
  },
];
