//! Dates as a calendar on the wall has them, in no zone.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{IdError, from_text};

/// A date of the Gregorian calendar, 1970-01-01 to 2199-12-31; `2026-11-21` in text, days since 1970 in stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// The last date there is: 2199-12-31.
    pub const MAX_DAYS: i32 = 84_005;

    /// From days since 1970-01-01, held within the range.
    #[must_use]
    pub const fn from_days(days: i32) -> Self {
        if days < 0 {
            Self(0)
        } else if days > Self::MAX_DAYS {
            Self(Self::MAX_DAYS)
        } else {
            Self(days)
        }
    }
    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }
    /// As the library's type.
    pub(crate) fn naive(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).expect("every date in range is one of the library's")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.naive())
    }
}

impl FromStr for Date {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let date: Option<NaiveDate> = text.parse().ok();
        let date = date.map(|date| date.to_epoch_days()).filter(|days| (0..=Self::MAX_DAYS).contains(days));
        date.map(Self)
            .filter(|date| date.to_string() == text)
            .ok_or_else(|| IdError::new("a date from 1970-01-01 to 2199-12-31, such as 2026-11-21", text))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i32(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            from_text(deserializer)
        } else {
            i32::deserialize(deserializer).map(Self::from_days)
        }
    }
}

impl JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_one_spelling_and_a_range() {
        let date: Date = "2024-02-29".parse().unwrap();
        assert_eq!((date.days(), date.to_string().as_str()), (19_782, "2024-02-29"));
        assert_eq!(Date::from_days(Date::MAX_DAYS).to_string(), "2199-12-31");
        for wrong in ["2023-02-29", "2024-2-29", "1969-12-31", "2200-01-01", "tomorrow", "+2024-02-29"] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
        assert_eq!(Date::from_days(-1).to_string(), "1970-01-01");
        assert_eq!(Date::from_days(i32::MAX).days(), Date::MAX_DAYS);
    }

    #[test]
    fn a_date_is_text_in_json_and_a_number_in_storage() {
        let date: Date = "2026-11-21".parse().unwrap();
        assert_eq!(serde_json::to_string(&date).unwrap(), "\"2026-11-21\"");
        assert_eq!(serde_json::from_str::<Date>("\"2026-11-21\"").unwrap(), date);
        assert_eq!(bincode::deserialize::<Date>(&bincode::serialize(&date).unwrap()).unwrap(), date);
        assert_eq!(date.naive().to_epoch_days(), date.days());
    }
}
