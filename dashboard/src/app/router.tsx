// Every page, one line each. A page is a folder below `pages` and an entry here.

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  retainSearchParams,
} from "@tanstack/react-router";
import { Empty } from "@/ui/bits";
import { Home } from "./home";
import { only, parseSearch, stringifySearch } from "./search";
import { Shell } from "./shell";

const root = createRootRoute({
  component: Shell,
  validateSearch: only("at"),
  search: { middlewares: [retainSearchParams(["at"])] },
  notFoundComponent: () => <Empty title="There is no such page">Go back, or press Ctrl K to search.</Empty>,
});

const project = createRoute({ getParentRoute: () => root, path: "/p/$slug", component: Outlet });

const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: Home }),
  createRoute({
    getParentRoute: () => root,
    path: "/audit",
    validateSearch: only("tab", "category", "type", "stream", "project", "actor", "positions"),
    component: lazyRouteComponent(() => import("@/pages/audit")),
  }),
  project.addChildren([
    createRoute({
      getParentRoute: () => project,
      path: "/",
      component: lazyRouteComponent(() => import("@/pages/overview")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/runs",
      validateSearch: only("q", "status", "model", "source", "sort", "columns"),
      component: lazyRouteComponent(() => import("@/pages/runs")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/runs/$run",
      validateSearch: only("tab", "step", "q", "type"),
      component: lazyRouteComponent(() => import("@/pages/run")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/learnings",
      validateSearch: only("tab", "learning", "id", "severity", "category"),
      component: lazyRouteComponent(() => import("@/pages/learnings")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/compare",
      validateSearch: only("runs"),
      component: lazyRouteComponent(() => import("@/pages/compare")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/analytics",
      validateSearch: only("id", "tab", "by", "period", "weights", "old", "new"),
      component: lazyRouteComponent(() => import("@/pages/analytics")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/workflows",
      validateSearch: only("id", "tab"),
      component: lazyRouteComponent(() => import("@/pages/workflows")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/personas",
      validateSearch: only("id", "tab"),
      component: lazyRouteComponent(() => import("@/pages/personas")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/contexts",
      validateSearch: only("id", "tab"),
      component: lazyRouteComponent(() => import("@/pages/contexts")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/assets",
      validateSearch: only("id", "tab", "kind"),
      component: lazyRouteComponent(() => import("@/pages/assets")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/issues",
      validateSearch: only("id", "tab", "status"),
      component: lazyRouteComponent(() => import("@/pages/issues")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/schedules",
      validateSearch: only("id"),
      component: lazyRouteComponent(() => import("@/pages/schedules")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/plans",
      validateSearch: only("id"),
      component: lazyRouteComponent(() => import("@/pages/plans")),
    }),
    createRoute({
      getParentRoute: () => project,
      path: "/settings",
      validateSearch: only("tab"),
      component: lazyRouteComponent(() => import("@/pages/settings")),
    }),
  ]),
];

export const router = createRouter({
  routeTree: root.addChildren(routes),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
