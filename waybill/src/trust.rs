//! Whose signatures count: keys and ages as options of verbs.

use std::path::Path;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use domain::values::Timestamp;
use proof::trust::Freshness;
use proof::{Outcome, Trust, VerifyingKey};

use crate::failure::{Exit, Failure};

/// What whoever asks holds, from elsewhere than what is asked about.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TrustArgs {
    /// A key that counts, of the log or of a witness: its text, or @FILE with one on each line; may be repeated
    #[arg(long = "key", value_name = "KEY|@FILE")]
    pub(crate) keys: Vec<String>,
    /// Largest age of the signed checkpoint, such as 90s, 30m, 24h or 7d
    #[arg(long, value_name = "AGE")]
    pub(crate) max_age: Option<Age>,
}

impl TrustArgs {
    /// The keys, each once.
    pub(crate) fn keys(&self) -> Result<Vec<VerifyingKey>, Failure> {
        keys(&self.keys)
    }
    pub(crate) fn freshness(&self) -> Option<Freshness> {
        self.max_age.map(|age| Freshness { now: now(), max_age_ms: age.ms })
    }
    /// `bundled`: whether keys count that come with what is asked about.
    pub(crate) fn trust(&self, bundled: bool) -> Result<Trust, Failure> {
        Ok(Trust { keys: self.keys()?, bundled, freshness: self.freshness() })
    }
}

/// Keys as text or as `@FILE`, each once.
pub(crate) fn keys(texts: &[String]) -> Result<Vec<VerifyingKey>, Failure> {
    let mut keys: Vec<VerifyingKey> = Vec::new();
    let mut add = |text: &str| -> Result<(), Failure> {
        let key = text.parse().map_err(|error| {
            // What stands behind the last plus may be secret, where somebody took the wrong file.
            let shown: String =
                text.rsplit_once('+').map_or("…", |(name, _)| name).chars().take(80).collect();
            Failure::usage(format!("key `{shown}` cannot be used: {error}")).hint(
                "give it as `name+id+base64`, or a file that holds it as @FILE, such as @data/keys/log.pub",
            )
        })?;
        if !keys.contains(&key) {
            keys.push(key);
        }
        Ok(())
    };
    for text in texts {
        let Some(path) = text.strip_prefix('@') else {
            add(text)?;
            continue;
        };
        let file = String::from_utf8_lossy(&read(Path::new(path))?).into_owned();
        let lines: Vec<_> = file.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            return Err(Failure::usage(format!("`{path}` holds no key"))
                .hint("the file should have keys as `name+id+base64`, one on each line"));
        }
        lines.into_iter().try_for_each(&mut add)?;
    }
    Ok(keys)
}

/// A file that the command line names.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::usage(format!("`{}` cannot be read: {error}", path.display()))
            .hint("check the path and that the file is yours to read")
    })
}

/// What time it is.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// How a verb ends that verified something.
pub(crate) fn exit(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::Verified => Exit::Done,
        Outcome::Altered => Exit::Failed,
        Outcome::Incomplete => Exit::Partly,
        Outcome::UnknownKey => Exit::UnknownKey,
        Outcome::Stale => Exit::Stale,
    }
}

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age {
    pub(crate) ms: u64,
}

impl FromStr for Age {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
        let parse = || {
            let (number, seconds) =
                units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))?;
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            let number: u64 = number.parse().ok().filter(|_| digits)?;
            number.checked_mul(seconds * 1_000).map(|ms| Self { ms })
        };
        parse().ok_or_else(|| "expected a number and s, m, h or d, such as 24h".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_a_number_and_a_unit() {
        let ms = |text: &str| text.parse::<Age>().map(|age| age.ms).ok();
        assert_eq!((ms("90s"), ms("30m"), ms("7d")), (Some(90_000), Some(1_800_000), Some(604_800_000)));
        for wrong in ["", "h", "24", "-1h", "+1h", "1.5h", "1w", "99999999999999999d"] {
            assert_eq!(ms(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_come_as_text_and_from_files_and_secrets_are_not_repeated() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let secret = proof::SigningKey::from_seed("witness", &[7; 32]).unwrap();
        let public = secret.verifying_key().to_string();
        std::fs::write(&path, format!("{public}\n\n  {public}\n")).unwrap();
        let file = format!("@{}", path.display());
        assert_eq!(keys(&[public, file.clone()]).unwrap(), [secret.verifying_key().clone()]);
        std::fs::write(&path, secret.to_secret_text()).unwrap();
        let failure = keys(std::slice::from_ref(&file)).unwrap_err();
        let secret = secret.to_secret_text();
        assert!(!failure.message.contains(secret.rsplit_once('+').unwrap().1), "{failure}");
        std::fs::write(&path, " \n").unwrap();
        for wrong in [file, "@/no/such/file".into(), "k".into()] {
            assert_eq!(keys(&[wrong]).unwrap_err().exit, Exit::Usage);
        }
    }
}
