// Words that several editors offer.

export const EFFORTS = ["off", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

/** What a persona may be for. */
export const PERSONA_TYPES = [
  "designer",
  "checker",
  "reviewer",
  "optimizer",
  "prompter",
  "investigator",
  "deep-dive",
  "planner",
  "evaluator",
  "judge",
  "answerer",
  "custom",
] as const;

/** What a step of a workflow may be for: what a persona may, or a merge, which needs none. */
export const ROLES = [...PERSONA_TYPES, "merge_agent"] as const;
