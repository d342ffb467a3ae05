// Texts of agents: what is recognised in them. What a browser makes of hostile ones is tested in a browser.

import { expect, it } from "vitest";
import { firstLine } from "./format";
import { argumentWords, diffLines, hasAnsi, pretty } from "./text";

it("escapes of a terminal are found, and left out of a line", () => {
  expect(hasAnsi("\u001b[31mred\u001b[0m")).toBe(true);
  expect(hasAnsi("[31m")).toBe(false);
  expect(firstLine("\n\u001b[32mok\u001b[0m\nnext")).toBe("ok");
});

it("a unified diff is told from text", () => {
  const kinds = diffLines("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same")?.map((line) => line.kind);
  expect(kinds).toEqual(["hunk", "hunk", "hunk", "del", "add", "same"]);
  expect(diffLines("- a list\n- of things")).toBeNull();
});

it("a tool's arguments are told by what matters", () => {
  expect(argumentWords('{"path":"src/x.rs","limit":5}')).toBe("src/x.rs");
  expect(argumentWords('{"a":1,"b":"two"}')).toBe("a: 1, b: two");
  expect(argumentWords("no json")).toBe("no json");
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(pretty("no json")).toBe("no json");
});
