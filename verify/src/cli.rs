//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Parser};

const AFTER_HELP: &str = "\
Exit codes:
  0  verified: nothing was altered, nothing is missing, and a key you gave vouches for it
  1  something was altered, or is no evidence at all
  2  wrong usage, a file that cannot be read, or one of a later release
  3  what is there is unaltered, but something is missing
  4  no key you gave has signed it
  5  it is older than --max-age

Without --key everything may fit together and still be somebody else's: the answer is 4. Take the
key from elsewhere than the evidence: from whoever runs the log (its file keys/log.pub), or from an
earlier check. A key that the log has changed since still counts: both keys signed the change.

Examples:
  waybill-verify run.tar --key @log.pub
  waybill-verify run.tar --key waybill/01JD…+1a2b3c4d+AQ… --max-age 24h
  waybill-verify --tiles backup/tiles --key @log.pub --json";

/// Check evidence of a Waybill log without a server and without a network
#[derive(Debug, Parser)]
#[command(name = "waybill-verify", version, after_help = AFTER_HELP, max_term_width = 110)]
#[command(arg_required_else_help = true, group = ArgGroup::new("what").required(true))]
pub(crate) struct Cli {
    /// A bundle that `waybill evidence` made
    #[arg(group = "what", value_name = "BUNDLE")]
    pub(crate) bundle: Option<PathBuf>,
    /// A whole folder of tiles instead: every event, every hash, the root, each stream's chain
    #[arg(long, group = "what", value_name = "DIR")]
    pub(crate) tiles: Option<PathBuf>,
    /// A key that counts, of the log or of a witness: its text, or @FILE with one on each line; may be repeated
    #[arg(long = "key", value_name = "KEY|@FILE")]
    pub(crate) keys: Vec<String>,
    /// Let the log's own keys count that came along: shows that the evidence is whole, not whose log it is of
    #[arg(long)]
    pub(crate) trust_bundled_key: bool,
    /// Largest age of the signed checkpoint, such as 90s, 30m, 24h or 7d
    #[arg(long, value_name = "AGE")]
    pub(crate) max_age: Option<Age>,
    /// Print the whole report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age {
    pub(crate) ms: u64,
}

/// Why a text is not an age.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a number and s, m, h or d, such as 24h")]
pub(crate) struct AgeError;

impl FromStr for Age {
    type Err = AgeError;
    fn from_str(text: &str) -> Result<Self, AgeError> {
        let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
        let (number, seconds) = units
            .iter()
            .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))
            .ok_or(AgeError)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| digits).ok_or(AgeError)?;
        number.checked_mul(seconds * 1_000).map(|ms| Self { ms }).ok_or(AgeError)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_in_order() {
        Cli::command().debug_assert();
        assert!(Cli::try_parse_from(["waybill-verify", "a.tar"]).is_ok());
        for wrong in [&["waybill-verify", "a.tar", "--tiles", "b"][..], &["waybill-verify", "--json"]] {
            assert!(Cli::try_parse_from(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_help_says_what_it_does_and_how_it_ends() {
        let help = Cli::command().term_width(100).render_help().to_string();
        expect_test::expect![[r#"
            Check evidence of a Waybill log without a server and without a network

            Usage: waybill-verify [OPTIONS] <BUNDLE|--tiles <DIR>>

            Arguments:
              [BUNDLE]  A bundle that `waybill evidence` made

            Options:
                  --tiles <DIR>        A whole folder of tiles instead: every event, every hash, the root, each
                                       stream's chain
                  --key <KEY|@FILE>    A key that counts, of the log or of a witness: its text, or @FILE with
                                       one on each line; may be repeated
                  --trust-bundled-key  Let the log's own keys count that came along: shows that the evidence is
                                       whole, not whose log it is of
                  --max-age <AGE>      Largest age of the signed checkpoint, such as 90s, 30m, 24h or 7d
                  --json               Print the whole report as JSON
              -h, --help               Print help
              -V, --version            Print version

            Exit codes:
              0  verified: nothing was altered, nothing is missing, and a key you gave vouches for it
              1  something was altered, or is no evidence at all
              2  wrong usage, a file that cannot be read, or one of a later release
              3  what is there is unaltered, but something is missing
              4  no key you gave has signed it
              5  it is older than --max-age

            Without --key everything may fit together and still be somebody else's: the answer is 4. Take the
            key from elsewhere than the evidence: from whoever runs the log (its file keys/log.pub), or from an
            earlier check. A key that the log has changed since still counts: both keys signed the change.

            Examples:
              waybill-verify run.tar --key @log.pub
              waybill-verify run.tar --key waybill/01JD…+1a2b3c4d+AQ… --max-age 24h
              waybill-verify --tiles backup/tiles --key @log.pub --json
        "#]].assert_eq(&help);
    }

    #[test]
    fn ages_have_a_number_and_a_unit() {
        let ms = |text: &str| text.parse::<Age>().map(|age| age.ms);
        assert_eq!(ms("90s"), Ok(90_000));
        assert_eq!((ms("30m"), ms("24h"), ms("7d")), (Ok(1_800_000), Ok(86_400_000), Ok(604_800_000)));
        for wrong in ["", "h", "24", "-1h", "+1h", "1.5h", "1w", "99999999999999999d"] {
            assert_eq!(ms(wrong), Err(AgeError), "{wrong}");
        }
    }
}
