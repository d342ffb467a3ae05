//! Names of logs in checkpoints and keys.

use std::fmt;
use std::str::FromStr;

use domain::ids::LogId;

use crate::tile::decimal;

/// What a checkpoint is of: a log in one of its epochs. A restored or repaired log is another tree to a witness,
/// so the epoch is part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The log.
    pub log: LogId,
    /// Its epoch.
    pub epoch: u64,
}

/// Why a text is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an origin as `waybill/<log>/<epoch>`, got `{actual}`")]
pub struct OriginError {
    /// The text, cut to 80 characters.
    pub actual: String,
}

impl Origin {
    /// Name of the keys of its log. It has no epoch, so that a key that somebody pinned stays good.
    #[must_use]
    pub fn key_name(&self) -> String {
        format!("waybill/{}", self.log)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "waybill/{}/{}", self.log, self.epoch)
    }
}

impl FromStr for Origin {
    type Err = OriginError;
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let parse = || {
            let (log, epoch) = text.strip_prefix("waybill/")?.split_once('/')?;
            Some(Self { log: log.parse().ok()?, epoch: decimal(epoch)? })
        };
        parse().ok_or_else(|| OriginError { actual: text.chars().take(80).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        let text = "waybill/01JD0000000000000000000000/7";
        let origin: Origin = text.parse().unwrap();
        assert_eq!((origin.to_string().as_str(), origin.epoch), (text, 7));
        assert_eq!(origin.key_name(), "waybill/01JD0000000000000000000000");
        for wrong in ["", "waybill/01JD0000000000000000000000", "waybill/x/1"] {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
        for wrong in [text.replace("/7", "/07"), text.replace("/7", "/7/"), text.replace("JD", "jd")] {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
    }
}
