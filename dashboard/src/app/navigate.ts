// Changing what the address says about the page that is shown.

import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Search } from "./search";

/** Changes some parameters of the address and leaves the others; `replace` leaves no step to go back to. */
export function useSearchChange(): (part: object, options?: { replace?: boolean }) => Promise<void> {
  const navigate = useNavigate();
  return useCallback(
    (part, { replace = true } = {}) => {
      const search = (before: Search): Search => ({ ...before, ...part });
      // The parameters of a page are checked where its route is declared, which this hook does not know.
      return navigate({ to: ".", search: search as never, replace });
    },
    [navigate],
  );
}
