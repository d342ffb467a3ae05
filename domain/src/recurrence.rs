//! When something recurs: a pure function from a schedule and an instant to the next instant.
//!
//! A schedule names times on a clock on the wall in some zone. Such a time is due at the first instant at
//! which that clock shows it or a later one. So a time in a gap (clocks go forward) is due at the first
//! instant after the gap, and a time that comes twice (clocks go back) is due once, the first time. A zone's
//! rules are those of the IANA database in chrono-tz; beyond 2037 it knows no changes and keeps the last offset.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::Date;
use crate::catalogue::plain;
use crate::terms::Weekday;
use crate::values::Timestamp;
use crate::{Rejection, check};

#[cfg(test)]
mod tests;

/// How often, and at which time of the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Frequency {
    /// Every day.
    Daily {
        /// Hour of the day, 0 to 23.
        hour: u8,
        /// Minute of the hour, 0 to 59.
        minute: u8,
    },
    /// Every other day, counted from a date so that it never drifts.
    EveryOtherDay {
        /// Hour of the day, 0 to 23.
        hour: u8,
        /// Minute of the hour, 0 to 59.
        minute: u8,
        /// A day it falls on; days of the calendar count, in the schedule's zone.
        anchor: Date,
    },
    /// Once a week.
    Weekly {
        /// Hour of the day, 0 to 23.
        hour: u8,
        /// Minute of the hour, 0 to 59.
        minute: u8,
        /// The day of the week.
        weekday: Weekday,
    },
    /// Once every two weeks, counted from a date so that it never drifts.
    Biweekly {
        /// Hour of the day, 0 to 23.
        hour: u8,
        /// Minute of the hour, 0 to 59.
        minute: u8,
        /// The day of the week.
        weekday: Weekday,
        /// It falls on the first such weekday on or after this date, and on every second one from there.
        anchor: Date,
    },
    /// Once a month.
    Monthly {
        /// Hour of the day, 0 to 23.
        hour: u8,
        /// Minute of the hour, 0 to 59.
        minute: u8,
        /// The day of the month, 1 to 31; in a shorter month, its last day.
        day: u8,
    },
    /// As a cron text says: minute, hour, day of the month, month, day of the week.
    Cron {
        /// Such as `*/15 9-17 * * 1-5`; at most 200 bytes.
        text: String,
    },
}

impl Frequency {
    /// The word for it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Daily { .. } => "daily",
            Self::EveryOtherDay { .. } => "every_other_day",
            Self::Weekly { .. } => "weekly",
            Self::Biweekly { .. } => "biweekly",
            Self::Monthly { .. } => "monthly",
            Self::Cron { .. } => "cron",
        }
    }
    /// Hour and minute, where it is not a cron text.
    const fn time(&self) -> Option<(u8, u8)> {
        match self {
            Self::Daily { hour, minute }
            | Self::EveryOtherDay { hour, minute, .. }
            | Self::Weekly { hour, minute, .. }
            | Self::Biweekly { hour, minute, .. }
            | Self::Monthly { hour, minute, .. } => Some((*hour, *minute)),
            Self::Cron { .. } => None,
        }
    }
    /// Whether it falls on that day of the calendar; never for a cron text.
    fn falls_on(&self, date: NaiveDate) -> bool {
        match self {
            Self::Daily { .. } => true,
            Self::EveryOtherDay { anchor, .. } => days(*anchor, date) % 2 == 0,
            Self::Weekly { weekday, .. } => date.weekday() == weekday.chrono(),
            Self::Biweekly { weekday, anchor, .. } => {
                let wait = weekday.chrono().days_since(anchor.naive().weekday());
                (days(*anchor, date) - i64::from(wait)).rem_euclid(14) == 0
            }
            Self::Monthly { day, .. } => date.day() == u32::from(*day).min(date.num_days_in_month().into()),
            Self::Cron { .. } => false,
        }
    }
}

/// Days from `anchor` to `date`; negative before it.
fn days(anchor: Date, date: NaiveDate) -> i64 {
    (date - anchor.naive()).num_days()
}

plain! {
    /// When something recurs.
    struct Schedule {
        /// How often, and at which time of the day.
        frequency: Frequency,
        /// The zone of that time, by its IANA name such as `Europe/Berlin`.
        timezone: String,
    }
}

/// Nothing is due from here on: 2100-01-01T00:00:00Z.
pub const HORIZON: i64 = 4_102_444_800_000;

/// Most times of the clock that are tried for one instant: a fold repeats some hours, minute by minute at most.
const TRIES_MAX: usize = 3_000;

/// Days that are looked at for one date: a month and its neighbours.
const DAYS_MAX: usize = 64;

/// A schedule that was read: what it needs to be asked often.
struct Plan<'a> {
    frequency: &'a Frequency,
    zone: Tz,
    cron: Option<Cron>,
}

fn cron(text: &str) -> Option<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(text).ok()
}

impl Schedule {
    /// Refuses what is no schedule, or never falls due after `after`.
    ///
    /// # Errors
    /// The field that does not fit, and what would.
    pub fn check(&self, after: Timestamp) -> Result<(), Rejection> {
        if let Some((hour, minute)) = self.frequency.time() {
            check::range("hour", hour, &(0..=23), "hours")?;
            check::range("minute", minute, &(0..=59), "minutes")?;
        }
        match &self.frequency {
            Frequency::Monthly { day, .. } => check::range("day", *day, &(1..=31), "as a day of the month")?,
            Frequency::Cron { text } => {
                check::name("text", text)?;
                if cron(text).is_none() {
                    let expected = "a cron text of five fields such as `0 7 * * 1-5`";
                    return Err(Rejection::invalid("text", expected, text));
                }
            }
            _ => {}
        }
        if self.timezone.parse::<Tz>().is_err() {
            let expected = "an IANA timezone such as `Europe/Berlin`";
            return Err(Rejection::invalid("timezone", expected, &self.timezone));
        }
        if self.next_after(after).is_none() {
            return Err(Rejection::rule(
                format!("the schedule never falls due between {after} and 2100"),
                "name a date that comes, or an earlier start",
            ));
        }
        Ok(())
    }
    /// The first instant after `after` at which it is due; none where that would be 2100 or later, or the
    /// schedule does not pass [`Schedule::check`].
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        self.plan()?.next_after(after)
    }
    /// `first` and the instants after it, at most `count` in all.
    #[must_use]
    pub fn upcoming(&self, first: Option<Timestamp>, count: usize) -> Vec<Timestamp> {
        let Some(plan) = self.plan() else { return first.into_iter().take(count).collect() };
        std::iter::successors(first, |last| plan.next_after(*last)).take(count).collect()
    }
    /// How many instants lie after `after` and not after `until`, and the first one that lies behind it. Counts
    /// no further than `most`.
    pub(crate) fn passed(&self, after: Timestamp, until: Timestamp, most: u32) -> (u32, Option<Timestamp>) {
        let Some(plan) = self.plan() else { return (0, None) };
        let (mut count, mut next) = (0, plan.next_after(after));
        while let Some(due) = next.filter(|due| *due <= until) {
            if count == most {
                return (count, plan.next_after(until));
            }
            count += 1;
            next = plan.next_after(due);
        }
        (count, next)
    }
    fn plan(&self) -> Option<Plan<'_>> {
        let zone = self.timezone.parse().ok()?;
        let cron = match &self.frequency {
            Frequency::Cron { text } => Some(cron(text)?),
            _ => None,
        };
        Some(Plan { frequency: &self.frequency, zone, cron })
    }
}

impl Plan<'_> {
    fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let after = DateTime::from_timestamp_millis(after.millis())?;
        // The clock has shown every time up to this one, so that none of them is due later.
        let mut shown = after.with_timezone(&self.zone).naive_local();
        for _ in 0..TRIES_MAX {
            shown = self.next_shown(shown)?;
            let due = first_shown(self.zone, shown)?;
            if due > after {
                return (due.timestamp_millis() < HORIZON)
                    .then(|| Timestamp::from_millis(due.timestamp_millis()));
            }
        }
        None
    }
    /// The first time of the clock after `shown` that the schedule names.
    fn next_shown(&self, shown: NaiveDateTime) -> Option<NaiveDateTime> {
        if let Some(cron) = &self.cron {
            // Asked in UTC, which has neither gaps nor folds: the time is one of the clock, and the zone comes later.
            return cron.find_next_occurrence(&shown.and_utc(), false).ok().map(|next| next.naive_utc());
        }
        let (hour, minute) = self.frequency.time()?;
        let time = NaiveTime::from_hms_opt(hour.into(), minute.into(), 0)?;
        let mut date = shown.date();
        for _ in 0..DAYS_MAX {
            if self.frequency.falls_on(date) && date.and_time(time) > shown {
                return Some(date.and_time(time));
            }
            date = date.checked_add_days(Days::new(1))?;
        }
        None
    }
}

/// The first instant at which the clock of `zone` shows `time` or a later one.
fn first_shown(zone: Tz, time: NaiveDateTime) -> Option<DateTime<Utc>> {
    if let Some(first) = zone.from_local_datetime(&time).earliest() {
        return Some(first.to_utc());
    }
    // In a gap. Offsets lie between -14 and +15 hours, so the instant lies between these two; gaps end on a second.
    let utc = time.and_utc().timestamp();
    let (mut before, mut at) = (utc - 15 * 3_600, utc + 14 * 3_600);
    while at - before > 1 {
        let middle = before + (at - before) / 2;
        let shown = DateTime::from_timestamp(middle, 0)?;
        let offset = zone.offset_from_utc_datetime(&shown.naive_utc()).fix().local_minus_utc();
        if middle + i64::from(offset) >= utc {
            at = middle;
        } else {
            before = middle;
        }
    }
    DateTime::from_timestamp(at, 0)
}

impl Weekday {
    const fn chrono(self) -> chrono::Weekday {
        match self {
            Self::Monday => chrono::Weekday::Mon,
            Self::Tuesday => chrono::Weekday::Tue,
            Self::Wednesday => chrono::Weekday::Wed,
            Self::Thursday => chrono::Weekday::Thu,
            Self::Friday => chrono::Weekday::Fri,
            Self::Saturday => chrono::Weekday::Sat,
            Self::Sunday => chrono::Weekday::Sun,
        }
    }
}
