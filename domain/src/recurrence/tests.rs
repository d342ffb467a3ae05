//! Known days of known zones, and a slow reference that walks the clock minute by minute.

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use proptest::prelude::*;

use super::*;

/// Half-hour summer time, the southern hemisphere, none, a skipped day, and the two usual ones.
const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Tokyo",
    "Pacific/Apia",
];

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}
fn schedule(frequency: Frequency, timezone: &str) -> Schedule {
    Schedule { frequency, timezone: timezone.into() }
}
fn date(text: &str) -> Date {
    text.parse().unwrap()
}
fn daily(hour: u8, minute: u8) -> Frequency {
    Frequency::Daily { hour, minute }
}
fn monthly(day: u8) -> Frequency {
    Frequency::Monthly { hour: 9, minute: 0, day }
}
fn every_cron(text: &str) -> Frequency {
    Frequency::Cron { text: text.into() }
}

/// The next instants after `after`, in UTC, without seconds.
#[track_caller]
fn check(frequency: Frequency, zone: &str, after: &str, expected: &[&str]) {
    let schedule = schedule(frequency, zone);
    schedule.check(time(after)).unwrap();
    let first = schedule.next_after(time(after));
    let shown: Vec<_> = schedule
        .upcoming(first, expected.len())
        .iter()
        .map(|due| due.to_string().replace(":00.000Z", "").replace('T', " "))
        .collect();
    assert_eq!(shown, expected, "{schedule:?} after {after}");
}

#[test]
fn each_frequency_falls_where_it_says() {
    // 2026-11-21 is a Saturday.
    let after = "2026-11-21T06:59:00Z";
    let (saturday, anchor) = (Weekday::Saturday, date("2026-11-20"));
    check(daily(7, 30), "Asia/Tokyo", after, &["2026-11-21 22:30", "2026-11-22 22:30"]);
    let every_other = Frequency::EveryOtherDay { hour: 7, minute: 0, anchor };
    check(every_other, "Etc/UTC", after, &["2026-11-22 07:00", "2026-11-24 07:00", "2026-11-26 07:00"]);
    let weekly = Frequency::Weekly { hour: 7, minute: 0, weekday: saturday };
    check(weekly, "Etc/UTC", after, &["2026-11-21 07:00", "2026-11-28 07:00"]);
    let biweekly = |anchor| Frequency::Biweekly { hour: 7, minute: 0, weekday: saturday, anchor };
    check(biweekly(anchor), "Etc/UTC", after, &["2026-11-21 07:00", "2026-12-05 07:00"]);
    check(biweekly(date("2026-11-22")), "Etc/UTC", after, &["2026-11-28 07:00", "2026-12-12 07:00"]);
    check(monthly(31), "Etc/UTC", after, &["2026-11-30 09:00", "2026-12-31 09:00", "2027-01-31 09:00"]);
    check(
        every_cron("*/20 9 * * 1-5"),
        "Etc/UTC",
        after,
        &["2026-11-23 09:00", "2026-11-23 09:20", "2026-11-23 09:40", "2026-11-24 09:00"],
    );
}

#[test]
fn an_anchor_in_the_future_counts_backwards_alike() {
    let later = date("2030-01-01");
    let every_other = |anchor| {
        let frequency = Frequency::EveryOtherDay { hour: 1, minute: 0, anchor };
        schedule(frequency, "Europe/Berlin").next_after(time("2026-11-21T06:59:00Z"))
    };
    let near = Date::from_days(later.days() - 2 * 567);
    assert_eq!(every_other(later), every_other(near));
    assert_ne!(every_other(later), every_other(Date::from_days(later.days() - 1)));
}

#[test]
fn short_months_use_their_last_day_and_leap_years_count() {
    let days = ["2024-01-30 09:00", "2024-02-29 09:00", "2024-03-30 09:00", "2024-04-30 09:00"];
    check(monthly(30), "Etc/UTC", "2024-01-01T00:00:00Z", &days);
    check(monthly(29), "Etc/UTC", "2023-02-01T00:00:00Z", &["2023-02-28 09:00", "2023-03-29 09:00"]);
    check(monthly(31), "Etc/UTC", "2000-02-01T00:00:00Z", &["2000-02-29 09:00", "2000-03-31 09:00"]);
    let leap_day = "0 12 29 2 *";
    check(every_cron(leap_day), "Etc/UTC", "2023-01-01T00:00:00Z", &["2024-02-29 12:00", "2028-02-29 12:00"]);
}

#[test]
fn a_time_in_a_gap_is_due_at_the_first_instant_after_it() {
    // Berlin, 2026-03-29: 02:00 +01:00 becomes 03:00 +02:00 at 01:00Z.
    let berlin = ["2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"];
    check(daily(2, 30), "Europe/Berlin", "2026-03-28T00:00:00Z", &berlin);
    check(every_cron("30 2 * * *"), "Europe/Berlin", "2026-03-28T00:00:00Z", &berlin);
    // Lord Howe, 2026-10-04: 02:00 +10:30 becomes 02:30 +11:00 at 15:30Z of the day before.
    let lord_howe = ["2026-10-02 15:40", "2026-10-03 15:30", "2026-10-04 15:10"];
    check(daily(2, 10), "Australia/Lord_Howe", "2026-10-02T00:00:00Z", &lord_howe);
    // Santiago, 2026-09-06: midnight becomes 01:00 at 04:00Z.
    let santiago = ["2026-09-05 04:00", "2026-09-06 04:00", "2026-09-07 03:00"];
    check(daily(0, 0), "America/Santiago", "2026-09-04T12:00:00Z", &santiago);
    // Every time in the gap is due at its end, and that is one instant.
    let quarters = ["2026-03-29 00:45", "2026-03-29 01:00", "2026-03-29 01:15"];
    check(every_cron("*/15 * * * *"), "Europe/Berlin", "2026-03-29T00:30:00Z", &quarters);
}

#[test]
fn a_time_that_comes_twice_is_due_once_the_first_time() {
    // Berlin, 2026-10-25: 03:00 +02:00 becomes 02:00 +01:00 at 01:00Z.
    let berlin = ["2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30"];
    check(daily(2, 30), "Europe/Berlin", "2026-10-24T00:00:00Z", &berlin);
    // Lord Howe, 2026-04-05: 02:00 +11:00 becomes 01:30 +10:30 at 15:00Z of the day before.
    let lord_howe = ["2026-04-03 14:45", "2026-04-04 14:45", "2026-04-05 15:15"];
    check(daily(1, 45), "Australia/Lord_Howe", "2026-04-03T00:00:00Z", &lord_howe);
    // The hour that repeats has nothing of its own.
    let quarters = ["2026-10-25 00:45", "2026-10-25 02:00", "2026-10-25 02:15"];
    check(every_cron("*/15 * * * *"), "Europe/Berlin", "2026-10-25T00:30:00Z", &quarters);
    check(daily(2, 30), "Europe/Berlin", "2026-10-25T01:10:00Z", &["2026-10-26 01:30"]);
}

#[test]
fn a_day_that_a_zone_skipped_is_due_when_the_next_begins() {
    // Apia had no 2011-12-30: at 10:00Z its clocks went from the end of the 29th (-10:00) to the 31st (+14:00).
    let days = ["2011-12-29 19:00", "2011-12-30 10:00", "2011-12-30 19:00", "2011-12-31 19:00"];
    check(daily(9, 0), "Pacific/Apia", "2011-12-28T20:00:00Z", &days);
    let weekly = Frequency::Weekly { hour: 23, minute: 59, weekday: Weekday::Friday };
    check(weekly, "Pacific/Apia", "2011-12-28T20:00:00Z", &["2011-12-30 10:00", "2012-01-06 09:59"]);
    check(monthly(30), "Pacific/Apia", "2011-12-01T20:00:00Z", &["2011-12-30 10:00", "2012-01-29 19:00"]);
}

#[test]
fn what_passed_is_counted_and_bounded() {
    let schedule = schedule(daily(7, 0), "Etc/UTC");
    let passed = |until, most| {
        let (count, next) = schedule.passed(time("2026-11-21T07:00:00Z"), time(until), most);
        (count, next.unwrap().to_string())
    };
    assert_eq!(passed("2026-11-22T06:59:59Z", 9), (0, "2026-11-22T07:00:00.000Z".into()));
    assert_eq!(passed("2026-11-22T07:00:00Z", 9), (1, "2026-11-23T07:00:00.000Z".into()));
    assert_eq!(passed("2026-11-25T08:00:00Z", 9), (4, "2026-11-26T07:00:00.000Z".into()));
    assert_eq!(passed("2026-11-25T08:00:00Z", 4), (4, "2026-11-26T07:00:00.000Z".into()));
    assert_eq!(passed("2026-11-25T08:00:00Z", 3), (3, "2026-11-26T07:00:00.000Z".into()));
}

#[test]
fn what_is_no_schedule_is_refused() {
    let now = time("2026-11-21T07:00:00Z");
    let refusal = |frequency, zone: &str| schedule(frequency, zone).check(now).unwrap_err().to_string();
    let utc = "Etc/UTC";
    for (frequency, zone, part) in [
        (daily(24, 0), utc, "`hour`: expected 0 to 23 hours, got `24`"),
        (daily(0, 60), utc, "`minute`: expected 0 to 59 minutes, got `60`"),
        (monthly(0), utc, "`day`: expected 1 to 31 as a day of the month, got `0`"),
        (monthly(32), utc, "`day`: expected 1 to 31"),
        (
            daily(1, 1),
            "Berlin",
            "`timezone`: expected an IANA timezone such as `Europe/Berlin`, got `Berlin`",
        ),
        (daily(1, 1), "", "`timezone`"),
        (every_cron("* * * *"), utc, "`text`: expected a cron text of five fields"),
        (every_cron("0 * * * * *"), utc, "`text`: expected a cron text of five fields"),
        (every_cron("61 * * * *"), utc, "`text`: expected a cron text of five fields"),
        (every_cron(""), utc, "`text`: expected 1 to 200 bytes"),
        (every_cron("0 0 30 2 *"), utc, "never falls due between 2026-11-21T07:00:00.000Z and 2100"),
    ] {
        let refusal = refusal(frequency, zone);
        assert!(refusal.contains(part), "expected {part:?}, got {refusal:?}");
    }
    let end = Timestamp::from_millis(HORIZON - 1);
    assert_eq!(schedule(daily(1, 1), utc).next_after(end), None);
    assert_eq!(schedule(daily(1, 1), "Berlin").next_after(now), None);
    assert_eq!(schedule(daily(1, 1), "Berlin").upcoming(Some(now), 10), [now]);
    assert_eq!(schedule(daily(1, 1), utc).next_after(Timestamp::from_millis(Timestamp::MAX_MS)), None);
    assert!(schedule(daily(1, 1), utc).next_after(Timestamp::from_millis(Timestamp::MIN_MS)).is_some());
}

/// Whether the frequency names this minute of the clock: spelt out anew, from the words of its description.
fn named(frequency: &Frequency, shown: NaiveDateTime) -> bool {
    let (weekday, at) = (shown.weekday(), (shown.hour(), shown.minute()));
    let at_time = |hour: u8, minute: u8| at == (hour.into(), minute.into());
    let day_number = shown.date().signed_duration_since(Date::from_days(0).naive()).num_days();
    match frequency {
        Frequency::Daily { hour, minute } => at_time(*hour, *minute),
        Frequency::EveryOtherDay { hour, minute, anchor } => {
            at_time(*hour, *minute) && day_number.abs_diff(anchor.days().into()) % 2 == 0
        }
        Frequency::Weekly { hour, minute, weekday: wanted } => {
            at_time(*hour, *minute) && weekday == wanted.chrono()
        }
        Frequency::Biweekly { hour, minute, weekday: wanted, anchor } => {
            let mut first = anchor.naive();
            while first.weekday() != wanted.chrono() {
                first = first.succ_opt().unwrap();
            }
            let apart = shown.date().signed_duration_since(first).num_days().abs();
            at_time(*hour, *minute) && apart % 14 == 0
        }
        Frequency::Monthly { hour, minute, day } => {
            let last = shown.date().succ_opt().unwrap().month() != shown.month();
            let day = u32::from(*day);
            at_time(*hour, *minute) && (shown.day() == day || last && shown.day() < day)
        }
        Frequency::Cron { text } => match text.as_str() {
            "*/15 * * * *" => shown.minute().is_multiple_of(15),
            "30 2 * * *" => at == (2, 30),
            "10 */6 1,15 * *" => {
                shown.minute() == 10 && shown.hour().is_multiple_of(6) && [1, 15].contains(&shown.day())
            }
            "5 0 * 3,4,10 SUN" => {
                at == (0, 5) && [3, 4, 10].contains(&shown.month()) && weekday == chrono::Weekday::Sun
            }
            _ => panic!("the reference does not know {text}"),
        },
    }
}

/// Walks minute by minute. A minute of the clock is due when the clock shows it or passes it for the first time.
fn walked(schedule: &Schedule, after: Timestamp, minutes: i64) -> Option<Timestamp> {
    const MINUTE: i64 = 60_000;
    let zone: Tz = schedule.timezone.parse().unwrap();
    let clock = |ms: i64| {
        let utc = DateTime::from_timestamp_millis(ms).unwrap();
        utc.with_timezone(&zone).naive_local()
    };
    let start = after.millis().div_euclid(MINUTE) * MINUTE;
    // A day behind, for what the clock has shown before it went back.
    let mut high = (-26 * 60..=0).map(|minute| clock(start + minute * MINUTE)).max().unwrap();
    for minute in 1..=minutes {
        let now = start + minute * MINUTE;
        let shown = clock(now);
        while high < shown {
            high += TimeDelta::minutes(1);
            if named(&schedule.frequency, high) {
                return Some(Timestamp::from_millis(now));
            }
        }
    }
    None
}

fn any_frequency() -> impl Strategy<Value = Frequency> {
    // Small hours, where clocks change, more often than others.
    let hour = prop_oneof![3 => 0_u8..5, 1 => 0_u8..24];
    let weekday = (0..Weekday::ALL.len()).prop_map(|day| Weekday::ALL[day]);
    let anchor = (0..Date::MAX_DAYS).prop_map(Date::from_days);
    (hour, 0_u8..60, weekday, anchor, 1_u8..=31, 0_usize..10).prop_map(
        |(hour, minute, weekday, anchor, day, kind)| match kind {
            0 | 1 => Frequency::Daily { hour, minute },
            2 => Frequency::EveryOtherDay { hour, minute, anchor },
            3 => Frequency::Weekly { hour, minute, weekday },
            4 => Frequency::Biweekly { hour, minute, weekday, anchor },
            5 => Frequency::Monthly { hour, minute, day },
            6 => every_cron("*/15 * * * *"),
            7 => every_cron("30 2 * * *"),
            8 => every_cron("10 */6 1,15 * *"),
            _ => every_cron("5 0 * 3,4,10 SUN"),
        },
    )
}

/// Instants at which the clocks of `zone` change, from 1995 to 2037.
fn changes(zone: &str) -> Vec<i64> {
    let zone: Tz = zone.parse().unwrap();
    let offset = |hour: i64| {
        let utc = DateTime::from_timestamp(hour * 1_800, 0).unwrap();
        zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()
    };
    let (from, to) = (788_918_400 / 1_800, 2_145_916_800 / 1_800);
    (from..to).filter(|hour| offset(hour - 1) != offset(*hour)).map(|hour| hour * 1_800_000).collect()
}

/// Compares the fast answer with the walk: what the walk finds within its minutes is what must come.
fn compare(schedule: &Schedule, after: Timestamp, minutes: i64) {
    let next = schedule.next_after(after);
    let seen = walked(schedule, after, minutes);
    let bound = Timestamp::from_millis(after.millis().div_euclid(60_000) * 60_000 + minutes * 60_000);
    let within = next.filter(|next| *next <= bound);
    assert_eq!(within, seen, "{schedule:?} after {after}");
    assert!(next.is_none_or(|next| next > after));
}

#[test]
fn around_every_kind_of_change_it_agrees_with_a_walk_minute_by_minute() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let zones: Vec<_> = ZONES.iter().map(|zone| (*zone, changes(zone))).collect();
    assert!(zones.iter().filter(|(_, changes)| changes.len() > 20).count() >= 5, "zones that change");
    // Up to two days before a change and one behind it, to the millisecond.
    let near = (any_frequency(), 0..ZONES.len(), any::<u16>(), -172_800_000_i64..86_400_000);
    let outcome = runner.run(&near, |(frequency, zone, pick, shift)| {
        let (zone, changes) = &zones[zone];
        // Tokyo has had none for long: any instant will do.
        let change = match changes.len() {
            0 => 1_000_000_000_000 + i64::from(pick) * 16_000_000,
            count => changes[usize::from(pick) % count],
        };
        compare(&schedule(frequency, zone), Timestamp::from_millis(change + shift), 4 * 1_440);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn over_long_waits_it_agrees_with_a_walk_minute_by_minute() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let anywhere = (any_frequency(), 0..ZONES.len(), 820_454_400_000_i64..2_100_000_000_000);
    let outcome = runner.run(&anywhere, |(frequency, zone, after)| {
        compare(&schedule(frequency, ZONES[zone]), Timestamp::from_millis(after), 33 * 1_440);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn every_frequency_in_every_zone_agrees_with_a_walk_around_its_last_changes() {
    let anchor = date("2011-12-01");
    for zone in ZONES {
        let changes = changes(zone);
        // The skipped day of Apia, and the latest change each way.
        let skipped = 1_325_239_200_000;
        let around = changes.iter().rev().take(2).copied().chain([skipped]);
        for (change, (hour, minute)) in
            around.flat_map(|change| [(0, 0), (1, 45), (2, 10), (2, 30), (9, 0)].map(|at| (change, at)))
        {
            for frequency in [
                Frequency::Daily { hour, minute },
                Frequency::EveryOtherDay { hour, minute, anchor },
                Frequency::Weekly { hour, minute, weekday: Weekday::Sunday },
                Frequency::Biweekly { hour, minute, weekday: Weekday::Sunday, anchor },
                Frequency::Monthly { hour, minute, day: 31 },
            ] {
                let after = Timestamp::from_millis(change - 30 * 3_600_000);
                compare(&schedule(frequency, zone), after, 3 * 1_440);
            }
        }
    }
}
