// How often something recurs: in words, and as fields of a form.

import type { CommandBodies } from "@waybill";
import type { Given } from "@/ui/form";

export type Schedule = CommandBodies["recurring-task/create"]["schedule"];
export type Frequency = Schedule["frequency"];
export const KINDS = ["daily", "every_other_day", "weekly", "biweekly", "monthly", "cron"] as const;
export type Kind = (typeof KINDS)[number];
export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

export const kindOf = (frequency: Frequency): Kind => Object.keys(frequency)[0] as Kind;

const two = (value: number): string => String(value).padStart(2, "0");

/** `08:30`, or nothing where cron says it. */
export function timeOf(frequency: Frequency): string {
  if ("cron" in frequency) return "";
  const [inner] = Object.values(frequency) as Array<{ hour: number; minute: number }>;
  return `${two(inner?.hour ?? 0)}:${two(inner?.minute ?? 0)}`;
}

export function frequencyWords({ frequency, timezone }: Schedule): string {
  const at = `at ${timeOf(frequency)} in ${timezone}`;
  if ("daily" in frequency) return `every day ${at}`;
  if ("every_other_day" in frequency) return `every other day ${at}`;
  if ("weekly" in frequency) return `every ${frequency.weekly.weekday} ${at}`;
  if ("biweekly" in frequency) return `every other ${frequency.biweekly.weekday} ${at}`;
  if ("monthly" in frequency) return `on day ${frequency.monthly.day} of the month ${at}`;
  return `cron ${frequency.cron.text} in ${timezone}`;
}

export function scheduleOf(given: Given): Schedule {
  const kind = given.text("kind") as Kind;
  const [hour = 0, minute = 0] = given.text("time").split(":").map(Number);
  const weekday = given.text("weekday") as (typeof WEEKDAYS)[number];
  const anchor = given.text("anchor");
  const frequencies: Record<Kind, () => Frequency> = {
    daily: () => ({ daily: { hour, minute } }),
    every_other_day: () => ({ every_other_day: { anchor, hour, minute } }),
    weekly: () => ({ weekly: { weekday, hour, minute } }),
    biweekly: () => ({ biweekly: { anchor, weekday, hour, minute } }),
    monthly: () => ({ monthly: { day: given.number("day") ?? 1, hour, minute } }),
    cron: () => ({ cron: { text: given.text("cron") } }),
  };
  return { frequency: frequencies[kind](), timezone: given.text("timezone") };
}

/** An instant as a clock in that zone shows it, with its distance from UTC, which daylight saving changes. */
export function zoned(at: string, timezone: string): { day: string; time: string; offset: string } {
  const form = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: timezone, ...options });
  const instant = new Date(at);
  const part = form({ timeZoneName: "longOffset" })
    .formatToParts(instant)
    .find((each) => each.type === "timeZoneName");
  return {
    day: form({ weekday: "short", day: "2-digit", month: "short", year: "numeric" }).format(instant),
    time: form({ hour: "2-digit", minute: "2-digit" }).format(instant),
    offset: (part?.value ?? "GMT").replace("GMT", "UTC"),
  };
}
