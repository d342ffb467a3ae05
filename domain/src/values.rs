//! Numbers with units: instants, money, scores. Integers inside, so that folding them never depends on order.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use chrono::DateTime;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ids::{IdError, from_text};

/// An instant in UTC, milliseconds since 1970; RFC 3339 in text, `i64` in stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Earliest instant that RFC 3339 can spell: 0000-01-01.
    pub const MIN_MS: i64 = -62_167_219_200_000;
    /// Latest instant that RFC 3339 can spell: 9999-12-31T23:59:59.999.
    pub const MAX_MS: i64 = 253_402_300_799_999;

    /// From milliseconds since 1970, held within what RFC 3339 can spell.
    #[must_use]
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.clamp(Self::MIN_MS, Self::MAX_MS))
    }
    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }
    /// Milliseconds from `earlier` to `self`, 0 where clocks ran backwards.
    #[must_use]
    pub fn since_ms(self, earlier: Self) -> u64 {
        u64::try_from(self.0 - earlier.0).unwrap_or(0)
    }
    /// The day in UTC, as `2026-11-21`.
    #[must_use]
    pub fn day(self) -> String {
        self.text().as_str()[..DAY_LEN].to_owned()
    }
    fn text(self) -> Text {
        const DAY_MS: i64 = 86_400_000;
        let (year, month, day) = civil(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let mut text = Text(*b"0000-00-00T00:00:00.000Z");
        for (at, length, number) in [
            (0, 4, year),
            (5, 2, month),
            (8, 2, day),
            (11, 2, ms / 3_600_000),
            (14, 2, ms / 60_000 % 60),
            (17, 2, ms / 1000 % 60),
            (20, 3, ms % 1000),
        ] {
            text.put(at, length, number);
        }
        text
    }
}

const DAY_LEN: usize = "2026-11-21".len();

/// RFC 3339 in UTC to the millisecond. Every event that is shown has one.
struct Text([u8; 24]);

impl Text {
    fn put(&mut self, at: usize, length: usize, mut number: i64) {
        for digit in self.0[at..at + length].iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).expect("a digit of a number that is not negative");
            number /= 10;
        }
    }
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits and marks are ASCII")
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar:
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let next = if month <= 2 { 1 } else { 0 };
    (year + era * 400 + next, month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

impl FromStr for Timestamp {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError::new("an RFC 3339 time such as 2026-11-21T07:06:00Z", text);
        let ms = DateTime::parse_from_rfc3339(text).map_err(|_| wrong())?.timestamp_millis();
        if (Self::MIN_MS..=Self::MAX_MS).contains(&ms) { Ok(Self(ms)) } else { Err(wrong()) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(self.text().as_str())
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            from_text(deserializer)
        } else {
            i64::deserialize(deserializer).map(Self::from_millis)
        }
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Fixed-point numbers: a JSON number outside, an integer of `1/scale` inside.
macro_rules! fixed_point {
    ($($(#[$doc:meta])* $name:ident($inner:ty) scale $scale:literal, up to $max:literal, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($inner);

        impl $name {
            /// Largest value, in units of the stored form.
            pub const MAX: $inner = $max;
            /// From the integer of the stored form, if within range.
            #[must_use]
            pub const fn from_units(units: $inner) -> Option<Self> {
                if units <= Self::MAX { Some(Self(units)) } else { None }
            }
            /// The integer of the stored form.
            #[must_use]
            pub const fn units(self) -> $inner {
                self.0
            }
            /// The number people read.
            #[must_use]
            pub fn as_f64(self) -> f64 {
                let units = self.0 as f64;
                units / f64::from($scale)
            }
            /// From the number people write, rounded to the nearest unit.
            ///
            /// # Errors
            /// Where it is not a number, negative, or above the maximum.
            pub fn from_f64(number: f64) -> Result<Self, IdError> {
                let units = (number * f64::from($scale)).round();
                let max = Self::MAX as f64;
                if !(0.0..=max).contains(&units) {
                    return Err(IdError::new($what, &number.to_string()));
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against 0 and the maximum")]
                Ok(Self(units as $inner))
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() { self.as_f64().serialize(serializer) } else { self.0.serialize(serializer) }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    Self::from_f64(f64::deserialize(deserializer)?).map_err(de::Error::custom)
                } else {
                    let units = <$inner>::deserialize(deserializer)?;
                    Self::from_units(units).ok_or_else(|| de::Error::custom($what))
                }
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let maximum = Self::MAX as f64 / f64::from($scale);
                json_schema!({ "type": "number", "minimum": 0, "maximum": maximum, "description": $what })
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.as_f64().fmt(f)
            }
        }
    )*};
}

fixed_point! {
    /// US dollars, stored in billionths: model prices per token need nine decimals.
    Usd(u64) scale 1_000_000_000, up to 1_000_000_000_000_000, "US dollars from 0 to 1,000,000, nine decimals";
    /// A quality score from 0 to 100, stored in hundredths.
    Score(u16) scale 100, up to 10_000, "a score from 0 to 100, two decimals";
    /// A share or confidence from 0 to 1, stored in ten-thousandths.
    Share(u16) scale 10_000, up to 10_000, "a number from 0 to 1, four decimals";
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_reads_back_and_refuses_what_rfc_3339_cannot_spell() {
        let time: Timestamp = "2025-11-20T23:33:50.805Z".parse().unwrap();
        assert_eq!(time.to_string(), "2025-11-20T23:33:50.805Z");
        assert_eq!(time.day(), "2025-11-20");
        assert_eq!("2025-11-21T00:33:50.805+01:00".parse::<Timestamp>().unwrap(), time);
        assert!("yesterday".parse::<Timestamp>().is_err());
        assert_eq!(Timestamp::from_millis(i64::MAX).millis(), Timestamp::MAX_MS);
        assert_eq!(time.since_ms(Timestamp::from_millis(time.millis() + 5)), 0);
    }

    #[track_caller]
    fn check_text(ms: i64) {
        let expected = DateTime::from_timestamp_millis(ms).unwrap();
        let expected = expected.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        assert_eq!(Timestamp::from_millis(ms).to_string(), expected);
    }

    #[test]
    fn time_is_spelt_as_the_library_for_it_spells_it() {
        for ms in [Timestamp::MIN_MS, Timestamp::MAX_MS, -1, 0, 1, 951_782_399_999, 951_782_400_000] {
            check_text(ms);
        }
        // Every day of some 400 years, leap days and turns of centuries among them.
        (0..146_097).for_each(|day| check_text(-86_400_000 * 80_000 + day * 86_400_000));
    }

    proptest::proptest! {
        #[test]
        fn any_time_is_spelt_as_the_library_for_it_spells_it(ms in Timestamp::MIN_MS..=Timestamp::MAX_MS) {
            check_text(ms);
        }
    }

    #[test]
    fn money_adds_up_exactly() {
        let cost: Usd = serde_json::from_str("0.009189").unwrap();
        assert_eq!(cost.units(), 9_189_000);
        let sum: Usd = std::iter::repeat_n(cost, 1_000_000).sum();
        assert_eq!(serde_json::to_string(&sum).unwrap(), "9189.0");
        for wrong in ["-0.1", "1e99", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Usd>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn scores_hold_their_range_in_both_forms() {
        assert_eq!(serde_json::from_str::<Score>("87.256").unwrap().units(), 8726);
        assert!(serde_json::from_str::<Score>("100.01").is_err());
        assert!(bincode::deserialize::<Score>(&10_001_u16.to_le_bytes()).is_err());
        assert!(Score::from_f64(f64::NAN).is_err());
    }
}
