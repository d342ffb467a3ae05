//! Evidence of a run, checked with nothing but its bytes and keys.

use std::path::Path;

use proof::bundle::{self, MAX_BYTES, Report};
use proof::{Outcome, Trust};
use serde::Serialize;

use crate::cli::Form;
use crate::failure::{Exit, Failure};
use crate::{output, trust};

/// A report with its verdict; `waybill-verify --json` has the same form.
#[derive(Serialize)]
struct Whole<'a> {
    outcome: Outcome,
    exit_code: u8,
    #[serde(flatten)]
    report: &'a Report,
}

pub(super) fn verify(path: &Path, trust: &Trust, form: Form) -> Result<Exit, Failure> {
    let size = std::fs::metadata(path).map_or(0, |meta| meta.len());
    if size > MAX_BYTES as u64 {
        let message = format!("`{}` has more than {MAX_BYTES} bytes", path.display());
        return Err(
            Failure::usage(message).hint("a bundle is read into memory; verify the log itself instead")
        );
    }
    let bytes = trust::read(path)?;
    let report = bundle::verify(&bytes.into(), trust).map_err(|error| {
        Failure::from(error).of(Exit::Usage).hint("a later release made it: verify it with that one")
    })?;
    let outcome = report.findings.outcome();
    let whole = Whole { outcome, exit_code: outcome.code(), report: &report };
    output::document(form, &whole, || {
        let text = report.text();
        let (verdict, rest) = text.split_once('\n').unwrap_or((&text, ""));
        format!("{}\n{rest}", output::bold(verdict, output::colours(&std::io::stdout())))
    })?;
    if outcome == Outcome::UnknownKey && form == Form::Table && trust.keys.is_empty() {
        output::print("note: give the log's key with --key, taken from elsewhere than this file")?;
    }
    Ok(trust::exit(outcome))
}
