// The small rules of the screen: numbers, times, texts, ranking, addresses.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { only, parseSearch, stringifySearch } from "@/app/search";
import { axisMoney, bytes, compact, duration, eventWords, money, score, shortId } from "./format";
import { ranked } from "./rank";
import { absolute, clock, relative } from "./time";

it.each([
  [null, "–"],
  [0, "0 ms"],
  [801, "801 ms"],
  [48_060, "48.1 s"],
  [61_000, "1m 01s"],
  [9_661_430, "2h 41m"],
  [200_000_000, "2d 7h"],
])("a duration of %s ms reads %s", (ms, text) => expect(duration(ms)).toBe(text));

it.each([
  [null, "–"],
  [0, "$0.00"],
  [0.0042, "$0.0042"],
  [30.3301977, "$30.33"],
  [1234.5, "$1,234.50"],
])("%s dollars read %s", (usd, text) => expect(money(usd)).toBe(text));

it("numbers are short and never more exact than they are", () => {
  expect([9999, 10_000, 47_600_000].map(compact)).toEqual(["9,999", "10K", "47.6M"]);
  expect([70, 68.4, null].map(score)).toEqual(["70", "68.4", "–"]);
  expect([0, 0.25, 2.5, 10, 1200].map(axisMoney)).toEqual(["$0", "$0.25", "$2.5", "$10", "$1,200"]);
  expect([12, 4096, 3_145_728].map(bytes)).toEqual(["12 B", "4.0 KiB", "3.0 MiB"]);
  expect(shortId("01KAHSVYJNVZMXBA04CJFA13WN")).toBe("FA13WN");
  expect(eventWords("StepMessageAppended")).toBe("Step message appended");
});

describe("an instant", () => {
  const now = Date.UTC(2026, 10, 21, 12, 0, 0);
  it.each([
    [now - 2_000, "now"],
    [now - 59_000, "59s ago"],
    [now - 3_600_000, "1h ago"],
    [now - 40 * 86_400_000, "40d ago"],
    [now - 366 * 86_400_000, "12mo ago"],
    [now + 300_000, "in 5m"],
  ])("%s is %s", (at, text) => expect(relative(at, now)).toBe(text));
  it("names the year only where it is another", () => {
    expect(absolute(now - 60_000, "utc", now)).toBe("21 Nov 11:59 Z");
    expect(absolute(Date.UTC(2025, 0, 5, 7, 8, 9), "utc", now, true)).toBe("5 Jan 2025 07:08:09 Z");
    expect(clock(now, "utc")).toBe("12:00:00");
  });
});

it("what begins with the letters comes first, what lacks them not at all", () => {
  const choices = ["Colours: dark", "Runs", "Return of the runs", "Audit"].map((label) => ({ label }));
  expect(ranked(choices, "ru").map((each) => each.label)).toEqual(
    ["Runs", "Return of the runs", "Colours: dark"].slice(0, 2),
  );
  expect(ranked([{ label: "x", also: "01KAHS" }], "kahs")).toHaveLength(1);
  expect(ranked(choices, "")).toHaveLength(4);
});

it("an address holds plain words, there and back", () => {
  const search = { q: "a b&c", at: "0012", sort: "-cost" };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
  expect(stringifySearch({ q: undefined, at: "" })).toBe("");
  expect(only("q", "sort")({ q: 5, sort: "", other: "x" })).toEqual({ q: "5" });
});

it("every colour is a token in light and in dark", () => {
  const css = readFileSync("src/styles.css", "utf8");
  const tokens = [...css.matchAll(/^ {2}(--[a-z0-9-]+): (light-dark\(.+\)|.+);$/gm)].filter(
    ([, name]) => !/^--(color|font|text)/.test(name ?? ""),
  );
  expect(tokens.length).toBeGreaterThan(20);
  for (const [, name, value] of tokens) expect(value, name).toMatch(/^light-dark\(/);
});
